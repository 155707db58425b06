//! Arguments about an endpoint.

use std::path::PathBuf;

use clap::Args;
use jiff::SignedDuration;
use serde::Deserialize;

use crate::cli::args::connection::ConnectionArgs;
use crate::cli::args::values::{duration, either};
use crate::client::layers::rate::Rate;
use crate::setup::config::{DEFAULT_CONTRACT, EndpointConfig};
use crate::setup::connection::positive_duration;
use crate::setup::error::SetupError;

/// Arguments about an endpoint and how requests reach it.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct EndpointArgs {
    /// Test the endpoint with this base URL [default: the embedded mock]
    #[arg(
        long,
        value_name = "URL",
        env = "BOUNDSTONE_TARGET",
        hide_env_values = true,
        help_heading = "Target"
    )]
    pub target: Option<String>,
    /// Test against a contract: `page`, `model`, or a Smithy 2.0 JSON AST [default: page]
    #[arg(long, value_name = "CONTRACT", env = "BOUNDSTONE_CONTRACT", help_heading = "Target")]
    pub contract: Option<String>,
    /// Read a TOML file that names resources of the target
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_FIXTURES", help_heading = "Target")]
    pub fixtures: Option<PathBuf>,
    /// Wait for the target to start, up to this time, such as 30s
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        env = "BOUNDSTONE_WAIT",
        help_heading = "Target"
    )]
    pub wait: Option<SignedDuration>,
    /// Call operations that may change a target on another machine, if the contract names no resources
    #[arg(long, env = "BOUNDSTONE_ALLOW_WRITES", help_heading = "Target")]
    pub allow_writes: bool,
    /// Limit the time of a response [default: 10s]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        env = "BOUNDSTONE_TIMEOUT",
        help_heading = "Limits"
    )]
    pub timeout: Option<SignedDuration>,
    /// Limit the request rate, such as 20/s or 90/m [default: 50/s for a remote target]
    #[arg(long, value_name = "N/s", env = "BOUNDSTONE_RATE", help_heading = "Limits")]
    pub rate: Option<Rate>,
    /// Add a header to each request that does not set it; may be repeated
    #[arg(
        long = "header",
        value_name = "K:V",
        env = "BOUNDSTONE_HEADER",
        hide_env_values = true,
        value_delimiter = '\n',
        help_heading = "Connection"
    )]
    #[serde(rename = "header")]
    pub headers: Vec<String>,
    /// The connection.
    #[command(flatten)]
    #[serde(flatten)]
    pub connection: ConnectionArgs,
    /// Sign requests (AWS Signature Version 4) with credentials of the default chain of AWS
    #[arg(long, env = "BOUNDSTONE_SIGV4", help_heading = "AWS")]
    pub sigv4: bool,
    /// Sign for a region [default: that of the default chain of AWS]
    #[arg(long, value_name = "REGION", env = "BOUNDSTONE_REGION", help_heading = "AWS")]
    pub region: Option<String>,
}

impl EndpointArgs {
    /// The configuration of the endpoint.
    ///
    /// # Errors
    /// A duration is not above zero.
    pub fn config(self) -> Result<EndpointConfig, SetupError> {
        Ok(EndpointConfig {
            target: self.target,
            contract: self.contract.unwrap_or_else(|| DEFAULT_CONTRACT.to_owned()),
            fixtures: self.fixtures,
            timeout: positive_duration("timeout", self.timeout)?,
            wait: positive_duration("wait", self.wait)?,
            headers: self.headers,
            allow_writes: self.allow_writes,
            rate: self.rate,
            sigv4: self.sigv4,
            region: self.region,
            connection: self.connection.into(),
        })
    }

    /// These arguments, with those of `file` where they are missing.
    #[must_use]
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            target: self.target.or(file.target),
            contract: self.contract.or(file.contract),
            fixtures: self.fixtures.or(file.fixtures),
            timeout: self.timeout.or(file.timeout),
            wait: self.wait.or(file.wait),
            headers: either(self.headers, file.headers),
            allow_writes: self.allow_writes || file.allow_writes,
            rate: self.rate.or(file.rate),
            sigv4: self.sigv4 || file.sigv4,
            region: self.region.or(file.region),
            connection: self.connection.or(file.connection),
        }
    }
}
