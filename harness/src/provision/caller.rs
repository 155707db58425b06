//! Sends signed calls to one endpoint, with limits on time and size.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::SharedCredentialsProvider;
use backon::{ExponentialBuilder, Retryable as _};
use cases::protocol::{Json, Request, Response};
use cases::signing::Scope;

use crate::client::error::TransportError;
use crate::client::http::client::Http;
use crate::client::http::settings::Settings;
use crate::client::layers::retry::Retry;
use crate::client::response::error_type;
use crate::client::sign::signer::Signer;
use crate::client::transport::Transport as _;
use crate::provision::call::{CallError, Failure};

/// The time limits of one attempt, and of one call with all its attempts.
const MAX_ATTEMPT_TIME: Duration = Duration::from_secs(10);
const MAX_CALL_TIME: Duration = Duration::from_secs(30);
/// How often a call is retried after throttling, an error of the server, or a transport failure.
const RETRIES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_secs(5))
    .with_max_times(3)
    .with_jitter();
/// Parts of the error types for a signature with a wrong date.
const CLOCK_ERRORS: [&str; 4] = ["Signature", "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"];

/// Sends signed calls to one endpoint.
#[derive(Clone)]
pub(crate) struct Caller {
    transport: Retry<Http>,
    signer: Signer,
    place: String,
    /// The credentials of the proxy.
    secrets: Vec<String>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Caller {
    /// A caller of the endpoint at `url`, which errors call `place`. `connection` says how it is reached.
    ///
    /// # Errors
    /// The connection cannot be set up.
    pub(crate) fn new(
        url: &str,
        place: String,
        scope: Scope,
        provider: SharedCredentialsProvider,
        connection: &Settings,
    ) -> Result<Self, TransportError> {
        let signer = Signer::new(provider, scope, SystemTime::now, is_about_the_clock);
        let settings =
            Settings { timeout: MAX_ATTEMPT_TIME, signer: Some(signer.clone()), ..connection.clone() };
        let transport = Retry::new(Http::new(url, &settings)?, Some(signer.clone()));
        let secrets = connection.proxy.iter().flat_map(|proxy| proxy.secrets().to_vec()).collect();
        Ok(Self { transport, signer, place, secrets })
    }

    /// The endpoint, as shown to users.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Signs the calls.
    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Sends a call, with retries, and returns a response that is a success.
    ///
    /// # Errors
    /// The call failed. The error shows no credentials.
    pub(crate) async fn send(&self, call: &'static str, request: Request) -> Result<Response, CallError> {
        let attempt = || async {
            let observed = self.transport.send(request.clone()).await.observed;
            let response = observed.map_err(|failure| self.error(call, failure.into()))?;
            if (200..300).contains(&response.status) {
                Ok(response)
            } else {
                Err(CallError::refused(call, &self.place, &response, &self.secrets()))
            }
        };
        let retried = attempt.retry(RETRIES).when(CallError::is_transient);
        let result = tokio::time::timeout(MAX_CALL_TIME, retried).await;
        result.unwrap_or_else(|_| Err(self.error(call, Failure::TimedOut)))
    }

    /// The error for a successful response without a required member.
    pub(crate) fn unreadable(&self, call: &'static str) -> CallError {
        self.error(call, Failure::Unreadable)
    }

    fn error(&self, call: &'static str, failure: Failure) -> CallError {
        CallError { call, place: self.place.clone(), failure }
    }

    /// What no message may show. Replacing short values would make messages unreadable, and they are no
    /// secrets.
    fn secrets(&self) -> Vec<String> {
        let credentials = self.signer.secrets().all().into_iter().filter(|secret| secret.len() > 8);
        credentials.chain(self.secrets.iter().cloned()).collect()
    }
}

/// Whether a request may have been refused for the date of its signature.
fn is_about_the_clock(response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    error_type(response, body.as_ref())
        .is_some_and(|error| CLOCK_ERRORS.iter().any(|part| error.contains(part)))
}
