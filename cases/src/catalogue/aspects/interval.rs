//! A session that asked for an interval between calls is held to it.

use std::time::Duration;

use crate::catalogue::section::Section;
use crate::generate::Deviation;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let Some((_, single_use)) = operation.single_use() else { return };
    let Some(issuer) = section.contract.issuers(single_use).next() else { return };
    let asks = issuer.operation.input.iter().find_map(|member| {
        let rule =
            member.rules.minimum_interval.as_ref().filter(|rule| rule.between.name() == operation.name)?;
        Some((member, rule))
    });
    let Some((member, rule)) = asks else { return };
    let error = rule.error.name();
    let status = section.contract.error(error).map_or(400, |error| error.status);
    // The longest interval is not over by the second call, however slow the target is.
    let seconds = member.constraints.range.and_then(|range| range.max).unwrap_or(86_400);
    let least = member.constraints.range.and_then(|range| range.min).unwrap_or(1);
    // A second more, since a target may count whole ones.
    let over = Duration::from_secs(least.unsigned_abs() + 1);
    let case = |partition: &str, about: &str, seconds, calls| {
        let deviation = Deviation::Timed { member: member.name.clone(), seconds, calls };
        (partition.to_owned(), about.to_owned(), deviation)
    };
    section.requirement(
        requirement::minimum_interval(operation, member),
        Level::Must,
        format!(
            "A call that comes sooner after the one before than the {} of its session is refused with {status} {error}, any other one is not.",
            member.name
        ),
        member.source.clone(),
        [
            case("early", "the second call comes at once", seconds, vec![Duration::ZERO; 2]),
            case("first-at-once", "the first call comes at once, which is not too soon", seconds, vec![Duration::ZERO]),
            case("in-time", "the second call comes when the interval is over", least, vec![Duration::ZERO, over]),
        ],
    );
}
