//! `cargo xtask mutants`: lets the mock err in every way it knows, and sees that each deviation is
//! noticed by the cases that its model names, by no others, and that the clean mock is accused of
//! nothing.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args as ClapArgs;
use harness::cli::args::RunArgs;
use harness::cli::run::{Prepared, prepare};
use harness::cli::target::{Embedded, contract};
use harness::mock::behaviour::{Behaviour, Reference};
use harness::mock::deviation::{self, Contracts, Deviation, matches};
use reports::report::{Report, Verdict};

use crate::workspace;

/// The arguments of `cargo xtask mutants`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only deviations whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Print everything that each deviation makes fail
    #[arg(long)]
    verbose: bool,
}

/// How one deviation fared under one contract.
struct Row {
    name: &'static str,
    contract: &'static str,
    failed: BTreeSet<String>,
    /// Patterns of the model that no failure matches.
    missed: Vec<&'static str>,
    /// Failures that the model does not name.
    surplus: Vec<String>,
    requests: u64,
    seconds: f64,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(matrix(args))
}

async fn matrix(args: &Args) -> Result<()> {
    let mut accused = Vec::new();
    for contract in ["page", "model"] {
        let report = judge(contract, Box::new(Reference)).await?;
        let failed = failures(&report);
        println!(
            "{:45} {contract:6} {} requests, {:.2} s",
            "(the clean mock)", report.totals.requests, report.seconds
        );
        if !failed.is_empty() || report.totals.requirements.held == 0 {
            accused.push(format!("{contract}: {failed:?}"));
        }
    }
    let mut rows = Vec::new();
    for deviation in deviation::all() {
        if args.only.as_ref().is_some_and(|only| !deviation.name.contains(only.as_str())) {
            continue;
        }
        for contract in contracts(deviation) {
            let report = judge(contract, (deviation.behaviour)()).await?;
            let row = row(deviation, contract, &report);
            print(&row, args.verbose);
            rows.push(row);
        }
    }
    summarise(&rows, &accused)
}

fn contracts(deviation: &Deviation) -> &'static [&'static str] {
    match deviation.contracts {
        Contracts::Both => &["page", "model"],
        Contracts::Page => &["page"],
        Contracts::Model => &["model"],
    }
}

/// Runs boundstone at its default settings against the mock with a behaviour.
async fn judge(name: &'static str, behaviour: Box<dyn Behaviour>) -> Result<Report> {
    let folder = workspace::root().join("target/mutants");
    std::fs::create_dir_all(&folder)?;
    let mock =
        Embedded::start_with(&contract(name)?, behaviour, SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let fixtures = folder.join("fixtures.toml");
    std::fs::write(&fixtures, &mock.fixtures)?;
    let args = RunArgs {
        target: Some(mock.url()),
        contract: Some(name.to_owned()),
        fixtures: Some(fixtures),
        ..RunArgs::default()
    };
    let Prepared { plan, transport, limits, .. } = prepare(args).await?;
    let start = Instant::now();
    let mut report = harness::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await;
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// The requirements and cases that are violated or unstable.
fn failures(report: &Report) -> BTreeSet<String> {
    let bad = |verdict: Verdict| matches!(verdict, Verdict::Violated | Verdict::Unstable);
    let mut failed = BTreeSet::new();
    for requirement in &report.requirements {
        if bad(requirement.verdict) {
            failed.insert(requirement.id.to_string());
        }
        failed.extend(
            requirement.cases.iter().filter(|case| bad(case.verdict)).map(|case| case.id.to_string()),
        );
    }
    failed
}

fn row(deviation: &'static Deviation, contract: &'static str, report: &Report) -> Row {
    let failed = failures(report);
    let missed = deviation.must_fail.iter().filter(|pattern| !failed.iter().any(|id| matches(pattern, id)));
    let named = |id: &str| {
        deviation.must_fail.iter().chain(deviation.may_fail).any(|pattern| {
            // A requirement fails with its cases.
            matches(pattern, id)
                || Path::new(pattern).parent().is_some_and(|parent| matches(&parent.to_string_lossy(), id))
        })
    };
    Row {
        name: deviation.name,
        contract,
        missed: missed.copied().collect(),
        surplus: failed.iter().filter(|id| !named(id)).cloned().collect(),
        failed,
        requests: report.totals.requests,
        seconds: report.seconds,
    }
}

fn print(row: &Row, verbose: bool) {
    let verdict = match (row.failed.is_empty(), row.missed.is_empty() && row.surplus.is_empty()) {
        (true, _) => "SURVIVED",
        (false, true) => "killed",
        (false, false) => "killed, but not as its model says",
    };
    println!(
        "{:45} {:6} {:4} failures {:6} requests {:5.2} s  {verdict}",
        row.name,
        row.contract,
        row.failed.len(),
        row.requests,
        row.seconds
    );
    for pattern in &row.missed {
        println!("    not failed: {pattern}");
    }
    for id in &row.surplus {
        println!("    not named: {id}");
    }
    if verbose {
        for id in &row.failed {
            println!("    failed: {id}");
        }
    }
}

fn summarise(rows: &[Row], accused: &[String]) -> Result<()> {
    let survived: Vec<_> = rows.iter().filter(|row| row.failed.is_empty()).map(|row| row.name).collect();
    let odd: Vec<_> = rows
        .iter()
        .filter(|row| !row.missed.is_empty() || !row.surplus.is_empty())
        .map(|row| format!("{} ({})", row.name, row.contract))
        .collect();
    let slowest = rows.iter().map(|row| row.seconds).fold(0.0, f64::max);
    println!(
        "\n{} of {} killed, the slowest run took {slowest:.2} s.",
        rows.len() - survived.len(),
        rows.len()
    );
    ensure!(accused.is_empty(), "the clean mock is accused: {}", accused.join("; "));
    ensure!(survived.is_empty(), "{} survived: {}", survived.len(), survived.join(", "));
    ensure!(odd.is_empty(), "{} did not fail as their models say: {}", odd.len(), odd.join(", "));
    Ok(())
}
