//! Checks what is true of every report: each requirement that passes was tested by a response, and a complete list of
//! known failures makes the run pass, but no shorter list does. Pure.

use std::path::Path;

use harness::config::draft::draft;
use harness::config::known_failures::KnownFailures;
use reports::model::{Report, Verdict};
use reports::summary::{Outcome, outcome};

/// What is wrong with a report, if anything. Every SHOULD counts.
pub(super) fn complaint(report: &Report) -> Option<String> {
    if let Some(requirement) = report.passed_untested() {
        return Some(format!("{} passed, but no response tested it", requirement.id));
    }
    let mut report = Report { strict: true, ..report.clone() };
    if outcome(&report) != Outcome::Failed {
        return None;
    }
    let text = draft(&report, "").text.replace("reason = \"\"", "reason = \"r\"");
    let known = match KnownFailures::parse(&text, Path::new("known.toml")) {
        Ok(known) => known,
        Err(error) => return Some(error.to_string()),
    };
    known.apply(&mut report);
    let complete = outcome(&report);
    if complete != Outcome::Passed {
        let reason = first_inconclusive(&report).unwrap_or_default();
        return Some(format!("a complete list of known failures leads to {complete:?}: {reason}"));
    }
    let unneeded = (0..known.len()).find(|index| {
        known.without(*index).apply(&mut report);
        outcome(&report) != Outcome::Failed
    })?;
    Some(format!("the run passes without entry {unneeded} of the complete list of known failures"))
}

/// The first case or requirement that is inconclusive, and why.
fn first_inconclusive(report: &Report) -> Option<String> {
    let cases = report.requirements.iter().flat_map(|it| {
        let cases = it.cases.iter().map(|case| (case.id.to_string(), case.verdict, &case.reason));
        cases.chain([(it.id.to_string(), it.verdict, &it.reason)])
    });
    let mut inconclusive = cases.filter(|(_, verdict, _)| *verdict == Verdict::Inconclusive);
    inconclusive.next().map(|(id, _, reason)| format!("{id}: {}", reason.as_deref().unwrap_or_default()))
}
