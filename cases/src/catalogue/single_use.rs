//! Members whose value is issued by an answer and serves one call.

use super::Section;
use crate::alphabet::Alphabet;
use crate::call::Alteration;
use crate::contract::Member;
use crate::id::Level;
use crate::requirement;
use crate::sample::Deviation;
use crate::value::Value;

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

    let again = |partition: &str, about: &str, value, later| {
        (partition.to_owned(), format!("{} {about}", member.name), Deviation::Reuse { value, later })
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
        ],
    );
}
