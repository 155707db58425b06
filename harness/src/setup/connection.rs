//! Connects to an endpoint as its configuration describes.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cases::generate::World;
use jiff::SignedDuration;
use mock::MockConfig;
use mock::signature::DEFAULT_REGION;
use reports::model::{TargetInfo, TargetKind};
use reports::render::command::Route;

use crate::client::http::client::Http;
use crate::client::http::proxy::Proxy;
use crate::client::http::settings::Settings;
use crate::client::layers::rate::Rate;
use crate::client::layers::throttling::is_throttled;
use crate::client::machine::Machine;
use crate::client::stack::{Client, client};
use crate::config::fixtures;
use crate::limits::Limits;
use crate::redact::RedactionSet;
use crate::setup::config::EndpointConfig;
use crate::setup::credentials::signing;
use crate::setup::embedded_mock::{Embedded, contract, headers};
use crate::setup::error::SetupError;
use crate::setup::rerun_command;

/// A target that requests can be sent to, with its contract and fixtures.
pub struct Connection {
    /// The client that sends requests, within the limits.
    pub transport: Client,
    /// The same client without limits and retries.
    pub http: Http,
    /// The limits of the run.
    pub limits: Arc<Limits>,
    /// The rate limit.
    pub rate: Option<Rate>,
    /// Whether the certificate of the server is not verified.
    pub is_unverified: bool,
    /// How requests reach the target, for curl commands.
    pub route: Route,
    /// The target as reports show it.
    pub target: TargetInfo,
    /// Contract and fixtures.
    pub world: Arc<World>,
    /// Values that output must not show.
    pub secrets: RedactionSet,
    /// The mock, if it is the target; it stops when this is dropped.
    pub mock: Option<Embedded>,
}

impl Connection {
    /// Connects to the endpoint, or starts the embedded mock if no target is named.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub async fn open(config: &EndpointConfig, limits: Arc<Limits>) -> Result<Self, SetupError> {
        if config.target.is_none() {
            config.connection.check_without_target()?;
        }
        let mock = match &config.target {
            None => {
                let serving = MockConfig::default();
                let region = config.region.as_deref().unwrap_or(DEFAULT_REGION);
                let serving = if config.sigv4 { serving.signed_for(region) } else { serving };
                let contract = contract(&config.contract)?;
                Some(Embedded::start_with(&contract, serving, SocketAddr::from(([127, 0, 0, 1], 0))).await?)
            }
            Some(_) => None,
        };
        Self::open_to(config, mock, limits).await
    }

    /// Connects to a mock, or to the endpoint if there is none.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub async fn open_to(
        config: &EndpointConfig,
        mock: Option<Embedded>,
        limits: Arc<Limits>,
    ) -> Result<Self, SetupError> {
        let mut world = world(config, mock.as_ref())?;
        let mut settings = settings(config)?;
        let mut scope = None;
        let mut secrets = RedactionSet::default();
        let url = mock.as_ref().map(Embedded::url).or(config.target.clone()).unwrap_or_default();
        // The rules of a contract that names resources say what its calls change.
        world.only_reads =
            !config.allow_writes && !world.contract.names_resources() && !is_local(&settings, &url);
        let world = Arc::new(world);
        if let Some(signing) = signing(config, mock.as_ref(), &world).await? {
            secrets = signing.signer.secrets().clone();
            settings.signer = Some(signing.signer);
            scope = Some(signing.scope);
        }
        let headers = settings.headers.iter().filter(|(name, _)| is_secret(name));
        secrets.add(headers.map(|(_, value)| value.as_str()));
        secrets.add(settings.proxy.iter().flat_map(Proxy::secrets).map(String::as_str));
        let kind = if mock.is_some() { TargetKind::Mock } else { TargetKind::Url };
        let http = Http::new(&url, &settings)?;
        let of_contract = Arc::clone(&world);
        let rate = config.rate.or((!is_local(&settings, &url)).then_some(Rate::DEFAULT_REMOTE));
        let interval = rate.map(Rate::interval);
        Ok(Self {
            route: Route {
                base_url: http.base().to_owned(),
                headers: settings.headers.iter().map(|(name, _)| name.clone()).collect(),
                scope,
                options: rerun_command::for_curl(&config.connection, settings.proxy.as_ref(), http.base()),
            },
            http: http.clone(),
            transport: client(http, &limits, interval, move |response| {
                is_throttled(&of_contract.contract, response)
            }),
            limits,
            rate,
            is_unverified: settings.trust.accept_any,
            // The port of the mock differs in each run.
            target: TargetInfo {
                kind,
                url: if mock.is_some() { TargetInfo::MOCK.to_owned() } else { url },
                notes: notes(&settings),
            },
            world,
            secrets,
            mock,
        })
    }
}

fn world(config: &EndpointConfig, mock: Option<&Embedded>) -> Result<World, SetupError> {
    let contract = contract(&config.contract)?;
    let fixtures = match (&config.fixtures, mock) {
        (Some(file), _) => fixtures::read(file, &contract)?,
        (None, Some(mock)) => fixtures::parse(&mock.fixtures, Path::new("mock"), &contract)?,
        (None, None) => Vec::new(),
    };
    Ok(World::new(contract, fixtures))
}

fn settings(config: &EndpointConfig) -> Result<Settings, SetupError> {
    let settings = Settings { headers: headers(&config.headers)?, ..config.connection.settings()? };
    Ok(match config.timeout {
        Some(timeout) => Settings { timeout, ..settings },
        None => settings,
    })
}

/// Whether the target is this machine. To a proxy, a local address is the proxy itself.
fn is_local(settings: &Settings, url: &str) -> bool {
    settings.unix_socket.is_some() || settings.proxy.is_none() && Machine::this().is_host_of(url)
}

/// What readers of a report have to know about the connection.
fn notes(settings: &Settings) -> Vec<String> {
    let unverified = settings.trust.accept_any.then(|| {
        "The server's certificate is not verified (--insecure): any server may have responded.".to_owned()
    });
    let proxy =
        settings.proxy.as_ref().map(|proxy| format!("Requests go through the proxy {}.", proxy.shown()));
    let socket = settings.unix_socket.as_ref();
    let socket = socket.map(|path| format!("Requests go to the unix socket {}.", path.display()));
    [unverified, proxy, socket].into_iter().flatten().collect()
}

/// Whether the value of a header may be a secret.
fn is_secret(name: &str) -> bool {
    const PUBLIC: [&str; 6] =
        ["accept", "accept-encoding", "accept-language", "content-type", "host", "user-agent"];
    !PUBLIC.contains(&name.to_ascii_lowercase().as_str())
}

/// Checks that the duration of a setting is above zero.
///
/// # Errors
/// It is zero or less.
pub fn positive_duration(
    setting: &'static str,
    given: Option<SignedDuration>,
) -> Result<Option<Duration>, SetupError> {
    let Some(given) = given else { return Ok(None) };
    match Duration::try_from(given) {
        Ok(duration) if !duration.is_zero() => Ok(Some(duration)),
        _ => Err(SetupError::Duration { setting, value: format!("{given:#}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_above_zero_is_required() {
        assert_eq!(
            positive_duration("timeout", Some("2s".parse().unwrap())).unwrap(),
            Some(Duration::from_secs(2))
        );
        for wrong in ["0s", "-3s"] {
            let error = positive_duration("timeout", Some(wrong.parse().unwrap())).unwrap_err().to_string();
            assert!(error.starts_with("timeout "), "{error}");
        }
    }
}
