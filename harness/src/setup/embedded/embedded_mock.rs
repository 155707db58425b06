//! Loads contracts by name, and starts the mock as a target.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use cases::catalogue::{Catalogue, ContractDiff};
use cases::contract::Contract;
use http::HeaderName;
use mock::server::{serve, serve_tls};
use mock::{Behavior, Clock, Dialect, Mock, MockConfig, RequiredSignature, Server};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::config::user_file::{FileError, read_text};
use crate::setup::error::SetupError;

/// The remedy for a contract file that cannot be read.
const REMEDY: &str = "`page`, `model` or a Smithy JSON AST is expected: `smithy ast model.smithy > model.json` writes \
                      one, and https://github.com/aws/api-models-aws has those of AWS";

/// Loads a contract: `page`, `model`, or the path of a Smithy 2.0 JSON AST.
///
/// # Errors
/// The file cannot be read, or is no contract.
pub fn contract(name: &str) -> Result<Contract, SetupError> {
    match name {
        "page" => Ok(Contract::page()?),
        "model" => Ok(Contract::model()?),
        file => {
            let text = read_text(Path::new(file)).map_err(|problem| {
                let error = FileError::of_setting("contract", Path::new(file), problem);
                FileError { remedy: Some(REMEDY), ..error }
            })?;
            let contract = Contract::load(file, &text)?;
            match Catalogue::of(&contract).duplicate_id() {
                None => Ok(contract),
                Some(id) => Err(SetupError::ContractClash { contract: file.to_owned(), id: id.to_owned() }),
            }
        }
    }
}

/// How the contract of a file differs from the built-in one of the same service, if it differs.
///
/// # Errors
/// The built-in contract cannot be read.
pub fn contract_changes(
    name: &str,
    contract: &Contract,
    catalogue: &Catalogue,
) -> Result<Option<ContractDiff>, SetupError> {
    if matches!(name, "page" | "model") {
        return Ok(None);
    }
    let published = Contract::model()?;
    if published.service != contract.service {
        return Ok(None);
    }
    let diff = ContractDiff::between(&published.name, &Catalogue::of(&published), catalogue);
    Ok(Some(diff).filter(|diff| !diff.is_empty()))
}

/// The embedded mock. It serves until it is dropped.
#[derive(Debug)]
pub struct Embedded {
    /// The address that it listens on.
    pub address: SocketAddr,
    /// Its resources as the text of a fixtures file.
    pub fixtures: String,
    clock: Clock,
    required_signature: Option<RequiredSignature>,
    scheme: &'static str,
    task: JoinHandle<()>,
}

impl Embedded {
    /// Starts the conformant mock on a free loopback port.
    ///
    /// # Errors
    /// The mock cannot serve the contract, or cannot listen.
    pub async fn start(contract: &Contract) -> Result<Self, SetupError> {
        Self::start_with(contract, MockConfig::default(), SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts a mock on an address.
    ///
    /// # Errors
    /// The mock cannot serve the contract, or cannot listen.
    pub async fn start_with(
        contract: &Contract,
        config: impl Into<MockConfig>,
        address: SocketAddr,
    ) -> Result<Self, SetupError> {
        Self::start_over(contract, config, address, None).await
    }

    /// Starts a mock on an address, over TLS if there is an acceptor.
    ///
    /// # Errors
    /// The mock cannot serve the contract, or cannot listen.
    pub async fn start_over(
        contract: &Contract,
        config: impl Into<MockConfig>,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) -> Result<Self, SetupError> {
        let clock = Clock::default();
        let server = Server::with_clock(mock(contract, config.into())?, {
            let clock = clock.clone();
            move || clock.now()
        });
        let listen = |error| SetupError::Listen { address: address.to_string(), error };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let fixtures = server.resources().to_fixtures();
        let required_signature = server.required_signature().cloned();
        let server = Arc::new(server);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let task = match tls {
            Some(tls) => tokio::spawn(serve_tls(listener, tls, server, std::future::pending())),
            None => tokio::spawn(serve(listener, server, std::future::pending())),
        };
        Ok(Self { address, fixtures, clock, required_signature, scheme, task })
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The clock of the mock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The credentials and the scope of signatures, if the mock requires signed requests.
    pub fn required_signature(&self) -> Option<&RequiredSignature> {
        self.required_signature.as_ref()
    }

    /// Waits until the mock stops, which only happens if it panics.
    pub async fn served(mut self) {
        // A panic ends the mock too.
        let _ended = (&mut self.task).await;
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A mock of a contract that uses the system clock.
///
/// # Errors
/// The mock cannot serve the contract.
pub fn server(contract: &Contract, behavior: Box<dyn Behavior>) -> Result<Server, SetupError> {
    Ok(Server::new(mock(contract, behavior.into())?))
}

/// The mock of a contract, with a random seed.
///
/// # Errors
/// The mock cannot serve the contract.
pub(crate) fn mock(contract: &Contract, config: MockConfig) -> Result<Mock, SetupError> {
    let dialect = Dialect::of(contract).map_err(|problem| SetupError::NotServed {
        contract: contract.name.clone(),
        problem: problem.to_owned(),
    })?;
    if config.options.signed_for.is_some() && dialect.signing_name.is_none() {
        return Err(SetupError::NoSigningName { contract: contract.name.clone() });
    }
    let mut seed = [0; 32];
    if getrandom::fill(&mut seed).is_err() {
        let problem = "the system provides no random numbers".to_owned();
        return Err(SetupError::NotServed { contract: contract.name.clone(), problem });
    }
    Ok(Mock::from_config(dialect, config, seed))
}

/// Splits headers of the form `Name: value`.
///
/// # Errors
/// A header has another form.
pub fn headers(given: &[String]) -> Result<Vec<(String, String)>, SetupError> {
    (1..)
        .zip(given)
        .map(|(number, header)| {
            let (name, value) = header.split_once(':').ok_or(SetupError::Header { number })?;
            let name = name.trim();
            // An invalid name may be a part of a secret value.
            name.parse::<HeaderName>().map_err(|_| SetupError::Header { number })?;
            Ok((name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cases::protocol::{Request, Response, outputs};

    use super::*;
    use crate::client::http::client::Http;
    use crate::client::http::settings::Settings;
    use crate::client::transport::Transport as _;

    async fn send(mock: &Embedded, method: &str, target: &str, body: &str) -> Response {
        let http = Http::new(&mock.url(), &Settings::default()).unwrap();
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_vec(),
            ..Request::default()
        };
        http.send(request).await.observed.unwrap()
    }

    #[tokio::test]
    async fn advancing_the_clock_expires_tokens() {
        const BODY: &str = r#"{"ApplicationIdentifier":"app0001","EnvironmentIdentifier":"envr101","ConfigurationProfileIdentifier":"prof101"}"#;
        let contract = Contract::model().unwrap();
        let mock = Embedded::start(&contract).await.unwrap();
        let start = contract.operation("StartConfigurationSession").unwrap();
        let mut statuses = Vec::new();
        for hours in [0, 23, 25] {
            let started = send(&mock, "POST", "/configurationsessions", BODY).await;
            let token = &outputs(start, &started)["InitialConfigurationToken"];
            mock.clock().advance(Duration::from_hours(hours));
            let target = format!("/configuration?configuration_token={token}");
            statuses.push(send(&mock, "GET", &target, "").await.status);
        }
        assert_eq!(statuses, [200, 200, 400]);
    }
}
