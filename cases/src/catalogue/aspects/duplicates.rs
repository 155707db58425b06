//! A member that stands there twice is refused if neither of its values is valid.

use crate::catalogue::json_types::invalid;
use crate::catalogue::section::Section;
use crate::generate::{Deviation, Twice};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
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
