//! The interval between calls that a session requests is enforced.

use std::time::Duration;

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::MinimumInterval;
use crate::generate::RequestedInterval;
use crate::id::Level;
use crate::requirement;

/// The longest interval, in seconds, if the contract has no limit.
const DEFAULT_MAX_SECONDS: i64 = 86_400;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let Some((_, single_use)) = operation.single_use() else { return };
    let Some(issuer) = section.contract.issuers(single_use).next() else { return };
    let is_own = |rule: &&MinimumInterval| rule.between.name() == operation.name;
    let requesting = issuer
        .operation
        .input
        .iter()
        .find_map(|member| Some((member, member.rules.minimum_interval.as_ref().filter(is_own)?)));
    let Some((member, rule)) = requesting else { return };
    // The second call comes before the longest interval is over, however slow the target is.
    let longest = member.constraints.range.and_then(|range| range.max).unwrap_or(DEFAULT_MAX_SECONDS);
    let shortest = member.constraints.range.and_then(|range| range.min).unwrap_or(1);
    // A second more, since a target may count whole ones.
    let over = Duration::from_secs(shortest.unsigned_abs() + 1);
    let partition = |id: &str, description: &str, seconds, calls| {
        Partition::new(id, description, RequestedInterval { member: member.name.clone(), seconds, calls })
    };
    section.add(Entry {
        id: requirement::minimum_interval(operation, member),
        level: Level::Must,
        text: format!(
            "A call that comes sooner after the one before than the {} of its session is refused with {}, any other one is not.",
            member.name,
            section.status_and_name(&rule.error, 400)
        ),
        source: member.source.clone(),
        partitions: vec![
            partition("early", "the second call comes immediately", longest, vec![Duration::ZERO; 2]),
            partition(
                "first-at-once",
                "the first call comes immediately, which is not too soon",
                longest,
                vec![Duration::ZERO],
            ),
            partition(
                "in-time",
                "the second call comes when the interval is over",
                shortest,
                vec![Duration::ZERO, over],
            ),
        ],
    });
}
