//! Members that name a resource: one that does not exist is not found.

use super::Section;
use crate::alphabet::Alphabet;
use crate::contract::Member;
use crate::value::Value;

pub(super) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(rule) = &member.rules.identifies else { return };
    let max = member.constraints.length.and_then(|length| length.max).unwrap_or(64);
    let shortest = 8.min(max);
    let cases = vec![
        ("unknown-id".to_owned(), "has the form of an id, but of none that exists".to_owned(), Value::Id),
        (
            "unknown-name".to_owned(),
            "has the form of a name, but of none that exists".to_owned(),
            Value::Text {
                boundaries: vec![shortest, 32.min(max)],
                lengths: shortest..=max,
                alphabet: Alphabet::Any,
            },
        ),
    ];
    let error = rule.error.name();
    let status = section.contract.error(error).map_or(404, |error| error.status);
    let text = format!(
        "{} is the id or the name of an existing {}: an unknown one is answered with {status} {error}.",
        member.name, rule.resource
    );
    section.member_requirement(member, "resource", text, member.source.clone(), cases);
}
