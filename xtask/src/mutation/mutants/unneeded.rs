//! Cases that no mutant needs: each has a reason to stay, or is removed.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wildmatch::WildMatch;

use super::results::MutantRun;

/// Patterns of cases that kill no mutant, and why they stay.
const REASONS: &[(&str, &str)] = &[
    (
        "start-configuration-session/http/header-case/title",
        "the mock's HTTP library reads header names in any case, so that no mutant can be wrong here",
    ),
    (
        "*/recovery/after-*",
        "each kind of error may affect the next request in its own way; seven of them have a mutant",
    ),
    (
        "get-latest-configuration/sessions/isolated",
        "mixed-up content is a finding about the content, which this case shows in three requests",
    ),
];

/// Checks that every case, and every requirement without cases, fails for some mutant that has to fail
/// something, or has a reason. Prints the reasons that no case needed: they may be out of date, or the case
/// failed at random.
pub(super) fn check(runs: &[MutantRun], mut ids: BTreeSet<String>) -> Result<()> {
    for run in runs {
        // Where it is random what fails, a case that failed proves nothing.
        for id in run.comparison.failed.iter().filter(|_| !run.mutant.must_fail.is_empty()) {
            ids.remove(id);
        }
    }
    let reasons: Vec<_> = REASONS.iter().map(|(text, why)| (WildMatch::new(text), text, why)).collect();
    let mut unreasoned = Vec::new();
    if !ids.is_empty() {
        println!("\nNo mutant fails these:");
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
    ensure!(unreasoned.is_empty(), "no mutant needs {}", unreasoned.join(", "));
    if !stale.is_empty() {
        println!("\nThese had a reason and were needed: {}", stale.join(", "));
    }
    Ok(())
}
