//! A member that stands there twice is refused if neither of its values is valid.

use super::Section;
use crate::call::Arg;
use crate::contract::{Member, Shape};
use crate::id::{Level, RequirementId};
use crate::sample::{Deviation, Twice};

pub(super) fn add(section: &mut Section<'_>) {
    let required = section.operation.body_members().find(|member| member.constraints.required);
    let Some(member) = required else { return };
    let wrong = wrong_types(section, member);
    let following = wrong.iter().skip(1).chain(&wrong);
    let twice: Vec<_> =
        wrong.iter().zip(following).map(|(first, second)| twice(member, first, second)).collect();
    if twice.is_empty() {
        return;
    }
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

/// JSON texts of other types than the member's.
pub(super) fn wrong_types(section: &Section<'_>, member: &Member) -> Vec<Arg> {
    let texts: &[&str] = match section.contract.shape(member) {
        Shape::String | Shape::Blob => &["5", "true", "[]", "{}"],
        Shape::Integer(_) | Shape::Number | Shape::Timestamp => &["\"a\"", "true", "[]", "{}"],
        Shape::Boolean => &["5", "\"a\"", "[]", "{}"],
        Shape::List(_) => &["5", "\"a\"", "true", "{}"],
        Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => &["5", "\"a\"", "true", "[]"],
        Shape::Document => &[],
    };
    texts.iter().map(|text| Arg::Json((*text).to_owned())).collect()
}

fn twice(member: &Member, first: &Arg, second: &Arg) -> Twice {
    Twice { member: member.name.clone(), first: Some(first.clone()), second: Some(second.clone()) }
}
