//! Requests to the services that provide credentials. No proxy is used.

use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use backon::{ExponentialBuilder, Retryable as _};
use cases::protocol::{Request, Response};

use crate::client::exchange::TransportFailure;
use crate::client::http::client::Http;
use crate::client::http::settings::Settings;
use crate::client::sign::signer::Signer;
use crate::client::transport::Transport as _;

/// How often a call is retried.
const RETRIES: ExponentialBuilder =
    ExponentialBuilder::new().with_min_delay(Duration::from_millis(100)).with_max_times(2).with_jitter();

/// A server that provides credentials.
pub(crate) struct Server<'s> {
    /// What it is, for errors.
    pub(crate) name: &'static str,
    /// Its base URL.
    pub(crate) url: &'s str,
    /// The timeout of each attempt.
    pub(crate) timeout: Duration,
}

/// Why a call failed.
pub(crate) enum CallFailure {
    /// The server cannot be used as configured.
    Configuration(CredentialsError),
    /// There is no response.
    Transport(TransportFailure),
    /// The status of a response that is an error.
    Status(u16),
}

impl Server<'_> {
    /// Sends a request, signed if there is a signer, and returns the response if it is a success.
    pub(crate) async fn call(
        &self,
        request: &Request,
        signer: Option<&Signer>,
    ) -> Result<Response, CallFailure> {
        let settings = Settings { timeout: self.timeout, signer: signer.cloned(), ..Settings::default() };
        let http = Http::new(self.url, &settings)
            .map_err(|_| CallFailure::Configuration(self.invalid("the URL cannot be used")))?;
        let attempt = || async {
            match http.send(request.clone()).await.observed {
                Ok(response) if (200..300).contains(&response.status) => Ok(response),
                Ok(response) => Err(CallFailure::Status(response.status)),
                Err(failure) => Err(CallFailure::Transport(failure)),
            }
        };
        attempt.retry(RETRIES).when(CallFailure::is_transient).await
    }

    /// Sends a request as [`call`](Self::call) does, for callers that treat all failures alike.
    pub(crate) async fn send(
        &self,
        request: &Request,
        signer: Option<&Signer>,
    ) -> Result<Response, CredentialsError> {
        self.call(request, signer).await.map_err(|failure| self.error(failure))
    }

    /// The error for a failed call.
    pub(crate) fn error(&self, failure: CallFailure) -> CredentialsError {
        match failure {
            CallFailure::Configuration(error) => error,
            CallFailure::Transport(TransportFailure::TimedOut) => {
                CredentialsError::provider_timed_out(self.timeout)
            }
            CallFailure::Transport(failure) => {
                CredentialsError::provider_error(format!("{}: {failure}", self.name))
            }
            CallFailure::Status(status) => {
                CredentialsError::provider_error(format!("{}: status {status}", self.name))
            }
        }
    }

    /// The error for a response without credentials. It does not show the response.
    pub(crate) fn unreadable(&self) -> CredentialsError {
        CredentialsError::provider_error(format!("{}: the response cannot be parsed", self.name))
    }

    fn invalid(&self, problem: &str) -> CredentialsError {
        CredentialsError::invalid_configuration(format!("{}: {problem}", self.name))
    }
}

impl CallFailure {
    fn is_transient(&self) -> bool {
        match self {
            Self::Configuration(_) => false,
            Self::Transport(failure) => failure.may_be_network_loss(),
            Self::Status(status) => matches!(status, 429 | 500..),
        }
    }
}

/// A request without a body.
pub(crate) fn get(target: String, headers: &[(&str, &str)]) -> Request {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method: "GET".to_owned(), target, headers, ..Request::default() }
}
