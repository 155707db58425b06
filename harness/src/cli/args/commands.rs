//! Arguments of the commands other than `run`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;

use crate::cli::args::connection::ConnectionArgs;
use crate::cli::args::endpoint::EndpointArgs;
use crate::cli::args::values::{above_zero, address};

pub(crate) const EXIT_CODES: &str = "Exit codes: 0 every MUST passed or is a known failure; 1 a requirement failed or \
    is flaky, or a known failure no longer applies; 2 wrong usage, configuration or contract; 3 the target could not \
    be tested; 130 interrupted.";

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// List a contract: `page`, `model`, or a Smithy 2.0 JSON AST
    #[arg(
        long,
        value_name = "CONTRACT",
        default_value = "page",
        env = "BOUNDSTONE_CONTRACT",
        help_heading = "Target"
    )]
    pub contract: String,
    /// Show what the contract says, and which requirements test it or why none can
    #[arg(long, help_heading = "Output")]
    pub coverage: bool,
    /// Show what differs from the built-in contract `model`
    #[arg(long, conflicts_with = "coverage", help_heading = "Output")]
    pub changes: bool,
    /// Print JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The report.json of a run
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// The number of a finding [default: all findings]
    #[arg(value_name = "FINDING", value_parser = above_zero::<NonZeroUsize>)]
    pub finding: Option<NonZeroUsize>,
    /// The endpoint; the report provides what is missing.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The command.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// The commands for reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Merge the reports of shards, or of runs against several targets
    #[command(after_help = EXIT_CODES)]
    Merge {
        /// The report.json of each run
        #[arg(value_name = "REPORT.json", required = true)]
        reports: Vec<PathBuf>,
        /// Write the reports to a folder
        #[arg(long, value_name = "DIR", default_value = "target/boundstone", env = "BOUNDSTONE_OUT")]
        out: PathBuf,
    },
    /// Show which failures are new, fixed or unchanged between two reports
    #[command(after_help = "Exit codes: 0 no new failure; 1 a new failure; 2 wrong usage, or no report.")]
    Diff {
        /// The earlier report.json
        #[arg(value_name = "BASE.json")]
        base: PathBuf,
        /// The later report.json
        #[arg(value_name = "HEAD.json")]
        head: PathBuf,
        /// Print Markdown, for a comment on a pull request
        #[arg(long)]
        markdown: bool,
    },
    /// Print an HTML page about many runs
    Trend {
        /// The report.json of each run, in any order
        #[arg(value_name = "REPORT.json", required = true)]
        reports: Vec<PathBuf>,
    },
    /// Render a report in another format
    Render {
        /// The report.json
        #[arg(value_name = "REPORT.json")]
        report: PathBuf,
        /// Set the format
        #[arg(long, value_name = "FORM", default_value = "text")]
        format: ReportFormat,
    },
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// The text that `run` prints.
    Text,
    /// The content of `report.md`.
    Markdown,
    /// The content of `report.html`.
    Html,
    /// The content of `junit.xml`.
    Junit,
    /// The content of `report.json`.
    Json,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Serve a contract: `page`, `model`, or a Smithy 2.0 JSON AST
    #[arg(long, value_name = "CONTRACT", default_value = "page", env = "BOUNDSTONE_CONTRACT")]
    pub contract: String,
    /// Listen on an address; port 0 selects a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = address, env = "BOUNDSTONE_LISTEN")]
    pub listen: SocketAddr,
    /// Generate the outputs from a seed, for a contract that the mock does not serve
    #[arg(long, value_name = "N", env = "BOUNDSTONE_SEED", default_value_t = 0)]
    pub seed: u64,
    /// Serve a mutant, which has one deliberate bug; `help` lists them
    #[arg(long, value_name = "NAME", env = "BOUNDSTONE_MUTANT")]
    pub mutant: Option<String>,
    /// Serve a variant, which is unusual but conformant; `help` lists them
    #[arg(long, value_name = "NAME", env = "BOUNDSTONE_VARIANT", conflicts_with = "mutant")]
    pub variant: Option<String>,
    /// Require signed requests (AWS Signature Version 4); the fixtures contain the credentials
    #[arg(long, env = "BOUNDSTONE_REQUIRE_SIGV4")]
    pub require_sigv4: bool,
    /// Require signatures for a region [default: us-east-1]
    #[arg(long, value_name = "REGION", env = "BOUNDSTONE_REGION")]
    pub region: Option<String>,
    /// Delay each response, such as by 50ms, like a distant server
    #[arg(long, value_name = "TIME", env = "BOUNDSTONE_LATENCY")]
    pub latency: Option<SignedDuration>,
    /// Serve https with the certificate and its chain in a PEM file
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Use the private key of the certificate in a PEM file
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(mut_arg("target", |target| target.env(None).hide(true).conflicts_with_all(["a", "b"])))]
pub struct CompareArgs {
    /// The base URL of endpoint A
    #[arg(value_name = "A")]
    pub a: String,
    /// The base URL of endpoint B
    #[arg(value_name = "B")]
    pub b: String,
    /// The configuration of both endpoints, without --target.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// Read the fixtures of B, in the order and form of --fixtures [default: --fixtures]
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES_B", help_heading = "Target")]
    pub fixtures_b: Option<PathBuf>,
    /// Add a header to each request to B, instead of those of --header; may be repeated
    #[arg(
        long = "header-b",
        value_name = "K:V",
        env = "BOUNDSTONE_HEADER_B",
        hide_env_values = true,
        value_delimiter = '\n',
        help_heading = "Connection"
    )]
    pub headers_b: Vec<String>,
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
    /// Set the seed; the same seed gives the same requests
    #[arg(long, value_name = "N", env = "BOUNDSTONE_SEED", default_value_t = 0, help_heading = "Selection")]
    pub seed: u64,
    /// Generate N random samples of each case, after its boundary values
    #[arg(long, value_name = "N", env = "BOUNDSTONE_CASES", default_value_t = 4, help_heading = "Selection")]
    pub cases: usize,
    /// Print JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Arguments of `provision`. The environment and `boundstone.toml` provide what is missing, as for `run`.
#[derive(Debug, Args)]
#[command(mut_arg("http", |http| http.hide(true)))]
pub struct ProvisionArgs {
    /// Create fixtures for the endpoint with this base URL
    #[arg(
        long,
        value_name = "URL",
        env = "BOUNDSTONE_TARGET",
        hide_env_values = true,
        help_heading = "Target"
    )]
    pub target: Option<String>,
    /// Keep names within a contract: `page`, `model`, or a Smithy 2.0 JSON AST [default: page]
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT", help_heading = "Target")]
    pub contract: Option<String>,
    /// Use the control plane at this base URL [default: AWS for a target at AWS, else the target's origin]
    #[arg(
        long,
        value_name = "URL",
        env = "BOUNDSTONE_CONTROL_PLANE",
        hide_env_values = true,
        help_heading = "AWS"
    )]
    pub control_plane: Option<String>,
    /// Use a region [default: that of a target at AWS, else that of the default chain of AWS]
    #[arg(long, value_name = "REGION", env = "BOUNDSTONE_REGION", help_heading = "AWS")]
    pub region: Option<String>,
    /// The connection to the control plane, without the HTTP version.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Remove all fixtures of earlier runs, and of a run that is still under way
    #[arg(long)]
    pub clean: bool,
    /// List what --clean would remove
    #[arg(long, requires = "clean")]
    pub dry_run: bool,
}
