//! Members whose value is issued by an answer and serves one call.

use std::time::Duration;

use super::Section;
use crate::alphabet::Alphabet;
use crate::call::Alteration;
use crate::contract::Member;
use crate::id::Level;
use crate::requirement;
use crate::sample::Deviation;
use crate::value::Value;

/// Calls with one value at the same time.
const RACERS: usize = 8;

pub(super) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(rule) = &member.rules.single_use else { return };
    let error = rule.error.name();
    let refused = format!("{} {error}", section.contract.error(error).map_or(400, |error| error.status));

    let mut cases = vec![(
        "unknown".to_owned(),
        "was never issued".to_owned(),
        Value::Text { boundaries: vec![1, 32, 128], lengths: 1..=512, alphabet: Alphabet::OneByte },
    )];
    for alteration in Alteration::ALL {
        let partition = format!("altered-{}", alteration.name());
        let about = format!("is one that was issued, {}", alteration.about());
        cases.push((partition, about, Value::Altered(alteration)));
    }
    let text =
        format!("{} is one that an answer issued: any other value is refused with {refused}.", member.name);
    section.member_requirement(member, "issued", text, member.source.clone(), cases);

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
