//! JSON texts of equal meaning are equal requests.

use crate::catalogue::section::Section;
use crate::generate::Deviation;
use crate::id::{Level, RequirementId};
use crate::protocol::{Form, Writing};

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let form = |partition: &str, about: &str, writings: &[Writing]| {
        let forms = writings.iter().copied().map(Form::Json).collect();
        (partition.to_owned(), format!("the body has {about}"), Deviation::Form(forms))
    };
    let escapes = |names, strings, upper| Writing::Escaped { names, strings, upper };
    let cases = [
        form(
            "escapes",
            "names and strings of escapes such as \\u0061",
            &[
                escapes(false, true, false),
                escapes(false, true, true),
                escapes(true, false, false),
                escapes(true, true, true),
            ],
        ),
        form(
            "white-space",
            "white space around each name and value",
            &[" ", "\n", "\t", "\r\n", "\n\n    \t"].map(Writing::Spaced),
        ),
        form("member-order", "its members in another order", &[Writing::Reversed, Writing::Rotated]),
    ];
    section.requirement(
        RequirementId::new([&section.operation.name, "body", "encoding"]),
        Level::Must,
        "Bodies that are the same JSON value are the same request, however they write it.".to_owned(),
        "RFC 8259 › 2 JSON Grammar, 4 Objects, 7 Strings".to_owned(),
        cases,
    );
}
