//! The runs against the reference, the mutants, and the variants.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use anyhow::{Result, ensure};
use harness::mock::mutant::{self, Mutant};
use harness::mock::variant::{self, Variant};
use harness::mock::{Contracts, MockConfig};

use super::args::Args;
use super::comparison::{self, Tested};
use super::observe::observe;
use super::parallel::run_parallel;
use super::results::{MutantRun, VariantRun};
use super::{summary, table, unneeded};

/// How often a mutant is run again that does not fail as its patterns say.
const RETRIES: usize = 2;

/// How many variants are run at the same time: some of them wait more than they compute.
const VARIANT_JOBS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(11);

/// Runs everything and prints the results.
///
/// # Errors
/// A result is not as it should be, or a run cannot be made.
pub(crate) fn run(args: &Args) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run_all(args))
}

async fn run_all(args: &Args) -> Result<()> {
    let is_selected = |name: &str| args.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut ids = BTreeSet::new();
    let mut failing = Vec::new();
    for contract in ["page", "model"] {
        let observed = observe(contract, MockConfig::default(), args.run_options(args.seed, true)).await?;
        println!("{:45} {contract:6} {observed}", "(reference)");
        if !observed.passes() {
            failing.push(format!("the reference ({contract}): {}", observed.complaint()));
        }
        ids.extend(comparison::most_specific(&Tested::of(&observed.report)));
    }
    let mutants = run_mutants(args, mutant::all().filter(|mutant| is_selected(mutant.name)));
    let rows = Box::pin(mutants).await?;
    let variants = run_variants(args, variant::all().filter(|variant| is_selected(variant.name))).await?;
    for VariantRun { variant, contract, seed, observed } in &variants {
        if !observed.passes() {
            println!("{:45} {contract:6} seed {seed}: FAILED: {}", variant.name, observed.complaint());
            failing.push(format!("{} ({contract}, seed {seed})", variant.name));
        }
    }
    println!("\n{}", table::render(&rows, &variants));
    if let Some(limit) = args.max_requests {
        let killed = rows.iter().filter(|run| !run.comparison.failed.is_empty()).count();
        println!("\nWith {limit} requests: {killed} of {} killed.", rows.len());
        ensure!(failing.is_empty(), "conformant servers fail: {}", failing.join("; "));
        return Ok(());
    }
    if args.only.is_none() && !args.one_contract {
        summary::print_unused_patterns(&rows);
        unneeded::check(&rows, ids)?;
    }
    summary::summarize(&rows, &failing)
}

/// The contracts for the mutant or variant at this position of its list.
fn contracts(args: &Args, position: usize, contracts: Contracts) -> &'static [&'static str] {
    let names = contracts.names();
    let one = position % names.len();
    if args.one_contract { &names[one..=one] } else { names }
}

/// Runs boundstone against each of these mutants.
async fn run_mutants(args: &Args, mutants: impl Iterator<Item = &'static Mutant>) -> Result<Vec<MutantRun>> {
    let runs = mutants.enumerate().flat_map(|(position, mutant)| {
        contracts(args, position, mutant.contracts).iter().map(move |contract| (mutant, *contract))
    });
    let options = args.run_options(args.seed, false);
    let observed = run_parallel(args.jobs, runs.collect(), move |(mutant, contract)| async move {
        observe(contract, mutant.config(), options).await
    });
    let mut results = Vec::new();
    for ((mutant, contract), first) in observed.await? {
        let mut run = MutantRun::new(mutant, contract, first);
        // Some bugs show at random. One of a few runs has to match the patterns.
        for retry in 0..RETRIES {
            if run.comparison.is_as_expected() || args.max_requests.is_some() {
                break;
            }
            summary::print(&run, args.verbose);
            println!("    retry {} of {RETRIES}:", retry + 1);
            run = MutantRun::new(mutant, contract, observe(contract, mutant.config(), options).await?);
        }
        summary::print(&run, args.verbose);
        results.push(run);
    }
    Ok(results)
}

/// Runs boundstone against every variant with every seed.
async fn run_variants(
    args: &Args,
    variants: impl Iterator<Item = &'static Variant>,
) -> Result<Vec<VariantRun>> {
    let runs = variants.enumerate().flat_map(|(position, variant)| {
        let contracts = contracts(args, position, variant.contracts).iter();
        contracts.flat_map(move |contract| (0..args.seeds.get()).map(move |seed| (variant, *contract, seed)))
    });
    let observed = run_parallel(VARIANT_JOBS, runs.collect(), |(variant, contract, seed)| {
        let options = args.run_options(seed, variant.strict);
        async move { observe(contract, (variant.config)(), options).await }
    });
    Ok(observed
        .await?
        .into_iter()
        .map(|((variant, contract, seed), observed)| VariantRun { variant, contract, seed, observed })
        .collect())
}
