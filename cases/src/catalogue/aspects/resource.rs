//! Members that name a resource: one that does not exist is not found.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Identifies, Member};
use crate::generate::{Alphabet, ForeignResource, NearMissClass, NearMissKind, ValueClass};
use crate::id::Level;
use crate::requirement;

/// The lengths of unknown names: neither short nor long, since the cases on length test those.
const MIN_LENGTH: usize = 8;
const MAX_LENGTH: usize = 15;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(rule) = &member.rules.identifies else { return };
    let refusal = section.status_and_name(&rule.error, 404);
    section.add(Entry {
        id: requirement::resource(section.operation, member),
        level: Level::Must,
        text: format!(
            "{} is the id or the name of an existing {}: an unknown one is refused with {refusal}.",
            member.name, rule.resource
        ),
        source: member.source.clone(),
        partitions: unknown(member).into_iter().chain(near_misses(member)).collect(),
    });
    if let Some(within) = &rule.within {
        section.add(Entry {
            id: requirement::nesting(section.operation, member),
            level: Level::Must,
            text: format!(
                "The {} that {} names lies within the {within} of the request: one of another {within} is refused with {refusal}.",
                rule.resource, member.name
            ),
            source: member.source.clone(),
            partitions: vec![foreign(member, rule, within)],
        });
    }
}

fn unknown(member: &Member) -> Vec<Partition> {
    let max = member.constraints.length.and_then(|length| length.max).unwrap_or(MAX_LENGTH).min(MAX_LENGTH);
    let min = MIN_LENGTH.min(max);
    let alphabets = Alphabet::SETS.into_iter().filter(|alphabet| alphabet.fits(&member.location));
    vec![
        Partition::of_member(
            member,
            "unknown-id",
            "has the form of an id, but of none that exists",
            ValueClass::Id,
        ),
        Partition::of_member(
            member,
            "unknown-name",
            "has the form of a name, but of none that exists",
            ValueClass::Grid {
                boundaries: vec![min, max],
                lengths: min..=max,
                alphabets: alphabets.collect(),
            },
        ),
        Partition::of_member(
            member,
            "surrounding-blanks",
            "names a resource, but for blanks around it",
            ValueClass::Padded,
        ),
    ]
}

fn near_misses(member: &Member) -> impl Iterator<Item = Partition> {
    NearMissKind::ALL.into_iter().map(|kind| {
        let description = format!("{} {}", member.name, kind.description());
        Partition::new(kind.name(), description, NearMissClass { member: member.clone(), kind })
    })
}

fn foreign(member: &Member, rule: &Identifies, within: &str) -> Partition {
    Partition::new(
        format!("of-another-{within}"),
        format!("{} is the id of a {} that lies elsewhere", member.name, rule.resource),
        ForeignResource { member: member.name.clone() },
    )
}
