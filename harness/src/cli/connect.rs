//! From what the user says of an endpoint to a transport that reaches it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cases::sample::World;
use jiff::SignedDuration;
use reports::report::{TargetInfo, TargetKind};

use super::args::EndpointArgs;
use super::target::{Embedded, contract, headers};
use super::{CliError, print_error};
use crate::fixtures;
use crate::transport::{Http, Patient, Settings, puts_off};

/// A target that can be spoken to, and what is known of it.
pub struct Connection {
    /// Where requests go.
    pub transport: Patient<Http>,
    /// The base URL, for curl commands.
    pub base_url: String,
    /// The target as reports show it.
    pub target: TargetInfo,
    /// Contract and fixtures.
    pub world: Arc<World>,
    /// Values that must not be shown.
    pub secrets: Vec<String>,
    /// The mock, if it is the target; it serves as long as this lives.
    pub mock: Option<Embedded>,
}

impl Connection {
    /// Connects to the endpoint, or to the mock inside boundstone if none is named.
    pub async fn open(args: &EndpointArgs) -> Result<Self, CliError> {
        if args.target.is_none() {
            args.wire.needs_target()?;
        }
        let mock = match &args.target {
            None => Some(Embedded::start(&contract(args.contract())?).await?),
            Some(_) => None,
        };
        Self::open_to(args, mock)
    }

    /// Connects to this mock if there is one, or else to the endpoint.
    pub fn open_to(args: &EndpointArgs, mock: Option<Embedded>) -> Result<Self, CliError> {
        let contract = contract(args.contract())?;
        let defaults = Settings::default();
        let settings = Settings {
            headers: headers(&args.headers)?,
            timeout: duration("--timeout", args.timeout)?.unwrap_or(defaults.timeout),
            ..args.wire.settings()?
        };
        let kind = if mock.is_some() { TargetKind::Mock } else { TargetKind::Url };
        let url = mock.as_ref().map(Embedded::url).or(args.target.clone()).unwrap_or_default();
        let http = Http::new(&url, &settings)?;
        if settings.trust.anybody {
            print_error(
                "warning: --insecure: the server's certificate is not verified; anybody may answer\n",
            );
        }
        let fixtures = match (&args.fixtures, &mock) {
            (Some(file), _) => fixtures::read(file, &contract)?,
            (None, Some(mock)) => fixtures::parse(&mock.fixtures, Path::new("mock"), &contract)?,
            (None, None) => Vec::new(),
        };
        let world = Arc::new(World { contract, fixtures });
        let of_contract = Arc::clone(&world);
        Ok(Self {
            base_url: http.base().to_owned(),
            transport: Patient::new(http, move |response| puts_off(&of_contract.contract, response)),
            // The mock's port is another one each time.
            target: TargetInfo {
                kind,
                url: if mock.is_some() { "embedded mock".to_owned() } else { url },
                notes: notes(&settings),
            },
            world,
            secrets: secrets(settings),
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

/// What must not be shown of how requests go out.
fn secrets(settings: Settings) -> Vec<String> {
    let proxy = settings.proxy.iter().flat_map(|proxy| proxy.secrets().to_vec()).collect::<Vec<_>>();
    settings.headers.into_iter().map(|(_, value)| value).chain(proxy).collect()
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
