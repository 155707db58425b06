//! Required members have to be there; optional ones may be null.

use crate::catalogue::names;
use crate::catalogue::section::Section;
use crate::contract::{Location, Member};
use crate::generate::Value;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let name = &member.name;
    let in_body = member.location == Location::Body;
    let null = || ("null".to_owned(), "is null".to_owned(), Value::json(&["null"]));
    if member.constraints.required && member.location != Location::Label {
        let mut cases = vec![("missing".to_owned(), "is missing".to_owned(), Value::Absent)];
        if in_body {
            cases.push(null());
        }
        cases.extend(renamed(section, member));
        let how = if in_body { "without it, or with null for it," } else { "without it" };
        let text = format!("{name} is required: a request {how} is refused with {}.", section.refusal());
        section.member_requirement(member, "required", text, format!("{} › required", member.source), cases);
    } else if in_body {
        let text = format!("{name} is optional, and null for it counts as absent.");
        let source = "restJson1 › RestJsonServersDontSerializeNullStructureValues".to_owned();
        section.member_requirement(member, "optional", text, source, [null()]);
    }
}

/// The member under names that are nearly its own, where what the operation does not have can stand.
fn renamed(section: &Section<'_>, member: &Member) -> Vec<(String, String, Value)> {
    let has_body = section.operation.body_members().next().is_some();
    let stands = match &member.location {
        Location::Body => true,
        Location::Query(_) => !has_body,
        _ => false,
    };
    let own = names::own(member);
    let is_free = |name: &String| section.operation.input.iter().all(|other| names::own(other) != name);
    let case = |partition: &str, about: &str, names: Vec<String>| {
        let names: Vec<_> = names.into_iter().filter(is_free).collect();
        let case = (partition.to_owned(), format!("is there {about} only"), Value::Renamed(names.clone()));
        (stands && !names.is_empty()).then_some(case)
    };
    [
        case("other-letter-case", "under its name in another letter case", names::in_other_case(own)),
        case("other-name", "under a name that is nearly its own", names::misspelt(own)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
