//! Ledgers: what applies to a report leaves its verdicts alone, and the draft below a ledger is a ledger
//! once its reasons are given.

use std::path::Path;
use std::sync::LazyLock;

use boundstone::ledger::{Ledger, draft};
use reports::report::{Finding, Report};

use super::shows_safely;

static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let text = include_str!("../../reports/tests/versions/1-first-violated.json");
    reports::json::parse(text).expect("it was written by boundstone")
});

/// Reads a ledger, applies it, and drafts the next.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = Path::new("ledger.toml");
    let ledger = match Ledger::parse(text, path) {
        Ok(ledger) => ledger,
        Err(error) => return shows_safely(&error),
    };
    let mut report = REPORT.clone();
    ledger.apply(&mut report);
    let verdicts = |report: &Report| -> Vec<_> { report.requirements.iter().map(|it| it.verdict).collect() };
    assert_eq!(verdicts(&report), verdicts(&REPORT));
    let mut again = report.clone();
    ledger.apply(&mut again);
    assert_eq!(again, report, "to apply it twice is to apply it once");

    let draft = draft(&report, text);
    let (own, added) = draft.text.split_at(text.len());
    assert_eq!(own, text, "what is there stays as it is");
    let given = format!("{own}{}", added.replace("reason = \"\"", "reason = \"known\""));
    let whole = Ledger::parse(&given, path).expect("a draft is a ledger once its reasons are given");
    let mut covered = REPORT.clone();
    whole.apply(&mut covered);
    assert_eq!(covered.ledger.len(), report.ledger.len() + draft.entries);
    let mut findings = covered.requirements.iter().flat_map(|it| &it.findings);
    assert!(findings.all(Finding::is_known), "a draft covers everything");
}
