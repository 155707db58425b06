//! A member that stands there twice is refused if neither of its values is valid.

use super::Section;
use crate::call::Arg;
use crate::contract::Shape;
use crate::id::{Level, RequirementId};
use crate::sample::{Deviation, Twice};

pub(super) fn add(section: &mut Section<'_>) {
    let required = section.operation.body_members().find(|member| member.constraints.required);
    let Some(member) = required else { return };
    let Some(invalid) = invalid(section.contract.shape(member)) else { return };
    let arg = |text: &str| Some(Arg::Json(text.to_owned()));
    let twice = |first, second| Twice { member: member.name.clone(), first: arg(first), second: arg(second) };
    let twice = vec![twice(invalid[0], invalid[1]), twice(invalid[1], invalid[0])];
    section.requirement(
        RequirementId::new([&section.operation.name, "body", "duplicates"]),
        Level::Must,
        format!(
            "A member that stands in the body twice with invalid values is refused with {}, whichever of them counts.",
            section.refusal()
        ),
        "restJson1 › shape serialization; RFC 8259 › 4 Objects".to_owned(),
        [(
            "both-invalid".to_owned(),
            format!("{} stands there twice, each time with a wrong type", member.name),
            Deviation::Twice(twice),
        )],
    );
}

/// JSON texts of another type than the shape's, which hardly any reader converts: what becomes of
/// others is told by the cases on types.
pub(super) fn invalid(shape: &Shape) -> Option<[&'static str; 2]> {
    match shape {
        Shape::Document => None,
        Shape::List(_) | Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => Some(["true", "false"]),
        _ => Some(["{}", "{\"a\":\"b\"}"]),
    }
}
