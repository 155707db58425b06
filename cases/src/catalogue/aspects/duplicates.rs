//! A member that is in the body twice is refused if neither of its values is valid.

use crate::catalogue::json_types::wrong_types;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::generate::{Duplicate, DuplicateMember};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let required = section.operation.body_members().find(|member| member.constraints.required);
    let Some(member) = required else { return };
    let Some([one, other]) = wrong_types(section.contract.shape(member)) else { return };
    let duplicate = |first: &str, second: &str| Duplicate {
        member: member.name.clone(),
        first: Some(Arg::Json(first.to_owned())),
        second: Some(Arg::Json(second.to_owned())),
    };
    section.add(Entry {
        id: RequirementId::new([&section.operation.name, "body", "duplicates"]),
        level: Level::Must,
        text: format!(
            "A member that is in the body twice with invalid values is refused with {}, whichever value the server reads.",
            section.refusal()
        ),
        source: "restJson1 › shape serialization; RFC 8259 › 4 Objects".to_owned(),
        partitions: vec![Partition::new(
            "both-invalid",
            format!("{} is in the body twice, each time with a wrong type", member.name),
            DuplicateMember(vec![duplicate(one, other), duplicate(other, one)]),
        )],
    });
}
