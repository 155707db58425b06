//! Members that name a resource: one that does not exist is not found.

use crate::catalogue::section::Section;
use crate::contract::Member;
use crate::generate::Alphabet;
use crate::generate::Deviation;
use crate::generate::Value;
use crate::generate::{Kind, Near};
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(rule) = &member.rules.identifies else { return };
    // Neither short nor long: the length has cases of its own, which tell who counts it wrongly.
    let max = member.constraints.length.and_then(|length| length.max).unwrap_or(15).min(15);
    let shortest = 8.min(max);
    let cases = vec![
        ("unknown-id".to_owned(), "has the form of an id, but of none that exists".to_owned(), Value::Id),
        (
            "unknown-name".to_owned(),
            "has the form of a name, but of none that exists".to_owned(),
            Value::Grid {
                boundaries: vec![shortest, max],
                lengths: shortest..=max,
                alphabets: Alphabet::SETS
                    .into_iter()
                    .filter(|alphabet| alphabet.fits(&member.location))
                    .collect(),
            },
        ),
        (
            "surrounding-blanks".to_owned(),
            "names a resource, but for blanks around it".to_owned(),
            Value::Padded,
        ),
    ];
    let name = &member.name;
    let unknown = cases.into_iter().map(|(partition, about, value)| {
        (partition, format!("{name} {about}"), Deviation::Member { name: name.clone(), value })
    });
    let near = Kind::ALL.into_iter().map(|kind| {
        let near = Near { member: member.clone(), kind };
        (kind.name().to_owned(), format!("{name} {}", kind.about()), Deviation::Near(near))
    });
    let error = rule.error.name();
    let status = section.contract.error(error).map_or(404, |error| error.status);
    let text = format!(
        "{} is the id or the name of an existing {}: an unknown one is answered with {status} {error}.",
        member.name, rule.resource
    );
    let id = requirement::resource(section.operation, member);
    let cases: Vec<_> = unknown.chain(near).collect();
    section.requirement(id, Level::Must, text, member.source.clone(), cases);

    if let Some(within) = &rule.within {
        section.requirement(
            requirement::nesting(section.operation, member),
            Level::Must,
            format!(
                "The {} that {name} names lies within the {within} of the request: one of another {within} is answered with {status} {error}.",
                rule.resource
            ),
            member.source.clone(),
            [(
                format!("of-another-{within}"),
                format!("{name} is the id of a {} that lies elsewhere", rule.resource),
                Deviation::Foreign { member: name.clone() },
            )],
        );
    }
}
