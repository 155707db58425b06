//! JSON texts of equal value are equal requests.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::generate::OtherForm;
use crate::id::{Level, RequirementId};
use crate::protocol::{JsonStyle, MessageForm};

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let escapes = |names, strings, upper| JsonStyle::Escaped { names, strings, upper };
    section.add(Entry {
        id: RequirementId::new([&section.operation.name, "body", "encoding"]),
        level: Level::Must,
        text: "Bodies that are the same JSON value are the same request, however they are written."
            .to_owned(),
        source: "RFC 8259 › 2 JSON Grammar, 4 Objects, 7 Strings".to_owned(),
        partitions: vec![
            partition(
                "escapes",
                "names and strings of escapes such as \\u0061",
                &[
                    escapes(false, true, false),
                    escapes(false, true, true),
                    escapes(true, false, false),
                    escapes(true, true, true),
                ],
            ),
            partition(
                "white-space",
                "white space around each name and value",
                &[" ", "\n", "\t", "\r\n", "\n\n    \t"].map(JsonStyle::Spaced),
            ),
            partition(
                "member-order",
                "its members in another order",
                &[JsonStyle::Reversed, JsonStyle::Rotated],
            ),
        ],
    });
}

fn partition(id: &str, description: &str, styles: &[JsonStyle]) -> Partition {
    let forms = styles.iter().copied().map(MessageForm::Json).collect();
    Partition::new(id, format!("the body has {description}"), OtherForm(forms))
}
