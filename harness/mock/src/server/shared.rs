//! The mock behind a clock and a lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::header::DATE;
use http::{HeaderValue, Request, Response};

use super::clock::Clock;
use crate::protocol::{ApiError, Delivery};
use crate::resources::{Configuration, Identifiers, NotFound, Resources};
use crate::service::{Call, Mock, Rules};
use crate::signature::RequiredSignature;

/// A mock that many connections share. It reads requests and writes responses without holding its lock.
pub struct Server {
    rules: Arc<Rules>,
    mock: Mutex<Mock>,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Server {
    /// A server that uses the clock of the system.
    pub fn new(mock: Mock) -> Self {
        let clock = Clock::default();
        Self::with_clock(mock, move || clock.now())
    }

    /// A server that uses `clock`, which returns the time since the Unix epoch.
    pub fn with_clock(mock: Mock, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { rules: mock.rules(), mock: Mutex::new(mock), clock: Box::new(clock) }
    }

    /// The response to `request` now.
    pub fn respond(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.execute(request, self.rules.read(request, (self.clock)()))
    }

    /// The response to `request`, after the pause that behavior and options ask for. The pause is between
    /// reading the request and executing it.
    pub(super) async fn respond_after_pause(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let call = self.rules.read(request, (self.clock)());
        let pause = self.rules.behavior.pause(request) + self.rules.options.latency;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        self.execute(request, call)
    }

    /// How responses are written to a connection.
    pub(super) fn delivery(&self) -> Delivery {
        self.rules.behavior.delivery()
    }

    fn execute(&self, request: &Request<Bytes>, call: Result<Call, ApiError>) -> Response<Bytes> {
        let result = call.and_then(|call| {
            let mut mock = self.lock();
            mock.execute(call, (self.clock)())
        });
        let mut response = self.rules.render(request, result);
        let date = httpdate::fmt_http_date(UNIX_EPOCH + (self.clock)());
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().entry(DATE).or_insert(date);
        }
        response
    }

    /// The signature that requests need, if they need one.
    pub fn required_signature(&self) -> Option<&RequiredSignature> {
        self.rules.signature.as_ref()
    }

    /// Deploys `configuration`: see [`Mock::deploy`].
    ///
    /// # Errors
    /// The application, the environment or the profile does not exist.
    pub fn deploy(&self, identifiers: &Identifiers, configuration: Configuration) -> Result<(), NotFound> {
        self.lock().deploy(identifiers, configuration)
    }

    /// A copy of the resources as they are now.
    pub fn resources(&self) -> Resources {
        self.lock().resources().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Mock> {
        // A panic of another thread leaves the mock consistent: its state changes in single steps.
        self.mock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
