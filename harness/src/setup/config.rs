//! The configuration of a run, as plain data: the command line parses into it, and the library builds it.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use crate::client::layers::rate::Rate;
use crate::setup::connection_options::ConnectionOptions;
use crate::setup::shard::Shard;

/// The default contract.
pub const DEFAULT_CONTRACT: &str = "page";
/// The default number of random samples of each case, after its boundary values.
pub const DEFAULT_SAMPLES: usize = 16;
/// The default folder of the reports.
pub const DEFAULT_OUT: &str = "target/boundstone";

/// An endpoint, and how requests reach it.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// The base URL; without one, the embedded mock is tested.
    pub target: Option<String>,
    /// `page`, `model`, or the path of a Smithy 2.0 JSON AST.
    pub contract: String,
    /// A TOML file that names resources which exist on the target.
    pub fixtures: Option<PathBuf>,
    /// The time limit of one response, if it is not the default.
    pub timeout: Option<Duration>,
    /// How long to wait for the target to start.
    pub wait: Option<Duration>,
    /// Headers of every request, each `Name: value`.
    pub headers: Vec<String>,
    /// Whether operations are called that may change a target on another machine. It makes no difference to a
    /// contract whose rules name resources.
    pub allow_writes: bool,
    /// The rate limit, if it is not the default.
    pub rate: Option<Rate>,
    /// Whether requests are signed (AWS Signature Version 4).
    pub sigv4: bool,
    /// The region that requests are signed for, if it is not the default.
    pub region: Option<String>,
    /// The connection options.
    pub connection: ConnectionOptions,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            target: None,
            contract: DEFAULT_CONTRACT.to_owned(),
            fixtures: None,
            timeout: None,
            wait: None,
            headers: Vec::new(),
            allow_writes: false,
            rate: None,
            sigv4: false,
            region: None,
            connection: ConnectionOptions::default(),
        }
    }
}

/// The configuration of a run.
#[derive(Debug, Clone)]
pub struct RunConfig {
    /// The target.
    pub endpoint: EndpointConfig,
    /// Patterns of the cases that run; with none, all do.
    pub only: Vec<String>,
    /// Patterns of the cases that do not run.
    pub skip: Vec<String>,
    /// The part of the cases that run.
    pub shard: Option<Shard>,
    /// The seed: the same seed gives the same requests.
    pub seed: u64,
    /// The number of random samples of each case, after its boundary values.
    pub samples: usize,
    /// Requests in flight at once; without it, their number adapts to the latency of the target.
    pub concurrency: Option<NonZeroUsize>,
    /// The maximum number of requests.
    pub max_requests: Option<NonZeroU64>,
    /// The time limit of the run.
    pub budget: Option<Duration>,
    /// The number of failed requirements that ends the run.
    pub max_failures: Option<NonZeroU64>,
    /// Whether a failed SHOULD fails the run.
    pub strict: bool,
    /// The TOML file of known failures.
    pub known_failures: Option<PathBuf>,
    /// The folder of the reports, which the commands that replay findings name.
    pub out: PathBuf,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            endpoint: EndpointConfig::default(),
            only: Vec::new(),
            skip: Vec::new(),
            shard: None,
            seed: 0,
            samples: DEFAULT_SAMPLES,
            concurrency: None,
            max_requests: None,
            budget: None,
            max_failures: None,
            strict: false,
            known_failures: None,
            out: PathBuf::from(DEFAULT_OUT),
        }
    }
}
