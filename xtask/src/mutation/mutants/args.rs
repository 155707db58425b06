//! The arguments.

use std::num::{NonZeroU64, NonZeroUsize};

use clap::Args as ClapArgs;

use super::observe::RunOptions;

/// The arguments of `cargo xtask mutants`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Run only mutants and variants whose name contains this text
    #[arg(long, value_name = "TEXT")]
    pub(super) only: Option<String>,
    /// Set the seed of the runs against mutants; the patterns are valid for any seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
    /// Set the number of seeds for each variant
    #[arg(long, value_name = "N", default_value = "2")]
    pub(super) seeds: NonZeroU64,
    /// Limit the requests of each run: print how many mutants are killed, and do not check their patterns
    #[arg(long, value_name = "N")]
    pub(super) max_requests: Option<NonZeroU64>,
    /// Set how many mutants to run at the same time; times are comparable with 1 only
    #[arg(long, value_name = "N", default_value = "1")]
    pub(super) jobs: NonZeroUsize,
    /// Run each mutant and variant under one of its contracts only, in turn
    #[arg(long)]
    pub(super) one_contract: bool,
    /// Print everything that fails for each mutant
    #[arg(long)]
    pub(super) verbose: bool,
    /// Wait in real time, as with a real endpoint, instead of setting the clock of the mock
    #[arg(long, requires = "only")]
    pub(super) real_time: bool,
}

impl Args {
    /// The options of a run with this seed.
    pub(super) fn run_options(&self, seed: u64, strict: bool) -> RunOptions {
        RunOptions { seed, strict, max_requests: self.max_requests, real_time: self.real_time }
    }
}
