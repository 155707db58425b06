//! Members that have one of a set of values.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::Member;
use crate::generate::{Alphabet, ValueClass};
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(values) = &member.constraints.one_of else { return };
    let texts: Vec<&str> = values.iter().map(String::as_str).collect();
    let longer = values.iter().map(String::len).max().unwrap_or(0) + 1;
    section.add(Entry {
        id: requirement::of_member(section.operation, member, "enum"),
        level: Level::Must,
        text: format!(
            "{} is one of {}: any other value is refused with {}.",
            member.name,
            values.join(", "),
            section.refusal()
        ),
        source: format!("{} › enum", member.source),
        partitions: vec![
            Partition::of_member(member, "member", "is one of its values", ValueClass::texts(&texts)),
            Partition::of_member(
                member,
                "other",
                "is none of its values",
                ValueClass::of_length(longer, Alphabet::OneByte),
            ),
        ],
    });
}
