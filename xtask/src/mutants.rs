//! `cargo xtask mutants` runs boundstone against every mutant and every variant of the mock. Each mutant has to
//! fail what its patterns say and nothing else. No conformant variant may fail anything.

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
use harness::mock::mutant;
use harness::mock::mutant::Mutant;
use harness::mock::variant;
use harness::mock::variant::Variant;
use harness::mock::{Contracts, MockConfig};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::judge::{Judged, Tested};
use self::observe::{Observed, Way, observe};

/// A run that takes longer is reported as slow.
const SLOW: Duration = Duration::from_secs(3);

/// How often a mutant is run again that does not fail as its patterns say.
const RETRIES: usize = 2;

/// How many variants are run at the same time: some of them wait more than they compute.
const VARIANT_JOBS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(11);

/// The arguments of `cargo xtask mutants`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Run only mutants and variants whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Seed for the runs against mutants; the patterns are valid for any seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Number of seeds for each variant
    #[arg(long, value_name = "N", default_value = "2")]
    seeds: NonZeroU64,
    /// Limit the requests of each run: print how many mutants are killed, and do not check their patterns
    #[arg(long, value_name = "N")]
    max_requests: Option<NonZeroU64>,
    /// Number of mutants to run at the same time; times are comparable with 1 only
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Run each mutant and variant under one of its contracts only, in turn
    #[arg(long)]
    one_contract: bool,
    /// Print everything that fails for each mutant
    #[arg(long)]
    verbose: bool,
    /// Wait in real time, as with a real endpoint, instead of setting the clock of the mock
    #[arg(long, requires = "only")]
    real_time: bool,
}

impl Args {
    fn way(&self, seed: u64, strict: bool) -> Way {
        Way { seed, strict, max_requests: self.max_requests, real_time: self.real_time }
    }
}

/// The run against one mutant under one contract.
struct Row {
    mutant: &'static Mutant,
    contract: &'static str,
    judged: Judged,
    /// What is wrong with the report itself, if anything.
    complaint: Option<String>,
    observed: Observed,
}

impl Row {
    fn of(mutant: &'static Mutant, contract: &'static str, observed: Observed) -> Self {
        let judged = judge::judge(mutant.must_fail, mutant.may_fail, &Tested::of(&observed.report));
        let complaint = known::complaint(&observed.report);
        Self { mutant, contract, judged, complaint, observed }
    }
}

/// The run against one variant under one contract.
struct VariantRun {
    variant: &'static Variant,
    contract: &'static str,
    seed: u64,
    observed: Observed,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run_all(args))
}

async fn run_all(args: &Args) -> Result<()> {
    let wanted = |name: &str| args.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut ids = BTreeSet::new();
    let mut failing = Vec::new();
    for contract in ["page", "model"] {
        let observed = observe(contract, MockConfig::default(), args.way(args.seed, true)).await?;
        println!("{:45} {contract:6} {observed}", "(reference)");
        if !observed.is_held() {
            failing.push(format!("the reference ({contract}): {}", observed.complaint()));
        }
        ids.extend(judge::most_specific(&Tested::of(&observed.report)));
    }
    let mutants = run_mutants(args, mutant::all().filter(|mutant| wanted(mutant.name)));
    let rows = Box::pin(mutants).await?;
    let variants = run_variants(args, variant::all().filter(|variant| wanted(variant.name))).await?;
    for VariantRun { variant, contract, seed, observed } in &variants {
        if !observed.is_held() {
            println!("{:45} {contract:6} seed {seed}: FAILED: {}", variant.name, observed.complaint());
            failing.push(format!("{} ({contract}, seed {seed})", variant.name));
        }
    }
    println!("\n{}", table::render(&rows, &variants));
    if let Some(most) = args.max_requests {
        let killed = rows.iter().filter(|row| !row.judged.failed.is_empty()).count();
        println!("\nWith {most} requests: {killed} of {} killed.", rows.len());
        ensure!(failing.is_empty(), "conformant servers fail: {}", failing.join("; "));
        return Ok(());
    }
    if args.only.is_none() && !args.one_contract {
        print_unused_patterns(&rows);
        idle::check(&rows, ids)?;
    }
    summarize(&rows, &failing)
}

/// The contracts to run the mutant or variant at this place of its list under.
fn contracts(args: &Args, place: usize, contracts: Contracts) -> &'static [&'static str] {
    let names = contracts.names();
    let one = place % names.len();
    if args.one_contract { &names[one..=one] } else { names }
}

/// Runs boundstone against each of these mutants.
async fn run_mutants(args: &Args, mutants: impl Iterator<Item = &'static Mutant>) -> Result<Vec<Row>> {
    let runs = mutants.enumerate().flat_map(|(place, mutant)| {
        contracts(args, place, mutant.contracts).iter().map(move |contract| (mutant, *contract))
    });
    let way = args.way(args.seed, false);
    let observed = side_by_side(args.jobs, runs.collect(), move |(mutant, contract)| async move {
        observe(contract, mutant.config(), way).await
    });
    let mut rows = Vec::new();
    for ((mutant, contract), first) in observed.await? {
        let mut row = Row::of(mutant, contract, first);
        // Some bugs show at random. One of a few runs has to match the patterns.
        for retry in 0..RETRIES {
            if row.judged.is_as_expected() || args.max_requests.is_some() {
                break;
            }
            print(&row, args.verbose);
            println!("    retry {} of {RETRIES}:", retry + 1);
            row = Row::of(mutant, contract, observe(contract, mutant.config(), way).await?);
        }
        print(&row, args.verbose);
        rows.push(row);
    }
    Ok(rows)
}

/// Runs boundstone against every variant with every seed.
async fn run_variants(
    args: &Args,
    variants: impl Iterator<Item = &'static Variant>,
) -> Result<Vec<VariantRun>> {
    let runs = variants.enumerate().flat_map(|(place, variant)| {
        let contracts = contracts(args, place, variant.contracts).iter();
        contracts.flat_map(move |contract| (0..args.seeds.get()).map(move |seed| (variant, *contract, seed)))
    });
    let observed = side_by_side(VARIANT_JOBS, runs.collect(), |(variant, contract, seed)| {
        let way = args.way(seed, variant.strict);
        async move { observe(contract, (variant.config)(), way).await }
    });
    Ok(observed
        .await?
        .into_iter()
        .map(|((variant, contract, seed), observed)| VariantRun { variant, contract, seed, observed })
        .collect())
}

/// Executes runs, some at the same time, and returns the results in their order.
async fn side_by_side<R, F>(
    jobs: NonZeroUsize,
    runs: Vec<R>,
    observe: impl Fn(R) -> F,
) -> Result<Vec<(R, Observed)>>
where
    R: Copy,
    F: Future<Output = Result<Observed>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(jobs.get()));
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
    let verdict = match (judged.failed.is_empty(), judged.is_as_expected()) {
        (true, _) => "SURVIVED",
        (false, true) => "killed",
        (false, false) => "killed, but not as its patterns say",
    };
    println!("{:45} {:6} {}  {verdict}", row.mutant.name, row.contract, row.observed);
    if let Some(complaint) = &row.complaint {
        println!("    {complaint}");
    }
    for pattern in &judged.unmatched {
        println!("    matches nothing: {pattern}");
    }
    for id in &judged.missed {
        println!("    passed, but must fail: {id}");
    }
    for id in &judged.unexpected {
        println!("    failed, but matches no pattern: {id}");
    }
    if verbose {
        for id in &judged.failed {
            println!("    failed: {id}");
        }
    }
}

/// Prints the patterns of what may fail, and did not.
fn print_unused_patterns(rows: &[Row]) {
    let mut unused: BTreeSet<(&str, &str)> = rows
        .iter()
        .flat_map(|row| row.mutant.may_fail.iter().map(|pattern| (row.mutant.name, *pattern)))
        .collect();
    for row in rows {
        for pattern in &row.judged.used {
            unused.remove(&(row.mutant.name, *pattern));
        }
    }
    if !unused.is_empty() {
        println!("\nThese may fail, and did not:");
        for (name, pattern) in unused {
            println!("    {name}: {pattern}");
        }
    }
}

fn summarize(rows: &[Row], failing: &[String]) -> Result<()> {
    let names = |wanted: fn(&Row) -> bool| -> Vec<String> {
        let rows = rows.iter().filter(|row| wanted(row));
        rows.map(|row| format!("{} ({})", row.mutant.name, row.contract)).collect()
    };
    let survived = names(|row| row.judged.failed.is_empty());
    let unexpected = names(|row| !row.judged.is_as_expected());
    let inconsistent = names(|row| row.complaint.is_some());
    let slow = names(|row| row.observed.took > SLOW);
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
