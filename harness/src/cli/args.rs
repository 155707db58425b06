//! The arguments as the user gives them, before they are resolved.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use serde::Deserialize;

use super::wire::WireArgs;

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

/// The endpoint that a command speaks to, and how it is spoken to.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct EndpointArgs {
    /// Base URL of the endpoint [default: the mock inside boundstone]
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_TARGET")]
    pub target: Option<String>,
    /// `page`, `model`, or a Smithy 2.0 JSON AST [default: page]
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT")]
    pub contract: Option<String>,
    /// TOML file that names resources which exist on the target
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES")]
    pub fixtures: Option<PathBuf>,
    /// Longest wait for one answer, such as 10s [default: 10s]
    #[arg(long, value_name = "DURATION", env = "BOUNDSTONE_TIMEOUT")]
    pub timeout: Option<SignedDuration>,
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
    /// Sign every request (AWS Signature Version 4), with credentials from the environment, a
    /// profile, SSO, web identity or the instance
    #[arg(long, env = "BOUNDSTONE_SIGV4")]
    pub sigv4: bool,
    /// Region that requests are signed for [default: as AWS's own tools find it]
    #[arg(long, value_name = "REGION", env = "BOUNDSTONE_REGION")]
    pub region: Option<String>,
    /// How it is connected to.
    #[command(flatten)]
    #[serde(flatten)]
    pub wire: WireArgs,
}

/// Arguments of `run`. Each may also stand in the environment as `BOUNDSTONE_<FLAG>`, or in
/// `boundstone.toml` under its name; the flag comes first, then the environment, then the file.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RunArgs {
    /// The endpoint.
    #[command(flatten)]
    #[serde(skip)]
    pub endpoint: EndpointArgs,
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
    /// Most requests to send
    #[arg(long, value_name = "N", env = "BOUNDSTONE_MAX_REQUESTS")]
    pub max_requests: Option<NonZeroU64>,
    /// Longest time to run, such as 2m
    #[arg(long, value_name = "DURATION", env = "BOUNDSTONE_BUDGET")]
    pub budget: Option<SignedDuration>,
    /// Let a SHOULD that is not held fail the run
    #[arg(long, env = "BOUNDSTONE_STRICT")]
    pub strict: bool,
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
    /// The endpoint; what is not said is as the report has it.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
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
    /// Serve https with this certificate: a PEM file, its chain behind it
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate: a PEM file
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

impl EndpointArgs {
    /// The contract by its name or file.
    pub fn contract(&self) -> &str {
        self.contract.as_deref().unwrap_or("page")
    }

    /// These arguments, and where they say nothing those of `file`.
    #[must_use]
    fn or(self, file: Self) -> Self {
        Self {
            target: self.target.or(file.target),
            contract: self.contract.or(file.contract),
            fixtures: self.fixtures.or(file.fixtures),
            timeout: self.timeout.or(file.timeout),
            headers: either(self.headers, file.headers),
            sigv4: self.sigv4 || file.sigv4,
            region: self.region.or(file.region),
            wire: self.wire.or(file.wire),
        }
    }
}

impl RunArgs {
    /// The arguments of a configuration file, which has the names of the flags as its keys.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let error = |error: toml::de::Error| error.to_string();
        let keys: toml::Table = toml::from_str(text).map_err(error)?;
        let flags = Self::augment_args(clap::Command::new(""));
        let known: Vec<&str> = flags.get_arguments().filter_map(clap::Arg::get_long).collect();
        if let Some(unknown) = keys.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("there is no flag --{unknown}; the keys are {}", known.join(", ")));
        }
        let endpoint = toml::from_str(text).map_err(error)?;
        Ok(Self { endpoint, ..toml::from_str(text).map_err(error)? })
    }

    /// These arguments, and where they say nothing those of `file`.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            endpoint: self.endpoint.or(file.endpoint),
            only: either(self.only, file.only),
            skip: either(self.skip, file.skip),
            seed: self.seed.or(file.seed),
            cases: self.cases.or(file.cases),
            concurrency: self.concurrency.or(file.concurrency),
            max_requests: self.max_requests.or(file.max_requests),
            budget: self.budget.or(file.budget),
            strict: self.strict || file.strict,
            out: self.out.or(file.out),
            color: self.color.or(file.color),
            quiet: self.quiet || file.quiet,
        }
    }
}

/// The first list that says something.
fn either(own: Vec<String>, other: Vec<String>) -> Vec<String> {
    if own.is_empty() { other } else { own }
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
        let text = "seed = 5\ncontract = \"model\"\ntimeout = \"3s\"\nheader = [\"A: b\"]";
        let file = RunArgs::from_toml(text).unwrap();
        let flags = RunArgs { seed: Some(7), ..RunArgs::default() };
        let both = flags.or(file);
        assert_eq!(both.seed, Some(7));
        assert_eq!(both.endpoint.contract.as_deref(), Some("model"));
        assert_eq!(both.endpoint.timeout, Some(SignedDuration::from_secs(3)));
        assert_eq!(both.endpoint.headers, ["A: b"]);
    }

    #[test]
    fn a_file_that_says_what_no_flag_says_is_refused_with_the_place() {
        let unknown = RunArgs::from_toml("sed = 5").unwrap_err();
        assert!(unknown.starts_with("there is no flag --sed; the keys are target, "), "{unknown}");
        let wrong = RunArgs::from_toml("seed = 5\ntimeout = 7").unwrap_err();
        assert!(wrong.contains("line 2"), "{wrong}");
    }
}
