//! Required members have to be present; optional ones may be null.

use crate::catalogue::names;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Location, Member};
use crate::generate::ValueClass;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let in_body = member.location == Location::Body;
    if member.constraints.required && member.location != Location::Label {
        required(section, member);
    } else if in_body {
        section.add(Entry {
            id: requirement::of_member(section.operation, member, "optional"),
            level: Level::Must,
            text: format!("{} is optional, and null for it counts as absent.", member.name),
            source: "restJson1 › RestJsonServersDontSerializeNullStructureValues".to_owned(),
            partitions: vec![null(member)],
        });
    }
}

fn required(section: &mut Section<'_>, member: &Member) {
    let mut partitions = vec![Partition::of_member(member, "missing", "is missing", ValueClass::Absent)];
    let mut how = "without it";
    if member.location == Location::Body {
        partitions.push(null(member));
        how = "without it, or with null for it,";
    }
    partitions.extend(renamed(section, member));
    section.add(Entry {
        id: requirement::of_member(section.operation, member, "required"),
        level: Level::Must,
        text: format!("{} is required: a request {how} is refused with {}.", member.name, section.refusal()),
        source: format!("{} › required", member.source),
        partitions,
    });
}

fn null(member: &Member) -> Partition {
    Partition::of_member(member, "null", "is null", ValueClass::json(&["null"]))
}

/// The member under names that are nearly its own, if its location can have a member that the operation does not
/// have.
fn renamed(section: &Section<'_>, member: &Member) -> Vec<Partition> {
    let has_body = section.operation.body_members().next().is_some();
    let can_have_unknown = match &member.location {
        Location::Body => true,
        Location::Query(_) => !has_body,
        _ => false,
    };
    if !can_have_unknown {
        return Vec::new();
    }
    let own = names::name_in_message(member);
    let inputs = &section.operation.input;
    let is_unused = |name: &String| inputs.iter().all(|other| names::name_in_message(other) != name);
    let candidates = [
        ("other-letter-case", "under its name in another letter case", names::in_other_case(own)),
        ("other-name", "under a name that is nearly its own", names::misspelled(own)),
    ];
    let partitions = candidates.into_iter().filter_map(|(id, description, names)| {
        let names: Vec<_> = names.into_iter().filter(is_unused).collect();
        let description = format!("is present {description} only");
        (!names.is_empty()).then(|| Partition::of_member(member, id, description, ValueClass::Renamed(names)))
    });
    partitions.collect()
}
