//! JSON texts of equal meaning are equal requests.

use super::Section;
use crate::call::Arg;
use crate::contract::Shape;
use crate::form::{Form, Writing};
use crate::id::{Level, RequirementId};
use crate::json::escaped;
use crate::sample::Deviation;
use crate::value::Value;

/// A character beyond the BMP.
const BEYOND: &str = "🚀";

pub(super) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let form = |partition: &str, about: &str, writings: &[Writing]| {
        let forms = writings.iter().copied().map(Form::Json).collect();
        (partition.to_owned(), format!("the body has {about}"), Deviation::Form(forms))
    };
    let escapes = |names, strings, upper| Writing::Escaped { names, strings, upper };
    let mut cases = vec![
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
    let text = section.operation.body_members().find(|member| {
        let constraints = &member.constraints;
        let is_free = constraints.pattern.is_none() && constraints.one_of.is_none();
        is_free && matches!(section.contract.shape(member), Shape::String)
    });
    if let Some(member) = text {
        // A few, and as many as there may be: six or twelve characters of JSON are one.
        let few = member.constraints.length.map_or(8, |length| length.min.max(8));
        let most = member.constraints.length.and_then(|length| length.max).unwrap_or(few);
        let pairs = [few.min(most), most].map(|length| Arg::Json(escaped(&BEYOND.repeat(length), false)));
        cases.push((
            "surrogate-pairs".to_owned(),
            format!("{} has characters beyond the BMP, each written as two escapes", member.name),
            Deviation::Member { name: member.name.clone(), value: Value::OneOf(pairs.to_vec()) },
        ));
    }
    section.requirement(
        RequirementId::new([&section.operation.name, "body", "encoding"]),
        Level::Must,
        "Bodies that are the same JSON value are the same request, however they write it.".to_owned(),
        "RFC 8259 › 2 JSON Grammar, 4 Objects, 7 Strings".to_owned(),
        cases,
    );
}
