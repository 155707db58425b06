//! Arguments of `boundstone run`.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::cli::args::endpoint::EndpointArgs;
use crate::cli::args::values::{above_zero, duration, either};
use crate::setup::config::{DEFAULT_OUT, DEFAULT_SAMPLES, RunConfig};
use crate::setup::connection::positive_duration;
use crate::setup::error::SetupError;
use crate::setup::shard::Shard;

/// Arguments of `run`. The environment may set each as `BOUNDSTONE_<FLAG>`, and `boundstone.toml` by its name.
/// A flag has precedence over the environment, and the environment over the file.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag by itself")]
#[serde(rename_all = "kebab-case", default)]
pub struct RunArgs {
    /// The endpoint.
    #[command(flatten)]
    #[serde(skip)]
    pub endpoint: EndpointArgs,
    /// Run only cases whose id matches; `*` matches any text; may be repeated
    #[arg(
        long,
        value_name = "PATTERN",
        env = "BOUNDSTONE_ONLY",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    pub only: Vec<String>,
    /// Skip cases whose id matches; may be repeated
    #[arg(
        long,
        value_name = "PATTERN",
        env = "BOUNDSTONE_SKIP",
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    pub skip: Vec<String>,
    /// Run a part of the cases, such as 1/3; `report merge` joins the reports
    #[arg(long, value_name = "I/N", env = "BOUNDSTONE_SHARD", help_heading = "Selection")]
    pub shard: Option<Shard>,
    /// Set the seed; the same seed gives the same requests [default: 0]
    #[arg(long, value_name = "N", env = "BOUNDSTONE_SEED", help_heading = "Selection")]
    pub seed: Option<u64>,
    /// Generate N random samples of each case, after its boundary values [default: 16]
    #[arg(
        long,
        value_name = "N",
        value_parser = above_zero::<NonZeroUsize>,
        env = "BOUNDSTONE_CASES",
        help_heading = "Selection"
    )]
    pub cases: Option<NonZeroUsize>,
    /// Run up to N cases at a time [default: 16, and more on a slow target]
    #[arg(
        long,
        value_name = "N",
        value_parser = above_zero::<NonZeroUsize>,
        env = "BOUNDSTONE_CONCURRENCY",
        help_heading = "Limits"
    )]
    pub concurrency: Option<NonZeroUsize>,
    /// Send at most N requests [default: no limit]
    #[arg(
        long,
        value_name = "N",
        value_parser = above_zero::<NonZeroU64>,
        env = "BOUNDSTONE_MAX_REQUESTS",
        help_heading = "Limits"
    )]
    pub max_requests: Option<NonZeroU64>,
    /// Limit the time of the run without provisioning, such as 2m [default: no limit]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        env = "BOUNDSTONE_BUDGET",
        help_heading = "Limits"
    )]
    pub budget: Option<SignedDuration>,
    /// End the run after N failed requirements [default: no limit]
    #[arg(
        long,
        value_name = "N",
        value_parser = above_zero::<NonZeroU64>,
        env = "BOUNDSTONE_MAX_FAILURES",
        help_heading = "Limits"
    )]
    pub max_failures: Option<NonZeroU64>,
    /// Create fixtures through the control plane, and remove them after the run
    #[arg(long, env = "BOUNDSTONE_PROVISION", help_heading = "AWS")]
    pub provision: bool,
    /// Use the control plane at this base URL [default: AWS for a target at AWS, else the target's origin]
    #[arg(
        long,
        value_name = "URL",
        env = "BOUNDSTONE_CONTROL_PLANE",
        hide_env_values = true,
        help_heading = "AWS"
    )]
    pub control_plane: Option<String>,
    /// Send nothing; print the number of requests and the time that a run takes
    #[arg(long, env = "BOUNDSTONE_DRY_RUN", help_heading = "Output")]
    pub dry_run: bool,
    /// Treat failed SHOULD requirements as failures
    #[arg(long, env = "BOUNDSTONE_STRICT", help_heading = "Output")]
    pub strict: bool,
    /// Accept the failures listed in a TOML file
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_KNOWN_FAILURES", help_heading = "Output")]
    pub known_failures: Option<PathBuf>,
    /// Write new failures to a TOML file, after the entries of --known-failures
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_WRITE_KNOWN_FAILURES", help_heading = "Output")]
    pub write_known_failures: Option<PathBuf>,
    /// Write the reports to a folder [default: target/boundstone]
    #[arg(long, value_name = "DIR", env = "BOUNDSTONE_OUT", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Resume an interrupted run; contract, seed, target and selection must be unchanged
    #[arg(long, env = "BOUNDSTONE_RESUME", help_heading = "Output")]
    pub resume: bool,
    /// Print a GitHub Actions annotation for each finding
    #[arg(long, env = "BOUNDSTONE_ANNOTATE", help_heading = "Output")]
    pub annotate: bool,
    /// Set when to use color [default: auto]
    #[arg(long, value_name = "WHEN", env = "BOUNDSTONE_COLOR", help_heading = "Output")]
    pub color: Option<Color>,
    /// Print only the last line
    #[arg(long, env = "BOUNDSTONE_QUIET", help_heading = "Output")]
    pub quiet: bool,
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Color {
    /// If standard output is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl RunArgs {
    /// The configuration of the run.
    ///
    /// # Errors
    /// A duration is not above zero.
    pub fn config(self) -> Result<RunConfig, SetupError> {
        Ok(RunConfig {
            endpoint: self.endpoint.config()?,
            only: self.only,
            skip: self.skip,
            shard: self.shard,
            seed: self.seed.unwrap_or_default(),
            samples: self.cases.map_or(DEFAULT_SAMPLES, Into::into),
            concurrency: self.concurrency,
            max_requests: self.max_requests,
            budget: positive_duration("budget", self.budget)?,
            max_failures: self.max_failures,
            strict: self.strict,
            known_failures: self.known_failures,
            out: self.out.unwrap_or_else(|| PathBuf::from(DEFAULT_OUT)),
        })
    }

    /// These arguments, with those of `file` where they are missing.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            endpoint: self.endpoint.or(file.endpoint),
            only: either(self.only, file.only),
            skip: either(self.skip, file.skip),
            shard: self.shard.or(file.shard),
            seed: self.seed.or(file.seed),
            cases: self.cases.or(file.cases),
            concurrency: self.concurrency.or(file.concurrency),
            max_requests: self.max_requests.or(file.max_requests),
            budget: self.budget.or(file.budget),
            max_failures: self.max_failures.or(file.max_failures),
            dry_run: self.dry_run || file.dry_run,
            resume: self.resume || file.resume,
            provision: self.provision || file.provision,
            control_plane: self.control_plane.or(file.control_plane),
            strict: self.strict || file.strict,
            known_failures: self.known_failures.or(file.known_failures),
            write_known_failures: self.write_known_failures.or(file.write_known_failures),
            out: self.out.or(file.out),
            annotate: self.annotate || file.annotate,
            color: self.color.or(file.color),
            quiet: self.quiet || file.quiet,
        }
    }
}
