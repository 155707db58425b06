//! `cargo xtask mutants`: lets the mock err in every way it knows, and sees that each deviation
//! fails what its model says and nothing else, and that the clean mock is accused of nothing.

mod judge;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args as ClapArgs;
use harness::cli::args::RunArgs;
use harness::cli::run::{Prepared, prepare};
use harness::cli::target::{Embedded, contract};
use harness::mock::behaviour::{Behaviour, Reference};
use harness::mock::deviation::{self, Contracts, Deviation};
use reports::report::Report;

use self::judge::{Judged, Tested};
use crate::workspace;

/// The arguments of `cargo xtask mutants`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only deviations whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The seed of every run: the models hold for any
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print everything that each deviation makes fail
    #[arg(long)]
    verbose: bool,
}

/// How one deviation fared under one contract.
struct Row {
    deviation: &'static Deviation,
    contract: &'static str,
    judged: Judged,
    requests: u64,
    seconds: f64,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(matrix(args))
}

async fn matrix(args: &Args) -> Result<()> {
    let mut accused = Vec::new();
    let mut ids = BTreeSet::new();
    for contract in ["page", "model"] {
        let report = observe(contract, Box::new(Reference), args.seed).await?;
        let tested = Tested::of(&report);
        println!(
            "{:45} {contract:6} {} requests, {:.2} s",
            "(the clean mock)", report.totals.requests, report.seconds
        );
        let failed: Vec<_> = judge::failed(&tested).collect();
        if !failed.is_empty() || report.totals.requirements.held == 0 {
            accused.push(format!("{contract}: {failed:?}"));
        }
        ids.extend(judge::most_specific(&tested));
    }
    let mut rows = Vec::new();
    for deviation in deviation::all() {
        if args.only.as_ref().is_some_and(|only| !deviation.name.contains(only.as_str())) {
            continue;
        }
        for contract in contracts(deviation) {
            let report = observe(contract, (deviation.behaviour)(), args.seed).await?;
            let judged = judge::judge(deviation.must_fail, deviation.may_fail, &Tested::of(&report));
            let requests = report.totals.requests;
            let row = Row { deviation, contract, judged, requests, seconds: report.seconds };
            print(&row, args.verbose);
            rows.push(row);
        }
    }
    if args.only.is_none() {
        print_idle(&rows, ids);
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
async fn observe(name: &'static str, behaviour: Box<dyn Behaviour>, seed: Option<u64>) -> Result<Report> {
    let folder = workspace::root().join("target/mutants");
    std::fs::create_dir_all(&folder)?;
    let mock =
        Embedded::start_with(&contract(name)?, behaviour, SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let fixtures = folder.join(format!("fixtures-{}.toml", std::process::id()));
    std::fs::write(&fixtures, &mock.fixtures)?;
    let args = RunArgs {
        target: Some(mock.url()),
        contract: Some(name.to_owned()),
        fixtures: Some(fixtures),
        seed,
        ..RunArgs::default()
    };
    let Prepared { plan, transport, limits, .. } = prepare(args).await?;
    let start = Instant::now();
    let mut report = harness::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await;
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

fn print(row: &Row, verbose: bool) {
    let judged = &row.judged;
    let verdict = match (judged.failed.is_empty(), judged.is_as_told()) {
        (true, _) => "SURVIVED",
        (false, true) => "killed",
        (false, false) => "killed, but not as its model says",
    };
    println!(
        "{:45} {:6} {:4} failures {:6} requests {:5.2} s  {verdict}",
        row.deviation.name,
        row.contract,
        judged.failed.len(),
        row.requests,
        row.seconds
    );
    for pattern in &judged.void {
        println!("    matches nothing: {pattern}");
    }
    for id in &judged.missed {
        println!("    not failed: {id}");
    }
    for id in &judged.surplus {
        println!("    not named: {id}");
    }
    if verbose {
        for id in &judged.failed {
            println!("    failed: {id}");
        }
    }
}

/// Prints what no deviation needed: cases that killed none, and excuses.
fn print_idle(rows: &[Row], mut ids: BTreeSet<String>) {
    for row in rows {
        // Where chance decides what fails, a case that did proves nothing.
        for id in row.judged.failed.iter().filter(|_| !row.deviation.must_fail.is_empty()) {
            ids.remove(id);
        }
    }
    if !ids.is_empty() {
        println!("\nNo deviation fails these:");
        for id in ids {
            println!("    {id}");
        }
    }
    let mut excuses: BTreeSet<(&str, &str)> = rows
        .iter()
        .flat_map(|row| row.deviation.may_fail.iter().map(|pattern| (row.deviation.name, *pattern)))
        .collect();
    for row in rows {
        for pattern in &row.judged.excuses {
            excuses.remove(&(row.deviation.name, *pattern));
        }
    }
    if !excuses.is_empty() {
        println!("\nThese may fail, but did not:");
        for (name, pattern) in excuses {
            println!("    {name}: {pattern}");
        }
    }
}

fn summarise(rows: &[Row], accused: &[String]) -> Result<()> {
    let of = |wanted: fn(&Judged) -> bool| -> Vec<String> {
        rows.iter()
            .filter(|row| wanted(&row.judged))
            .map(|row| format!("{} ({})", row.deviation.name, row.contract))
            .collect()
    };
    let survived = of(|judged| judged.failed.is_empty());
    let odd = of(|judged| !judged.is_as_told());
    let mut requests: Vec<_> = rows.iter().map(|row| row.requests).collect();
    requests.sort_unstable();
    println!("\n{} of {} killed.", rows.len() - survived.len(), rows.len());
    if let (Some(most), Some(slowest)) =
        (requests.last(), rows.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds)))
    {
        println!(
            "Exchanges a run: {} in the median, {most} at most. The slowest run took {:.2} s: {} ({}).",
            requests[requests.len() / 2],
            slowest.seconds,
            slowest.deviation.name,
            slowest.contract
        );
    }
    ensure!(accused.is_empty(), "the clean mock is accused: {}", accused.join("; "));
    ensure!(survived.is_empty(), "{} survived: {}", survived.len(), survived.join(", "));
    ensure!(odd.is_empty(), "{} did not fail as their models say: {}", odd.len(), odd.join(", "));
    Ok(())
}
