//! `cargo xtask mutants`: the proof of boundstone's power. The mock errs in every way it knows, and
//! each deviation has to fail what its model says and nothing else; it is unusual in every way it
//! knows, and nobody may be accused for that.

mod idle;
mod judge;
mod known;
mod observe;
mod table;

use std::collections::BTreeSet;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args as ClapArgs;
use harness::mock::Serving;
use harness::mock::deviation;
use harness::mock::deviation::Deviation;
use harness::mock::named::Contracts;
use harness::mock::variant;
use harness::mock::variant::Variant;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::judge::{Judged, Tested};
use self::observe::{Observed, Way, observe};

/// A run that takes longer is too slow to be called an answer in seconds.
const SLOW: Duration = Duration::from_secs(3);

/// How often a deviation that does not fail as its model says is tried again.
const AGAIN: usize = 2;

/// Variants that are tried at the same time: some of them wait more than they compute.
const VARIANTS_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(11);

/// The arguments of `cargo xtask mutants`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only deviations and variants whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The seed of every deviation's run: the models hold for any
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many seeds each conformant variant is tried with
    #[arg(long, value_name = "N", default_value = "2")]
    seeds: NonZeroU64,
    /// The most requests of each run: says how much is seen with so few, and holds no deviation to its model
    #[arg(long, value_name = "N")]
    max_requests: Option<NonZeroU64>,
    /// How many deviations are tried at the same time; times are comparable with one only
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Try each deviation and variant under one of its contracts only, the one after the other
    #[arg(long)]
    one_contract: bool,
    /// Print everything that each deviation makes fail
    #[arg(long)]
    verbose: bool,
    /// Wait for time to pass, as at a real endpoint, and do not set the clock of the mock
    #[arg(long, requires = "only")]
    real_time: bool,
}

impl Args {
    fn way(&self, seed: u64, strict: bool) -> Way {
        Way { seed, strict, max_requests: self.max_requests, real_time: self.real_time }
    }
}

/// How one deviation fared under one contract.
struct Row {
    deviation: &'static Deviation,
    contract: &'static str,
    judged: Judged,
    /// What is wrong with the report itself, if anything is.
    complaint: Option<String>,
    observed: Observed,
}

impl Row {
    fn of(deviation: &'static Deviation, contract: &'static str, observed: Observed) -> Self {
        let judged = judge::judge(deviation.must_fail, deviation.may_fail, &Tested::of(&observed.report));
        let complaint = known::complaint(&observed.report);
        Self { deviation, contract, judged, complaint, observed }
    }
}

/// How one conformant variant fared.
struct Tried {
    variant: &'static Variant,
    contract: &'static str,
    seed: u64,
    observed: Observed,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(prove(args))
}

async fn prove(args: &Args) -> Result<()> {
    let wanted = |name: &str| args.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut ids = BTreeSet::new();
    let mut accused = Vec::new();
    for contract in ["page", "model"] {
        let observed = observe(contract, Serving::default(), args.way(args.seed, true)).await?;
        println!("{:45} {contract:6} {observed}", "(the clean mock)");
        if !observed.is_held() {
            accused.push(format!("the clean mock ({contract}): {}", observed.complaint()));
        }
        ids.extend(judge::most_specific(&Tested::of(&observed.report)));
    }
    let deviations = deviations(args, deviation::all().filter(|deviation| wanted(deviation.name)));
    let rows = Box::pin(deviations).await?;
    let tried = variants(args, variant::all().filter(|variant| wanted(variant.name))).await?;
    for Tried { variant, contract, seed, observed } in &tried {
        if !observed.is_held() {
            println!("{:45} {contract:6} seed {seed}: ACCUSED: {}", variant.name, observed.complaint());
            accused.push(format!("{} ({contract}, seed {seed})", variant.name));
        }
    }
    println!("\n{}", table::render(&rows, &tried));
    if let Some(most) = args.max_requests {
        let killed = rows.iter().filter(|row| !row.judged.failed.is_empty()).count();
        println!("\nWith {most} requests: {killed} of {} killed.", rows.len());
        ensure!(accused.is_empty(), "conformant servers are accused: {}", accused.join("; "));
        return Ok(());
    }
    if args.only.is_none() && !args.one_contract {
        print_unused_excuses(&rows);
        idle::check(&rows, ids)?;
    }
    summarise(&rows, &accused)
}

/// The contracts under which the deviation or variant at this place of its list is tried.
fn contracts(args: &Args, place: usize, contracts: Contracts) -> &'static [&'static str] {
    let names = contracts.names();
    let one = place % names.len();
    if args.one_contract { &names[one..=one] } else { names }
}

/// Lets the mock err in each of these ways.
async fn deviations(args: &Args, deviations: impl Iterator<Item = &'static Deviation>) -> Result<Vec<Row>> {
    let runs = deviations.enumerate().flat_map(|(place, deviation)| {
        contracts(args, place, deviation.contracts).iter().map(move |contract| (deviation, *contract))
    });
    let way = args.way(args.seed, false);
    let observed = side_by_side(args.jobs, runs.collect(), move |(deviation, contract)| async move {
        observe(contract, deviation.serving(), way).await
    });
    let mut rows = Vec::new();
    for ((deviation, contract), first) in observed.await? {
        let mut row = Row::of(deviation, contract, first);
        // Some faults come by chance. What a model says has to come true soon, and by itself.
        for again in 0..AGAIN {
            if row.judged.is_as_told() || args.max_requests.is_some() {
                break;
            }
            print(&row, args.verbose);
            println!("    again, {} of {AGAIN}:", again + 1);
            row = Row::of(deviation, contract, observe(contract, deviation.serving(), way).await?);
        }
        print(&row, args.verbose);
        rows.push(row);
    }
    Ok(rows)
}

/// Tries every variant with every seed.
async fn variants(args: &Args, variants: impl Iterator<Item = &'static Variant>) -> Result<Vec<Tried>> {
    let runs = variants.enumerate().flat_map(|(place, variant)| {
        let contracts = contracts(args, place, variant.contracts).iter();
        contracts.flat_map(move |contract| (0..args.seeds.get()).map(move |seed| (variant, *contract, seed)))
    });
    let observed = side_by_side(VARIANTS_AT_ONCE, runs.collect(), |(variant, contract, seed)| {
        let way = args.way(seed, variant.strict);
        async move { observe(contract, (variant.serving)(), way).await }
    });
    let tried = observed.await?.into_iter();
    Ok(tried
        .map(|((variant, contract, seed), observed)| Tried { variant, contract, seed, observed })
        .collect())
}

/// Makes runs, some at the same time, and gives what came of them in their order.
async fn side_by_side<R, F>(
    at_once: NonZeroUsize,
    runs: Vec<R>,
    observe: impl Fn(R) -> F,
) -> Result<Vec<(R, Observed)>>
where
    R: Copy,
    F: Future<Output = Result<Observed>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(at_once.get()));
    let mut running = JoinSet::new();
    for (index, run) in runs.iter().enumerate() {
        let (places, observing) = (Arc::clone(&places), observe(*run));
        running.spawn(async move {
            let _place = places.acquire_owned().await?;
            Ok::<_, anyhow::Error>((index, observing.await?))
        });
    }
    let mut observed = Vec::new();
    while let Some(finished) = running.join_next().await {
        let (index, seen) = finished??;
        observed.push((index, seen));
    }
    observed.sort_by_key(|(index, _)| *index);
    Ok(observed.into_iter().map(|(index, observed)| (runs[index], observed)).collect())
}

fn print(row: &Row, verbose: bool) {
    let judged = &row.judged;
    let verdict = match (judged.failed.is_empty(), judged.is_as_told()) {
        (true, _) => "SURVIVED",
        (false, true) => "killed",
        (false, false) => "killed, but not as its model says",
    };
    println!("{:45} {:6} {}  {verdict}", row.deviation.name, row.contract, row.observed);
    if let Some(complaint) = &row.complaint {
        println!("    {complaint}");
    }
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

/// Prints what may fail, but did not.
fn print_unused_excuses(rows: &[Row]) {
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
    let of = |wanted: fn(&Row) -> bool| -> Vec<String> {
        rows.iter()
            .filter(|row| wanted(row))
            .map(|row| format!("{} ({})", row.deviation.name, row.contract))
            .collect()
    };
    let survived = of(|row| row.judged.failed.is_empty());
    let odd = of(|row| !row.judged.is_as_told());
    let untrue = of(|row| row.complaint.is_some());
    let slow = of(|row| row.observed.took > SLOW);
    if !slow.is_empty() {
        // A machine may be busy with other things: this is said and is no failure.
        println!("\nSlower than {} s: {}", SLOW.as_secs(), slow.join(", "));
    }
    ensure!(accused.is_empty(), "conformant servers are accused: {}", accused.join("; "));
    ensure!(survived.is_empty(), "{} survived: {}", survived.len(), survived.join(", "));
    ensure!(
        untrue.is_empty(),
        "reports of {} are not as every report is: {}",
        untrue.len(),
        untrue.join(", ")
    );
    ensure!(odd.is_empty(), "{} did not fail as their models say: {}", odd.len(), odd.join(", "));
    Ok(())
}
