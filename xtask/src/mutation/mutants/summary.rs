//! Prints the results, and decides whether they are as they should be.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::results::MutantRun;

/// A run that takes longer is reported as slow.
const SLOW: Duration = Duration::from_secs(3);

/// Prints the result of a run against a mutant.
pub(super) fn print(run: &MutantRun, verbose: bool) {
    let comparison = &run.comparison;
    let verdict = match (comparison.failed.is_empty(), comparison.is_as_expected()) {
        (true, _) => "SURVIVED",
        (false, true) => "killed",
        (false, false) => "killed, but not as its patterns say",
    };
    println!("{:45} {:6} {}  {verdict}", run.mutant.name, run.contract, run.observed);
    if let Some(complaint) = &run.complaint {
        println!("    {complaint}");
    }
    for pattern in &comparison.unmatched {
        println!("    matches nothing: {pattern}");
    }
    for id in &comparison.missed {
        println!("    passed, but must fail: {id}");
    }
    for id in &comparison.unexpected {
        println!("    failed, but matches no pattern: {id}");
    }
    if verbose {
        for id in &comparison.failed {
            println!("    failed: {id}");
        }
    }
}

/// Prints the patterns of what may fail, and did not.
pub(super) fn print_unused_patterns(runs: &[MutantRun]) {
    let mut unused: BTreeSet<(&str, &str)> = runs
        .iter()
        .flat_map(|run| run.mutant.may_fail.iter().map(|pattern| (run.mutant.name, *pattern)))
        .collect();
    for run in runs {
        for pattern in &run.comparison.used {
            unused.remove(&(run.mutant.name, *pattern));
        }
    }
    if !unused.is_empty() {
        println!("\nThese may fail, and did not:");
        for (name, pattern) in unused {
            println!("    {name}: {pattern}");
        }
    }
}

/// Fails unless every run is as it should be.
///
/// # Errors
/// A conformant server fails, a mutant survives or does not match its patterns, or a report is inconsistent.
pub(super) fn summarize(runs: &[MutantRun], failing: &[String]) -> Result<()> {
    let names = |is_listed: fn(&MutantRun) -> bool| -> Vec<String> {
        let runs = runs.iter().filter(|run| is_listed(run));
        runs.map(|run| format!("{} ({})", run.mutant.name, run.contract)).collect()
    };
    let survived = names(|run| run.comparison.failed.is_empty());
    let unexpected = names(|run| !run.comparison.is_as_expected());
    let inconsistent = names(|run| run.complaint.is_some());
    let slow = names(|run| run.observed.took > SLOW);
    if !slow.is_empty() {
        // The machine may be busy: this is a warning and no failure.
        println!("\nSlower than {} s: {}", SLOW.as_secs(), slow.join(", "));
    }
    ensure!(failing.is_empty(), "conformant servers fail: {}", failing.join("; "));
    ensure!(survived.is_empty(), "{} survived: {}", survived.len(), survived.join(", "));
    ensure!(
        inconsistent.is_empty(),
        "the reports of {} are inconsistent: {}",
        inconsistent.len(),
        inconsistent.join(", ")
    );
    ensure!(
        unexpected.is_empty(),
        "{} did not fail as their patterns say: {}",
        unexpected.len(),
        unexpected.join(", ")
    );
    Ok(())
}
