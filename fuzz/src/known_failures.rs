//! Known failures: what applies to a report leaves its verdicts alone, and a draft is a list of known
//! failures once its reasons are given.

use std::path::Path;
use std::sync::LazyLock;

use boundstone::config::draft::draft;
use boundstone::config::known_failures::KnownFailures;
use reports::model::{Finding, Report};

use super::display::shows_safely;

static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let text = include_str!("../fixtures/report.json");
    reports::render::json::parse(text).expect("it was written by boundstone")
});

/// Reads known failures, applies it, and drafts the next.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = Path::new("known.toml");
    let known = match KnownFailures::parse(text, path) {
        Ok(known) => known,
        Err(error) => return shows_safely(&error),
    };
    let mut report = REPORT.clone();
    known.apply(&mut report);
    let verdicts = |report: &Report| -> Vec<_> { report.requirements.iter().map(|it| it.verdict).collect() };
    assert_eq!(verdicts(&report), verdicts(&REPORT));
    let mut again = report.clone();
    known.apply(&mut again);
    assert_eq!(again, report, "to apply it twice is to apply it once");

    let draft = draft(&report, text);
    let (own, added) = draft.text.split_at(text.len());
    assert_eq!(own, text, "what is there stays as it is");
    let given = format!("{own}{}", added.replace("reason = \"\"", "reason = \"known\""));
    let whole = KnownFailures::parse(&given, path).expect("a draft can be read once its reasons are given");
    let mut covered = REPORT.clone();
    whole.apply(&mut covered);
    assert_eq!(covered.known_failures.len(), report.known_failures.len() + draft.entries);
    let mut findings = covered.requirements.iter().flat_map(|it| &it.findings);
    assert!(findings.all(Finding::is_known), "a draft covers everything");
}
