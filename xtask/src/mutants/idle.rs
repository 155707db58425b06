//! Cases that no deviation needs: each has a reason to be there, or it goes.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wildmatch::WildMatch;

use super::Row;

/// Patterns of cases that kill no deviation, and why they stay.
const REASONS: &[(&str, &str)] = &[
    (
        "start-configuration-session/http/header-case/title",
        "the mock's HTTP library reads header names in any case, so that it cannot err here",
    ),
    (
        "*/recovery/after-*",
        "each sort of refusal leaves a trace of its own; the mock errs after seven of them",
    ),
    (
        "get-latest-configuration/sessions/isolated",
        "content that is mixed up counts against the content, which this case shows in three requests",
    ),
];

/// Sees that every case and every requirement without cases fails for some deviation whose model
/// names what it fails, or has a reason. A reason that no case needed this time is named: it may be
/// out of date, or chance has helped.
pub(super) fn check(rows: &[Row], mut ids: BTreeSet<String>) -> Result<()> {
    for row in rows {
        // Where chance decides what fails, a case that did proves nothing.
        for id in row.judged.failed.iter().filter(|_| !row.deviation.must_fail.is_empty()) {
            ids.remove(id);
        }
    }
    let reasons: Vec<_> = REASONS.iter().map(|(text, why)| (WildMatch::new(text), text, why)).collect();
    let mut unreasoned = Vec::new();
    if !ids.is_empty() {
        println!("\nNo deviation fails these:");
    }
    for id in &ids {
        if let Some((_, _, why)) = reasons.iter().find(|(pattern, ..)| pattern.matches(id)) {
            println!("    {id}: {why}");
        } else {
            println!("    {id}: NO REASON");
            unreasoned.push(id.as_str());
        }
    }
    let stale: Vec<_> = reasons
        .iter()
        .filter(|(pattern, ..)| !ids.iter().any(|id| pattern.matches(id)))
        .map(|(_, text, _)| **text)
        .collect();
    ensure!(unreasoned.is_empty(), "no deviation needs {}", unreasoned.join(", "));
    if !stale.is_empty() {
        println!("\nThese had a reason and were needed: {}", stale.join(", "));
    }
    Ok(())
}
