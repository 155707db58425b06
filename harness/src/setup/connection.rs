//! From what the user says of an endpoint to a transport that reaches it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cases::generate::World;
use jiff::SignedDuration;
use mock::Serving;
use mock::signature::REGION;
use reports::model::{TargetInfo, TargetKind};
use reports::render::command::Route;

use crate::client::client::{Client, client};
use crate::client::http::client::Http;
use crate::client::http::proxy::Proxy;
use crate::client::http::settings::Settings;
use crate::client::layers::rate::Rate;
use crate::client::layers::throttling::puts_off;
use crate::client::machine::Machine;
use crate::config::fixtures;
use crate::limits::Limits;
use crate::redact::Shared;
use crate::setup::config::EndpointConfig;
use crate::setup::credentials::signing;
use crate::setup::embedded_mock::{Embedded, contract, headers};
use crate::setup::error::CliError;
use crate::setup::rerun_command;

/// A target that can be spoken to, and what is known of it.
pub struct Connection {
    /// Where requests go.
    pub transport: Client,
    /// The same without any bound.
    pub http: Http,
    /// What bounds all that is sent.
    pub limits: Arc<Limits>,
    /// How many requests may be sent in a time.
    pub rate: Option<Rate>,
    /// Whether the certificate of the server is not verified.
    pub is_unverified: bool,
    /// How requests get there, for curl commands.
    pub route: Route,
    /// The target as reports show it.
    pub target: TargetInfo,
    /// Contract and fixtures.
    pub world: Arc<World>,
    /// Values that must not be shown.
    pub secrets: Shared,
    /// The mock, if it is the target; it serves as long as this lives.
    pub mock: Option<Embedded>,
}

impl Connection {
    /// Connects to the endpoint, or to the mock inside boundstone if none is named.
    pub async fn open(config: &EndpointConfig, limits: Arc<Limits>) -> Result<Self, CliError> {
        if config.target.is_none() {
            config.connection.needs_target()?;
        }
        let mock = match &config.target {
            None => {
                let serving = Serving::default();
                let region = config.region.as_deref().unwrap_or(REGION);
                let serving = if config.sigv4 { serving.signed_for(region) } else { serving };
                let contract = contract(&config.contract)?;
                Some(Embedded::start_with(&contract, serving, SocketAddr::from(([127, 0, 0, 1], 0))).await?)
            }
            Some(_) => None,
        };
        Self::open_to(config, mock, limits).await
    }

    /// Connects to this mock if there is one, or else to the endpoint.
    pub async fn open_to(
        config: &EndpointConfig,
        mock: Option<Embedded>,
        limits: Arc<Limits>,
    ) -> Result<Self, CliError> {
        let contract = contract(&config.contract)?;
        let fixtures = match (&config.fixtures, &mock) {
            (Some(file), _) => fixtures::read(file, &contract)?,
            (None, Some(mock)) => fixtures::parse(&mock.fixtures, Path::new("mock"), &contract)?,
            (None, None) => Vec::new(),
        };
        let world = Arc::new(World { contract, fixtures });
        let mut settings = Settings { headers: headers(&config.headers)?, ..config.connection.settings()? };
        if let Some(timeout) = config.timeout {
            settings.timeout = timeout;
        }
        let mut scope = None;
        let mut secrets = Shared::default();
        if let Some(signing) = signing(config, mock.as_ref(), &world).await? {
            secrets = signing.signer.secrets().clone();
            settings.signer = Some(signing.signer);
            scope = Some(signing.scope);
        }
        let headers = settings.headers.iter().filter(|(name, _)| is_secret(name));
        secrets.add(headers.map(|(_, value)| value.as_str()));
        secrets.add(settings.proxy.iter().flat_map(Proxy::secrets).map(String::as_str));
        let kind = if mock.is_some() { TargetKind::Mock } else { TargetKind::Url };
        let url = mock.as_ref().map(Embedded::url).or(config.target.clone()).unwrap_or_default();
        let http = Http::new(&url, &settings)?;
        let of_contract = Arc::clone(&world);
        // To a proxy, this machine is the proxy's own.
        let is_near =
            settings.unix_socket.is_some() || settings.proxy.is_none() && Machine::this().is_at(&url);
        let rate = config.rate.or((!is_near).then_some(Rate::GENTLE));
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
                puts_off(&of_contract.contract, response)
            }),
            limits,
            rate,
            is_unverified: settings.trust.anybody,
            // The mock's port is another one each time.
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

/// What has to be known of the way to the target.
fn notes(settings: &Settings) -> Vec<String> {
    let anybody = settings.trust.anybody.then(|| {
        "The server's certificate is not verified (--insecure): anybody may have answered.".to_owned()
    });
    let proxy =
        settings.proxy.as_ref().map(|proxy| format!("Requests go through the proxy {}.", proxy.shown()));
    let socket = settings.unix_socket.as_ref();
    let socket = socket.map(|path| format!("Requests go to the unix socket {}.", path.display()));
    [anybody, proxy, socket].into_iter().flatten().collect()
}

/// Whether the value of a header may be a secret: not one of those that say what a client can read.
fn is_secret(name: &str) -> bool {
    const PLAIN: [&str; 6] =
        ["accept", "accept-encoding", "accept-language", "content-type", "host", "user-agent"];
    !PLAIN.contains(&name.to_ascii_lowercase().as_str())
}

/// A time to wait, which has to be above zero.
pub fn duration(flag: &'static str, given: Option<SignedDuration>) -> Result<Option<Duration>, CliError> {
    let Some(given) = given else { return Ok(None) };
    match Duration::try_from(given) {
        Ok(duration) if !duration.is_zero() => Ok(Some(duration)),
        _ => Err(CliError::Duration { flag, value: format!("{given:#}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_above_zero() {
        assert_eq!(duration("--timeout", Some("2s".parse().unwrap())).unwrap(), Some(Duration::from_secs(2)));
        for wrong in ["0s", "-3s"] {
            let error = duration("--timeout", Some(wrong.parse().unwrap())).unwrap_err().to_string();
            assert!(error.starts_with("--timeout "), "{error}");
        }
    }
}
