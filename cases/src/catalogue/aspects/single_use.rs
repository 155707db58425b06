//! Members whose value is issued by an answer and serves one call.

use std::time::Duration;

use crate::catalogue::pattern_bounds::longest;
use crate::catalogue::section::Section;
use crate::contract::{Contract, Location, Member};
use crate::generate::Alphabet;
use crate::generate::Deviation;
use crate::generate::{Joining, Value};
use crate::id::Level;
use crate::protocol::Alteration;
use crate::requirement;

/// What readers of base64 may pass over.
const FILLED: &[Joining] =
    &[Joining::Inside("!"), Joining::Inside("\u{200b}"), Joining::Inside("="), Joining::Around("", "!")];

/// What a server may cut off or pass over.
const EXTENDED: &[Joining] = &[
    Joining::Around("", "\0"),
    Joining::Around("", "\0qz"),
    Joining::Around("", ".qz"),
    Joining::Around("", ",qz"),
    Joining::Around("qz.", ""),
    Joining::Around("\"", "\""),
];

/// Calls with one value at the same time.
const RACERS: usize = 8;

/// A value is one that a response issued, as it was issued.
fn add_issued(section: &mut Section<'_>, member: &Member, refused: &str) {
    let name = &member.name;
    let mut cases = vec![(
        "unknown".to_owned(),
        "was never issued".to_owned(),
        Value::Text {
            boundaries: lengths(section.contract, member),
            lengths: 1..=512,
            alphabet: Alphabet::OneByte,
        },
    )];
    for alteration in Alteration::ALL {
        let partition = format!("altered-{}", alteration.name());
        let about = format!("is one that was issued, {}", alteration.about());
        cases.push((partition, about, Value::Altered(alteration)));
    }
    for (partition, about, value) in [
        ("altered-anywhere", "any one of its characters changed", Value::ChangedAnywhere),
        ("altered-doubled", "twice", Value::Joined(vec![Joining::Doubled])),
        ("altered-halves-swapped", "its second half before its first", Value::Joined(vec![Joining::Swapped])),
        ("altered-filled", "with a character in it that base64 does not have", joined(member, FILLED)),
        ("altered-extended", "with something before or behind it", joined(member, EXTENDED)),
    ] {
        cases.push((partition.to_owned(), format!("is one that was issued, {about}"), value));
    }
    let of_value = cases.into_iter().map(|(partition, about, value)| {
        (partition, format!("{name} {about}"), Deviation::Member { name: name.clone(), value })
    });
    let spliced = (
        "spliced".to_owned(),
        format!("{name} is the first half of one that was issued and the second half of another"),
        Deviation::Spliced,
    );
    let cases: Vec<_> = of_value.chain([spliced]).collect();
    let text = format!("{name} is one that an answer issued: any other value is refused with {refused}.");
    let issued = requirement::issued(section.operation, member);
    section.requirement(issued, Level::Must, text, member.source.clone(), cases);
    section.requirement(
        requirement::padding(section.operation, member),
        Level::Must,
        format!(
            "A {name} that decodes to the bytes of one that was issued, but is written otherwise, is read or refused, but does not make the server fail."
        ),
        "RFC 4648 › 3.5 Canonical Encoding; RFC 9110 › 15.6 Server Error 5xx".to_owned(),
        [(
            "changed".to_owned(),
            format!("{name} is one that was issued, {}", Alteration::ChangePadding.about()),
            Deviation::Member { name: name.clone(), value: Value::Altered(Alteration::ChangePadding) },
        )],
    );
}

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(rule) = &member.rules.single_use else { return };
    let error = rule.error.name();
    let refused = format!("{} {error}", section.contract.error(error).map_or(400, |error| error.status));

    add_issued(section, member, &refused);

    let name = &member.name;
    let case = |partition: &str, about: &str, deviation| {
        (partition.to_owned(), format!("{name} {about}"), deviation)
    };
    let again = |partition: &str, about: &str, value, later| {
        case(partition, about, Deviation::Reuse { value, later, times: 1 })
    };
    let repeatedly = |partition: &str, about: &str, value| {
        case(partition, about, Deviation::Reuse { value, later: 0, times: 5 })
    };
    let race = |partition: &str, about: &str, value| {
        case(partition, about, Deviation::Race { value, calls: RACERS })
    };
    section.requirement(
        requirement::single_use(section.operation, member),
        Level::Must,
        format!("{} serves one call: used again, it is refused with {refused}.", member.name),
        member.source.clone(),
        [
            again("initial-reused", "is the session's first, used a second time at once", 0, 0),
            again("initial-reused-later", "is the session's first, used again after a further call", 0, 1),
            again(
                "initial-reused-much-later",
                "is the session's first, used again after four further calls",
                0,
                4,
            ),
            again("next-reused", "is the one of the call before, used a second time at once", 1, 0),
            again(
                "next-reused-later",
                "is the one of an earlier call, used again after a further call",
                1,
                1,
            ),
            repeatedly("initial-reused-repeatedly", "is the session's first, used five more times", 0),
            repeatedly("next-reused-repeatedly", "is the one of the call before, used five more times", 1),
            case(
                "each-reused-again-and-again",
                "is any that was used, after each of twelve calls",
                Deviation::EachAgain { calls: 12 },
            ),
            race("initial-at-once", "is the session's first, used by several calls at the same time", 0),
            race("next-at-once", "is the newest one, used by several calls at the same time", 1),
        ],
    );

    if let Some(lifetime) = rule.lifetime {
        let after = Duration::from_secs(u64::from(lifetime.get()) + 1);
        section.requirement(
            requirement::lifetime(section.operation, member),
            Level::Must,
            format!(
                "{name} can be used for {lifetime} seconds at most: after that it is refused with {refused}."
            ),
            member.source.clone(),
            [case("over", "is used a second after its lifetime", Deviation::Expired { after })],
        );
    }
    // Each answer that issues a value is a test of these.
    let operation = section.operation;
    let mut of_each_value = |id, level, text| section.requirement(id, level, text, member.source.clone(), []);
    of_each_value(
        requirement::unique(operation, member),
        Level::Must,
        format!("No two answers issue the same {name}."),
    );
    of_each_value(
        requirement::opaque(operation, member),
        Level::Should,
        format!("A {name} shows neither an identifier nor a credential, also when it is read as base64."),
    );
    of_each_value(
        requirement::unpredictable(operation, member),
        Level::Should,
        format!("A {name} does not count up from those before."),
    );
}

/// Those that can stand where the member stands.
fn joined(member: &Member, joinings: &[Joining]) -> Value {
    let fits = |joining: &&Joining| match &member.location {
        Location::Header(_) => joining.added().chars().all(|c| c.is_ascii_graphic()),
        Location::Label => !joining.added().contains('.'),
        _ => true,
    };
    Value::Joined(joinings.iter().filter(fits).copied().collect())
}

/// The lengths of values that were never issued: short ones, and the greatest that the member and what
/// issues its values may have.
fn lengths(contract: &Contract, member: &Member) -> Vec<usize> {
    let greatest =
        |member: &Member| member.constraints.length.and_then(|length| length.max).or_else(|| longest(member));
    let issuers = member.rules.single_use.iter().flat_map(|rule| contract.issuers(rule));
    let issued = issuers.filter_map(|issuer| greatest(issuer.member));
    let own = greatest(member);
    let mut lengths: Vec<usize> = [1, 32, 128].into_iter().chain(issued).chain(own).collect();
    // Half of it fits into a request line of any server.
    lengths.extend(own.map(|own| own / 2));
    lengths.retain(|length| own.is_none_or(|own| *length <= own));
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}
