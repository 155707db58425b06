//! Members whose value is issued by a response and can be used once.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::pattern_bounds;
use crate::catalogue::section::Section;
use crate::contract::{Contract, Location, Member};
use crate::generate::{
    AllTokensReused, Alphabet, ExpiredToken, Joining, ReusedToken, SplicedToken, TokenRace, ValueClass,
};
use crate::id::Level;
use crate::protocol::Alteration;
use crate::requirement;

/// Characters that readers of base64 may skip.
const FILLED: &[Joining] =
    &[Joining::Inside("!"), Joining::Inside("\u{200b}"), Joining::Inside("="), Joining::Around("", "!")];

/// Characters that a server may cut off or skip.
const EXTENDED: &[Joining] = &[
    Joining::Around("", "\0"),
    Joining::Around("", "\0qz"),
    Joining::Around("", ".qz"),
    Joining::Around("", ",qz"),
    Joining::Around("qz.", ""),
    Joining::Around("\"", "\""),
];

/// The number of calls with one value at the same time.
const RACING_CALLS: usize = 8;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(rule) = &member.rules.single_use else { return };
    let refusal = section.status_and_name(&rule.error, 400);
    section.add(Entry {
        id: requirement::issued(section.operation, member),
        level: Level::Must,
        text: format!(
            "{} is one that a response issued: any other value is refused with {refusal}.",
            member.name
        ),
        source: member.source.clone(),
        partitions: not_issued(section.contract, member),
    });
    add_padding(section, member);
    section.add(Entry {
        id: requirement::single_use(section.operation, member),
        level: Level::Must,
        text: format!("{} can be used once: used again, it is refused with {refusal}.", member.name),
        source: member.source.clone(),
        partitions: used_again(member),
    });
    if let Some(lifetime) = rule.lifetime {
        add_lifetime(section, member, lifetime, &refusal);
    }
    add_issued_values(section, member);
}

/// Values that no response issued.
fn not_issued(contract: &Contract, member: &Member) -> Vec<Partition> {
    let unknown = ValueClass::Text {
        boundaries: unknown_lengths(contract, member),
        lengths: 1..=512,
        alphabet: Alphabet::OneByte,
    };
    let mut partitions = vec![Partition::of_member(member, "unknown", "was never issued", unknown)];
    let mut add = |id: String, description: &str, values| {
        let description = format!("is one that was issued, {description}");
        partitions.push(Partition::of_member(member, id, description, values));
    };
    for alteration in Alteration::ALL {
        let id = format!("altered-{}", alteration.name());
        add(id, &alteration.description(), ValueClass::Altered(alteration));
    }
    for (id, description, values) in [
        ("anywhere", "any one of its characters changed", ValueClass::ChangedAnywhere),
        ("doubled", "twice", ValueClass::Joined(vec![Joining::Doubled])),
        ("halves-swapped", "its second half before its first", ValueClass::Joined(vec![Joining::Swapped])),
        ("filled", "with a character in it that base64 does not have", joined(member, FILLED)),
        ("extended", "with something before or after it", joined(member, EXTENDED)),
    ] {
        add(format!("altered-{id}"), description, values);
    }
    partitions.push(Partition::new(
        "spliced",
        format!("{} is the first half of one that was issued and the second half of another", member.name),
        SplicedToken,
    ));
    partitions
}

fn add_padding(section: &mut Section<'_>, member: &Member) {
    let alteration = Alteration::ChangePadding;
    section.add(Entry {
        id: requirement::padding(section.operation, member),
        level: Level::Must,
        text: format!(
            "A {} that decodes to the bytes of one that was issued, but is written differently, is read or refused, but does not make the server fail.",
            member.name
        ),
        source: "RFC 4648 › 3.5 Canonical Encoding; RFC 9110 › 15.6 Server Error 5xx".to_owned(),
        partitions: vec![Partition::of_member(
            member,
            "changed",
            format!("is one that was issued, {}", alteration.description()),
            ValueClass::Altered(alteration),
        )],
    });
}

fn used_again(member: &Member) -> Vec<Partition> {
    let name = &member.name;
    let reused = |id: &str, description: &str, position, calls_between| {
        let mutation = ReusedToken { position, calls_between, times: 1 };
        Partition::new(id, format!("{name} is {description}"), mutation)
    };
    let repeatedly = |id: &str, description: &str, position| {
        let mutation = ReusedToken { position, calls_between: 0, times: 5 };
        Partition::new(id, format!("{name} is {description}, used five more times"), mutation)
    };
    let race = |id: &str, description: &str, position| {
        let description = format!("{name} is {description}, used by several calls at the same time");
        Partition::new(id, description, TokenRace { position, calls: RACING_CALLS })
    };
    vec![
        reused("initial-reused", "the session's first, used a second time immediately", 0, 0),
        reused("initial-reused-later", "the session's first, used again after another call", 0, 1),
        reused("initial-reused-much-later", "the session's first, used again after four other calls", 0, 4),
        reused("next-reused", "the one of the call before, used a second time immediately", 1, 0),
        reused("next-reused-later", "the one of an earlier call, used again after another call", 1, 1),
        repeatedly("initial-reused-repeatedly", "the session's first", 0),
        repeatedly("next-reused-repeatedly", "the one of the call before", 1),
        Partition::new(
            "each-reused-again-and-again",
            format!("{name} is any that was used, after each of twelve calls"),
            AllTokensReused { calls: 12 },
        ),
        race("initial-at-once", "the session's first", 0),
        race("next-at-once", "the newest one", 1),
    ]
}

fn add_lifetime(section: &mut Section<'_>, member: &Member, lifetime: NonZeroU32, refusal: &str) {
    let name = &member.name;
    let after = Duration::from_secs(u64::from(lifetime.get()) + 1);
    section.add(Entry {
        id: requirement::lifetime(section.operation, member),
        level: Level::Must,
        text: format!(
            "{name} can be used for {lifetime} seconds at most: after that it is refused with {refusal}."
        ),
        source: member.source.clone(),
        partitions: vec![Partition::new(
            "over",
            format!("{name} is used a second after its lifetime"),
            ExpiredToken { after },
        )],
    });
}

/// Requirements that each response tests which issues a value.
fn add_issued_values(section: &mut Section<'_>, member: &Member) {
    let (operation, name) = (section.operation, &member.name);
    for (id, level, text) in [
        (
            requirement::unique(operation, member),
            Level::Must,
            format!("No two responses issue the same {name}."),
        ),
        (
            requirement::opaque(operation, member),
            Level::Should,
            format!("A {name} shows neither an identifier nor a credential, also when it is read as base64."),
        ),
        (
            requirement::unpredictable(operation, member),
            Level::Should,
            format!("A {name} does not count up from those before."),
        ),
    ] {
        section.add(Entry { id, level, text, source: member.source.clone(), partitions: Vec::new() });
    }
}

/// The joinings that the location of the member can have.
fn joined(member: &Member, joinings: &[Joining]) -> ValueClass {
    let fits = |joining: &&Joining| match &member.location {
        Location::Header(_) => joining.added().chars().all(|c| c.is_ascii_graphic()),
        Location::Label => !joining.added().contains('.'),
        _ => true,
    };
    ValueClass::Joined(joinings.iter().filter(fits).copied().collect())
}

/// The lengths of values that were never issued: short ones, and the greatest that the member and what
/// issues its values may have.
fn unknown_lengths(contract: &Contract, member: &Member) -> Vec<usize> {
    let issuers = member.rules.single_use.iter().flat_map(|rule| contract.issuers(rule));
    let issued = issuers.filter_map(|issuer| max_length(issuer.member));
    let own = max_length(member);
    let mut lengths: Vec<usize> = [1, 32, 128].into_iter().chain(issued).chain(own).collect();
    // Half of it fits into a request line of any server.
    lengths.extend(own.map(|own| own / 2));
    lengths.retain(|length| own.is_none_or(|own| *length <= own));
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

/// The greatest length of a member by its length or its pattern.
fn max_length(member: &Member) -> Option<usize> {
    let length = member.constraints.length.and_then(|length| length.max);
    length.or_else(|| pattern_bounds::max_length(member))
}
