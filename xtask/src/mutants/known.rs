//! Holds a report to what is true of every report: nothing passes unseen, and a complete list of known
//! failures makes the run pass, as long as each entry is in it. Pure.

use std::path::Path;

use harness::config::draft::draft;
use harness::config::known_failures::KnownFailures;
use reports::model::{Report, Verdict};
use reports::summary::{Outcome, outcome};

/// What is wrong with a report, if anything is. Every SHOULD counts.
pub(super) fn complaint(report: &Report) -> Option<String> {
    if let Some(requirement) = report.passed_untested() {
        return Some(format!("{} passes unseen", requirement.id));
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
    let mut comes_to = |known: &KnownFailures| {
        known.apply(&mut report);
        (outcome(&report), open(&report))
    };
    let (whole, open) = comes_to(&known);
    if whole != Outcome::Passed {
        return Some(format!("a complete list leaves {whole:?}: {}", open.unwrap_or_default()));
    }
    let idle = (0..known.len()).find(|index| comes_to(&known.without(*index)).0 != Outcome::Failed)?;
    Some(format!("entry {idle} of the complete list is one too many"))
}

/// The first that is open, and why.
fn open(report: &Report) -> Option<String> {
    let cases = report.requirements.iter().flat_map(|it| {
        let cases = it.cases.iter().map(|case| (case.id.to_string(), case.verdict, &case.reason));
        cases.chain([(it.id.to_string(), it.verdict, &it.reason)])
    });
    let mut open = cases.filter(|(_, verdict, _)| *verdict == Verdict::Inconclusive);
    open.next().map(|(id, _, reason)| format!("{id}: {}", reason.as_deref().unwrap_or_default()))
}
