//! What a run is told, as plain data: the command line parses into it, and tests build it directly.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use crate::client::layers::rate::Rate;
use crate::setup::connection_options::ConnectionOptions;
use crate::setup::shard::Shard;

/// The contract of an endpoint that nothing else is said of.
pub const DEFAULT_CONTRACT: &str = "page";
/// Random samples for each case, after its boundary values.
pub const DEFAULT_SAMPLES: usize = 16;
/// Where the reports go.
pub const DEFAULT_OUT: &str = "target/boundstone";

/// An endpoint, and how it is spoken to.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// The base URL; without one, the embedded mock is tested.
    pub target: Option<String>,
    /// `page`, `model`, or the path of a Smithy 2.0 JSON AST.
    pub contract: String,
    /// A TOML file that names resources which exist on the target.
    pub fixtures: Option<PathBuf>,
    /// The longest wait for one response, if it is not the default.
    pub timeout: Option<Duration>,
    /// How long to wait for the target to come up.
    pub wait: Option<Duration>,
    /// Headers that go with every request, each `Name: value`.
    pub headers: Vec<String>,
    /// The rate limit, if it is not the default.
    pub rate: Option<Rate>,
    /// Whether requests are signed (AWS Signature Version 4).
    pub sigv4: bool,
    /// The region that requests are signed for, if it is not the default.
    pub region: Option<String>,
    /// How the endpoint is connected to.
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
            rate: None,
            sigv4: false,
            region: None,
            connection: ConnectionOptions::default(),
        }
    }
}

/// What a run does.
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
    /// The seed: the same seed makes the same requests.
    pub seed: u64,
    /// Random samples for each case, after its boundary values.
    pub samples: usize,
    /// Requests in flight at once; without it, their number adapts to the latency of the target.
    pub concurrency: Option<NonZeroUsize>,
    /// The most requests that may be sent.
    pub max_requests: Option<NonZeroU64>,
    /// The longest time that the run may take.
    pub budget: Option<Duration>,
    /// How many failing requirements end the run.
    pub max_failures: Option<NonZeroU64>,
    /// Whether a broken SHOULD fails the run.
    pub strict: bool,
    /// The TOML file of known failures.
    pub known_failures: Option<PathBuf>,
    /// The folder of the reports, for the commands that replay findings.
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
