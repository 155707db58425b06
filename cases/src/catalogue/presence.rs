//! Required members have to be there; optional ones may be null.

use super::Section;
use crate::contract::{Location, Member};
use crate::value::Value;

pub(super) fn add(section: &mut Section<'_>, member: &Member) {
    let name = &member.name;
    let in_body = member.location == Location::Body;
    let null = || ("null".to_owned(), "is null".to_owned(), Value::json(&["null"]));
    if member.constraints.required && member.location != Location::Label {
        let mut cases = vec![("missing".to_owned(), "is missing".to_owned(), Value::Absent)];
        if in_body {
            cases.push(null());
        }
        let how = if in_body { "without it, or with null for it," } else { "without it" };
        let text = format!("{name} is required: a request {how} is refused with {}.", section.refusal());
        section.member_requirement(member, "required", text, format!("{} › required", member.source), cases);
    } else if in_body {
        let text = format!("{name} is optional, and null for it counts as absent.");
        let source = "restJson1 › RestJsonServersDontSerializeNullStructureValues".to_owned();
        section.member_requirement(member, "optional", text, source, [null()]);
    }
}
