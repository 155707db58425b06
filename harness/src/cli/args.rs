//! The arguments as the user gives them, before they are resolved.

mod config;
mod environment;

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use serde::Deserialize;

pub(crate) use crate::cli::args::environment::check as check_environment;
use crate::client::layers::rate::Rate;
use crate::config::toml_error::located;
use crate::setup::config::{DEFAULT_CONTRACT, DEFAULT_OUT, DEFAULT_SAMPLES, EndpointConfig, RunConfig};
use crate::setup::connection::duration as above_zero_time;
use crate::setup::connection_options::{ConnectionOptions, HttpVersion};
use crate::setup::error::CliError;
use crate::setup::shard::Shard;

/// Holds any endpoint to the AWS `AppConfig` Data contract.
#[derive(Debug, Parser)]
#[command(name = "boundstone", version, about, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do; `run` if nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 every MUST held or is known; 1 a requirement failed or flaky, or the \
    known failures out of date; 2 wrong usage, configuration or contract; 3 the target could not be judged; 130 interrupted.";

const COMPARE_EXIT_CODES: &str = "Exit codes: 0 no difference; 1 a difference; \
    2 wrong usage, configuration or contract; 3 an endpoint could not be reached; 130 interrupted.";

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
    /// Sends the same requests to two endpoints and shows where their answers differ
    #[command(after_help = COMPARE_EXIT_CODES)]
    Compare(Box<CompareArgs>),
    /// Makes one report of several, compares two, or renders one anew
    Report(ReportArgs),
    /// Serves the mock in the foreground and prints its fixtures
    Serve(ServeArgs),
    /// Makes fixtures by the target's control plane and prints them, or removes what was left
    Provision(ProvisionArgs),
    /// Prints completions for a shell
    Completions(CompletionsArgs),
    /// Prints the manual pages
    Man,
}

/// The endpoint that a command speaks to, and how it is spoken to.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct EndpointArgs {
    /// Base URL of the endpoint [default: the mock inside boundstone]
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_TARGET", hide_env_values = true)]
    pub target: Option<String>,
    /// `page`, `model`, or a Smithy 2.0 JSON AST [default: page]
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT")]
    pub contract: Option<String>,
    /// TOML file that names resources which exist on the target
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES")]
    pub fixtures: Option<PathBuf>,
    /// Longest wait for one answer, such as 10s [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration, env = "BOUNDSTONE_TIMEOUT")]
    pub timeout: Option<SignedDuration>,
    /// Wait for the target to come up before the first request, for as long as this, such as 30s
    #[arg(long, value_name = "DURATION", value_parser = duration, env = "BOUNDSTONE_WAIT")]
    pub wait: Option<SignedDuration>,
    /// Header that goes with every request which has none of that name itself, such as
    /// 'Authorization: …'. May be repeated
    #[arg(
        long = "header",
        value_name = "K:V",
        env = "BOUNDSTONE_HEADER",
        hide_env_values = true,
        value_delimiter = '\n'
    )]
    #[serde(rename = "header")]
    pub headers: Vec<String>,
    /// Most requests in a time, such as 20/s or 90/m [default: 50/s if the target is another machine]
    #[arg(long, value_name = "N/s", env = "BOUNDSTONE_RATE")]
    pub rate: Option<Rate>,
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
    pub connection: ConnectionArgs,
}

/// How an endpoint is connected to.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ConnectionArgs {
    /// PEM file with certificates of authorities to trust beside the system's
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_CA_CERT")]
    pub ca_cert: Option<PathBuf>,
    /// PEM file with the client's certificate, its chain and its private key
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_CLIENT_CERT")]
    pub client_cert: Option<PathBuf>,
    /// Accept any certificate of the server: anybody may answer
    #[arg(long, env = "BOUNDSTONE_INSECURE")]
    pub insecure: bool,
    /// Version of HTTP; 2 over http:// without asking [default: over https what the server offers]
    #[arg(long, value_name = "VERSION", env = "BOUNDSTONE_HTTP")]
    pub http: Option<HttpVersionArg>,
    /// Proxy (http, https, socks5), credentials in its URL. Those of the environment are ignored
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_PROXY", hide_env_values = true)]
    pub proxy: Option<String>,
    /// Unix socket to connect to in place of the target's host and port
    #[arg(long, value_name = "PATH", env = "BOUNDSTONE_UNIX_SOCKET")]
    pub unix_socket: Option<PathBuf>,
}

/// A version of HTTP, as the user types it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
pub enum HttpVersionArg {
    /// HTTP/1.1.
    #[value(name = "1.1")]
    #[serde(rename = "1.1")]
    Http1,
    /// HTTP/2.
    #[value(name = "2")]
    #[serde(rename = "2")]
    Http2,
}

/// Arguments of `run`. Each may also stand in the environment as `BOUNDSTONE_<FLAG>`, or in
/// `boundstone.toml` under its name; the flag comes first, then the environment, then the file.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag by itself")]
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
    /// Only a part of the cases, such as 1/3; `report merge` makes one report of all parts
    #[arg(long, value_name = "I/N", env = "BOUNDSTONE_SHARD")]
    pub shard: Option<Shard>,
    /// Seed of the run; the same seed makes the same requests [default: 0]
    #[arg(long, value_name = "N", env = "BOUNDSTONE_SEED")]
    pub seed: Option<u64>,
    /// Random samples for each case, after its boundary values [default: 16]
    #[arg(long, value_name = "N", value_parser = above_zero::<NonZeroUsize>, env = "BOUNDSTONE_CASES")]
    pub cases: Option<NonZeroUsize>,
    /// Cases under way at once [default: 16]
    #[arg(long, value_name = "N", value_parser = above_zero::<NonZeroUsize>, env = "BOUNDSTONE_CONCURRENCY")]
    pub concurrency: Option<NonZeroUsize>,
    /// Most requests to send
    #[arg(long, value_name = "N", value_parser = above_zero::<NonZeroU64>, env = "BOUNDSTONE_MAX_REQUESTS")]
    pub max_requests: Option<NonZeroU64>,
    /// Longest time to judge, such as 2m; making fixtures is not part of it
    #[arg(long, value_name = "DURATION", value_parser = duration, env = "BOUNDSTONE_BUDGET")]
    pub budget: Option<SignedDuration>,
    /// End the run once so many requirements fail that fail it
    #[arg(long, value_name = "N", value_parser = above_zero::<NonZeroU64>, env = "BOUNDSTONE_MAX_FAILURES")]
    pub max_failures: Option<NonZeroU64>,
    /// Send nothing; say what would be sent and how long it would take
    #[arg(long, env = "BOUNDSTONE_DRY_RUN")]
    pub dry_run: bool,
    /// Make fixtures by the target's control plane before the run, and remove them after it
    #[arg(long, env = "BOUNDSTONE_PROVISION")]
    pub provision: bool,
    /// Base URL of the control plane [default: AWS's own for a target at AWS, else the target's origin]
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_CONTROL_PLANE", hide_env_values = true)]
    pub control_plane: Option<String>,
    /// Let a SHOULD that is not held fail the run
    #[arg(long, env = "BOUNDSTONE_STRICT")]
    pub strict: bool,
    /// TOML file of the deviations that are known, each with a reason; they do not fail the run
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_KNOWN_FAILURES")]
    pub known_failures: Option<PathBuf>,
    /// Write what the run finds to a file, below the entries of --known-failures
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_WRITE_KNOWN_FAILURES")]
    pub write_known_failures: Option<PathBuf>,
    /// Where the reports go [default: target/boundstone]
    #[arg(long, value_name = "DIR", env = "BOUNDSTONE_OUT")]
    pub out: Option<PathBuf>,
    /// Go on with a run that was killed or stopped, from its checkpoint in the folder of the reports. All
    /// that settles what is sent has to be the same
    #[arg(long, env = "BOUNDSTONE_RESUME")]
    pub resume: bool,
    /// Print an annotation of GitHub Actions for each finding
    #[arg(long, env = "BOUNDSTONE_ANNOTATE")]
    pub annotate: bool,
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
    /// What is new, gone or changed beside the built-in `model`
    #[arg(long, conflicts_with = "coverage")]
    pub changes: bool,
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
    #[arg(value_name = "FINDING", value_parser = above_zero::<NonZeroUsize>)]
    pub finding: Option<NonZeroUsize>,
    /// The endpoint; what is not said is as the report has it.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// What can be done with reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Makes one report of the shards of a run, or of runs at several targets
    #[command(after_help = EXIT_CODES)]
    Merge {
        /// The report.json of each
        #[arg(value_name = "REPORT.json", required = true)]
        reports: Vec<PathBuf>,
        /// Where the reports go
        #[arg(long, value_name = "DIR", default_value = "target/boundstone", env = "BOUNDSTONE_OUT")]
        out: PathBuf,
    },
    /// Says what is new, fixed and still there from one report to the next
    #[command(after_help = "Exit codes: 0 nothing new; 1 a new violation; 2 wrong usage, or no report.")]
    Diff {
        /// The report.json before
        #[arg(value_name = "BASE.json")]
        base: PathBuf,
        /// The report.json after
        #[arg(value_name = "HEAD.json")]
        head: PathBuf,
        /// For a comment on a pull request
        #[arg(long)]
        markdown: bool,
    },
    /// Prints a page on what became of targets over many runs
    Trend {
        /// The report.json of each run, in any order
        #[arg(value_name = "REPORT.json", required = true)]
        reports: Vec<PathBuf>,
    },
    /// Renders a report anew, also one of an older boundstone
    Render {
        /// The report.json
        #[arg(value_name = "REPORT.json")]
        report: PathBuf,
        /// The form
        #[arg(long, value_name = "FORM", default_value = "text")]
        format: ReportFormat,
    },
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// As `run` prints it.
    Text,
    /// As `report.md`.
    Markdown,
    /// As `report.html`.
    Html,
    /// As `junit.xml`.
    Junit,
    /// As `report.json`.
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
    /// `page`, `model`, or a Smithy 2.0 JSON AST
    #[arg(long, value_name = "CONTRACT", default_value = "page", env = "BOUNDSTONE_CONTRACT")]
    pub contract: String,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = address, env = "BOUNDSTONE_LISTEN")]
    pub listen: SocketAddr,
    /// Serve a mutant: the mock with one deliberate bug; `help` lists all mutants
    #[arg(long, value_name = "NAME", env = "BOUNDSTONE_MUTANT")]
    pub mutant: Option<String>,
    /// Take only requests that are signed (AWS Signature Version 4); the credentials stand in the fixtures
    #[arg(long, env = "BOUNDSTONE_REQUIRE_SIGV4")]
    pub require_sigv4: bool,
    /// Region that requests have to be signed for [default: us-east-1]
    #[arg(long, value_name = "REGION", env = "BOUNDSTONE_REGION")]
    pub region: Option<String>,
    /// Serve a variant: an unusual but conformant mock; `help` lists all variants
    #[arg(long, value_name = "NAME", env = "BOUNDSTONE_VARIANT", conflicts_with = "mutant")]
    pub variant: Option<String>,
    /// Delay each response by so much, such as 50ms, as a distant server would
    #[arg(long, value_name = "TIME", env = "BOUNDSTONE_LATENCY")]
    pub latency: Option<SignedDuration>,
    /// Serve https with this certificate: a PEM file, its chain behind it
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate: a PEM file
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(mut_arg("target", |target| target.env(None).hide(true).conflicts_with_all(["a", "b"])))]
pub struct CompareArgs {
    /// Base URL of the one endpoint
    #[arg(value_name = "A")]
    pub a: String,
    /// Base URL of the other one
    #[arg(value_name = "B")]
    pub b: String,
    /// What both have in common, but for --target.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// TOML file of the resources of B, in the order and form of --fixtures [default: --fixtures]
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES_B")]
    pub fixtures_b: Option<PathBuf>,
    /// Header that goes with every request to B, in place of those of --header. May be repeated
    #[arg(
        long = "header-b",
        value_name = "K:V",
        env = "BOUNDSTONE_HEADER_B",
        hide_env_values = true,
        value_delimiter = '\n'
    )]
    pub headers_b: Vec<String>,
    /// Only cases whose id matches; `*` stands for anything. May be repeated
    #[arg(long, value_name = "PATTERN", env = "BOUNDSTONE_ONLY", value_delimiter = ',')]
    pub only: Vec<String>,
    /// No cases whose id matches. May be repeated
    #[arg(long, value_name = "PATTERN", env = "BOUNDSTONE_SKIP", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Seed; the same seed makes the same requests
    #[arg(long, value_name = "N", env = "BOUNDSTONE_SEED", default_value_t = 0)]
    pub seed: u64,
    /// Random samples for each case, after its boundary values
    #[arg(long, value_name = "N", env = "BOUNDSTONE_CASES", default_value_t = 4)]
    pub cases: usize,
    /// For machines
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `provision`. What is not said is as the environment and `boundstone.toml` have it for
/// `run`.
#[derive(Debug, Args)]
#[command(mut_arg("http", |http| http.hide(true)))]
pub struct ProvisionArgs {
    /// Base URL of the endpoint that the fixtures are for
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_TARGET", hide_env_values = true)]
    pub target: Option<String>,
    /// `page`, `model`, or a Smithy 2.0 JSON AST, whose bounds the names keep [default: page]
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT")]
    pub contract: Option<String>,
    /// Base URL of the control plane [default: AWS's own for a target at AWS, else the target's origin]
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_CONTROL_PLANE", hide_env_values = true)]
    pub control_plane: Option<String>,
    /// Region of the fixtures [default: that of a target at AWS, else as AWS's own tools find it]
    #[arg(long, value_name = "REGION", env = "BOUNDSTONE_REGION")]
    pub region: Option<String>,
    /// How the control plane is connected to, but for the version of HTTP.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Remove all fixtures that were made and are still there, also those of a run that goes on
    #[arg(long)]
    pub clean: bool,
    /// Only list what --clean would remove
    #[arg(long, requires = "clean")]
    pub dry_run: bool,
}

impl ConnectionArgs {
    /// These arguments, and where they say nothing those of `file`.
    #[must_use]
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            ca_cert: self.ca_cert.or(file.ca_cert),
            client_cert: self.client_cert.or(file.client_cert),
            insecure: self.insecure || file.insecure,
            http: self.http.or(file.http),
            proxy: self.proxy.or(file.proxy),
            unix_socket: self.unix_socket.or(file.unix_socket),
        }
    }
}

impl From<ConnectionArgs> for ConnectionOptions {
    fn from(args: ConnectionArgs) -> Self {
        let ConnectionArgs { ca_cert, client_cert, insecure, http, proxy, unix_socket } = args;
        let http = http.map(|version| match version {
            HttpVersionArg::Http1 => HttpVersion::Http1,
            HttpVersionArg::Http2 => HttpVersion::Http2,
        });
        Self { ca_cert, client_cert, insecure, http, proxy, unix_socket }
    }
}

impl EndpointArgs {
    /// The endpoint that these arguments describe.
    ///
    /// # Errors
    /// A duration is not above zero.
    pub fn config(self) -> Result<EndpointConfig, CliError> {
        Ok(EndpointConfig {
            target: self.target,
            contract: self.contract.unwrap_or_else(|| DEFAULT_CONTRACT.to_owned()),
            fixtures: self.fixtures,
            timeout: above_zero_time("--timeout", self.timeout)?,
            wait: above_zero_time("--wait", self.wait)?,
            headers: self.headers,
            rate: self.rate,
            sigv4: self.sigv4,
            region: self.region,
            connection: self.connection.into(),
        })
    }

    /// These arguments, and where they say nothing those of `file`.
    #[must_use]
    fn or(self, file: Self) -> Self {
        Self {
            target: self.target.or(file.target),
            contract: self.contract.or(file.contract),
            fixtures: self.fixtures.or(file.fixtures),
            timeout: self.timeout.or(file.timeout),
            wait: self.wait.or(file.wait),
            headers: either(self.headers, file.headers),
            rate: self.rate.or(file.rate),
            sigv4: self.sigv4 || file.sigv4,
            region: self.region.or(file.region),
            connection: self.connection.or(file.connection),
        }
    }
}

impl RunArgs {
    /// The run that these arguments describe.
    ///
    /// # Errors
    /// A duration is not above zero.
    pub fn config(self) -> Result<RunConfig, CliError> {
        Ok(RunConfig {
            endpoint: self.endpoint.config()?,
            only: self.only,
            skip: self.skip,
            shard: self.shard,
            seed: self.seed.unwrap_or_default(),
            samples: self.cases.map_or(DEFAULT_SAMPLES, Into::into),
            concurrency: self.concurrency,
            max_requests: self.max_requests,
            budget: above_zero_time("--budget", self.budget)?,
            max_failures: self.max_failures,
            strict: self.strict,
            known_failures: self.known_failures,
            out: self.out.unwrap_or_else(|| PathBuf::from(DEFAULT_OUT)),
        })
    }

    /// The arguments of a configuration file, which has the names of the flags as its keys.
    ///
    /// # Errors
    /// The place, and what is wrong there.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        config::check(text, &Self::augment_args(clap::Command::new("")))?;
        let error = |error: toml::de::Error| located(text, &error);
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

fn duration(text: &str) -> Result<SignedDuration, &'static str> {
    text.parse().map_err(|_| "a time with its unit is expected, such as 10s or 2m")
}

fn above_zero<T: FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "a whole number above zero is expected")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address of this machine and a port are expected, such as 127.0.0.1:8787")
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

    /// What tells where something is, or who may speak to it, may hold credentials.
    #[test]
    fn no_help_shows_what_the_environment_says_of_a_url_or_a_header() {
        use clap::CommandFactory as _;
        let mut hidden = 0;
        for command in Cli::command().get_subcommands() {
            for arg in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
                let name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name);
                if matches!(name, "URL" | "K:V") {
                    assert!(arg.is_hide_env_values_set(), "{} {arg}", command.get_name());
                    hidden += 1;
                }
            }
        }
        assert!(hidden >= 10, "{hidden}");
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
    fn no_error_of_a_file_shows_what_may_be_a_secret() {
        for (secret, place) in [
            ("seed = 5\nheader = \"Authorization: s3cret\"", "2: "),
            ("seed = 5\nheader = [\"Authorization: s3cret]", "2:"),
            ("header = [\"Authorization: s3cret\\x\"]", "1:"),
            ("header = { Authorization = \"s3cret\" }", "1: "),
            ("seed = \"s3cret\"", "1: "),
        ] {
            let wrong = RunArgs::from_toml(secret).unwrap_err();
            assert!(wrong.starts_with(place) && !wrong.contains("s3cret"), "{wrong}");
        }
    }

    #[test]
    fn a_file_may_say_it_too() {
        let text = "ca-cert = \"ca.pem\"\nhttp = \"1.1\"\ninsecure = true\nunix-socket = \"a.socket\"";
        let file = RunArgs::from_toml(text).unwrap().endpoint.connection;
        let connection =
            ConnectionArgs { http: Some(HttpVersionArg::Http2), ..ConnectionArgs::default() }.or(file);
        assert_eq!(connection.ca_cert, Some("ca.pem".into()));
        assert_eq!(connection.http, Some(HttpVersionArg::Http2));
        assert!(connection.insecure && connection.unix_socket.is_some() && connection.proxy.is_none());
        let wrong = RunArgs::from_toml("http = \"3\"").unwrap_err();
        assert!(wrong.contains("1.1"), "{wrong}");
    }
}
