//! A session that asked for an interval between calls is held to it.

use super::Section;
use crate::id::Level;
use crate::requirement;
use crate::sample::Deviation;

pub(super) fn add(section: &mut Section<'_>) {
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
    let deviation = Deviation::Early { member: member.name.clone(), seconds };
    section.requirement(
        requirement::minimum_interval(operation, member),
        Level::Must,
        format!(
            "A call that comes sooner than the {} of its session is refused with {status} {error}.",
            member.name
        ),
        member.source.clone(),
        [("early".to_owned(), "the second call comes at once".to_owned(), deviation)],
    );
}
