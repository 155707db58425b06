//! The arguments as the user gives them, before they are resolved.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use serde::Deserialize;

/// Holds any endpoint to the AWS `AppConfig` Data contract.
#[derive(Debug, Parser)]
#[command(name = "boundstone", version, about, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do; `run` if nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 every MUST held; 1 a requirement violated or unstable; \
    2 wrong usage, configuration or contract; 3 the target could not be judged; 130 interrupted.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Holds a target to the contract and writes the reports
    #[command(after_help = EXIT_CODES)]
    Run(Box<RunArgs>),
    /// Lists the requirements and cases of a contract
    List(ListArgs),
    /// Sends the counterexamples of a report again and says which still hold
    Replay(ReplayArgs),
    /// Serves the mock in the foreground and prints its fixtures
    Serve(ServeArgs),
}

/// Arguments of `run`. Each may also stand in the environment as `BOUNDSTONE_<FLAG>`, or in
/// `boundstone.toml` under its name; the flag comes first, then the environment, then the file.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct RunArgs {
    /// Base URL of the endpoint [default: the mock inside boundstone]
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_TARGET")]
    pub target: Option<String>,
    /// `page`, `model`, or a Smithy 2.0 JSON AST [default: page]
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT")]
    pub contract: Option<String>,
    /// TOML file that names resources which exist on the target
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES")]
    pub fixtures: Option<PathBuf>,
    /// Only cases whose id matches; `*` stands for anything. May be repeated
    #[arg(long, value_name = "PATTERN", env = "BOUNDSTONE_ONLY", value_delimiter = ',')]
    pub only: Vec<String>,
    /// No cases whose id matches. May be repeated
    #[arg(long, value_name = "PATTERN", env = "BOUNDSTONE_SKIP", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Seed of the run; the same seed makes the same requests [default: 0]
    #[arg(long, value_name = "N", env = "BOUNDSTONE_SEED")]
    pub seed: Option<u64>,
    /// Random samples for each case, after its boundary values [default: 16]
    #[arg(long, value_name = "N", env = "BOUNDSTONE_CASES")]
    pub cases: Option<NonZeroUsize>,
    /// Cases under way at once [default: 16]
    #[arg(long, value_name = "N", env = "BOUNDSTONE_CONCURRENCY")]
    pub concurrency: Option<NonZeroUsize>,
    /// Longest wait for one answer, such as 10s [default: 10s]
    #[arg(long, value_name = "DURATION", env = "BOUNDSTONE_TIMEOUT")]
    pub timeout: Option<SignedDuration>,
    /// Most requests to send
    #[arg(long, value_name = "N", env = "BOUNDSTONE_MAX_REQUESTS")]
    pub max_requests: Option<NonZeroU64>,
    /// Longest time to run, such as 2m
    #[arg(long, value_name = "DURATION", env = "BOUNDSTONE_BUDGET")]
    pub budget: Option<SignedDuration>,
    /// Let a SHOULD that is not held fail the run
    #[arg(long, env = "BOUNDSTONE_STRICT")]
    pub strict: bool,
    /// Header that goes with every request, such as 'Authorization: …'. May be repeated
    #[arg(
        long = "header",
        value_name = "K:V",
        env = "BOUNDSTONE_HEADER",
        hide_env_values = true,
        value_delimiter = '\n'
    )]
    #[serde(rename = "header")]
    pub headers: Vec<String>,
    /// Where the reports go [default: target/boundstone]
    #[arg(long, value_name = "DIR", env = "BOUNDSTONE_OUT")]
    pub out: Option<PathBuf>,
    /// When to colour
    #[arg(long, value_name = "WHEN", env = "BOUNDSTONE_COLOR")]
    pub color: Option<Color>,
    /// Print nothing but the last line
    #[arg(long, env = "BOUNDSTONE_QUIET")]
    pub quiet: bool,
}

/// When to colour the terminal.
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

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// `page`, `model`, or a Smithy 2.0 JSON AST
    #[arg(long, value_name = "CONTRACT", default_value = "page", env = "BOUNDSTONE_CONTRACT")]
    pub contract: String,
    /// What the contract says, and which requirements test it or why nothing can
    #[arg(long)]
    pub coverage: bool,
    /// For machines
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The report.json of a run
    #[arg(value_name = "REPORT.json")]
    pub report: PathBuf,
    /// The number of one finding [default: all]
    #[arg(value_name = "FINDING")]
    pub finding: Option<NonZeroUsize>,
    /// Base URL of the endpoint [default: that of the report]
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_TARGET")]
    pub target: Option<String>,
    /// The contract, if the report's was read from a file that is elsewhere now
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT")]
    pub contract: Option<String>,
    /// TOML file that names resources which exist on the target
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES")]
    pub fixtures: Option<PathBuf>,
    /// Header that goes with every request. May be repeated
    #[arg(
        long = "header",
        value_name = "K:V",
        env = "BOUNDSTONE_HEADER",
        hide_env_values = true,
        value_delimiter = '\n'
    )]
    pub headers: Vec<String>,
    /// Longest wait for one answer
    #[arg(long, value_name = "DURATION", default_value = "10s", env = "BOUNDSTONE_TIMEOUT")]
    pub timeout: SignedDuration,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// `page`, `model`, or a Smithy 2.0 JSON AST
    #[arg(long, value_name = "CONTRACT", default_value = "page", env = "BOUNDSTONE_CONTRACT")]
    pub contract: String,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", env = "BOUNDSTONE_LISTEN")]
    pub listen: SocketAddr,
    /// One deliberate fault, by its name; `help` lists them
    #[arg(long, value_name = "NAME", env = "BOUNDSTONE_DEVIATION")]
    pub deviation: Option<String>,
    /// An unusual but conformant server, by its name; `help` lists them
    #[arg(long, value_name = "NAME", env = "BOUNDSTONE_VARIANT", conflicts_with = "deviation")]
    pub variant: Option<String>,
}

impl RunArgs {
    /// These arguments, and where they say nothing those of `file`.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        let list = |own: Vec<String>, other: Vec<String>| if own.is_empty() { other } else { own };
        Self {
            target: self.target.or(file.target),
            contract: self.contract.or(file.contract),
            fixtures: self.fixtures.or(file.fixtures),
            only: list(self.only, file.only),
            skip: list(self.skip, file.skip),
            seed: self.seed.or(file.seed),
            cases: self.cases.or(file.cases),
            concurrency: self.concurrency.or(file.concurrency),
            timeout: self.timeout.or(file.timeout),
            max_requests: self.max_requests.or(file.max_requests),
            budget: self.budget.or(file.budget),
            strict: self.strict || file.strict,
            headers: list(self.headers, file.headers),
            out: self.out.or(file.out),
            color: self.color.or(file.color),
            quiet: self.quiet || file.quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_flag_comes_before_the_file() {
        let file: RunArgs =
            toml::from_str("seed = 5\ncontract = \"model\"\ntimeout = \"3s\"\nheader = [\"A: b\"]").unwrap();
        let flags = RunArgs { seed: Some(7), ..RunArgs::default() };
        let both = flags.or(file);
        assert_eq!(both.seed, Some(7));
        assert_eq!(both.contract.as_deref(), Some("model"));
        assert_eq!(both.timeout, Some(SignedDuration::from_secs(3)));
        assert_eq!(both.headers, ["A: b"]);
        assert!(toml::from_str::<RunArgs>("sed = 5").is_err());
    }
}
