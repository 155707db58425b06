//! The mock behind a clock and a lock, and the fronts that put it on a socket.

pub mod hyper;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use ::http::header::DATE;
use ::http::{HeaderValue, Request, Response};
use bytes::Bytes;

use super::clock::Clock;
use super::delivery::Delivery;
use super::fault::Fault;
use super::read::Call;
use super::resources::{Configuration, Identifiers, NotFound, Resources};
use super::signature::Gate;
use super::{Mock, Rules};

/// The connection on which a request came, in its extensions: connections are numbered in the
/// order in which they were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Connection(pub u64);

/// A mock that many connections share. Requests are read and responses written outside of its
/// lock.
pub struct Server {
    rules: Arc<Rules>,
    mock: Mutex<Mock>,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Server {
    /// A server that goes by the clock of the system.
    pub fn new(mock: Mock) -> Self {
        let clock = Clock::default();
        Self::with_clock(mock, move || clock.now())
    }

    /// A server that goes by `clock`, which tells the time since the Unix epoch.
    pub fn with_clock(mock: Mock, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { rules: mock.rules(), mock: Mutex::new(mock), clock: Box::new(clock) }
    }

    /// The answer to `request` now.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.execute(request, self.rules.read(request, (self.clock)()))
    }

    /// The same after the pause that behaviour and options make once the request is read.
    pub(crate) async fn answer_in_time(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let call = self.rules.read(request, (self.clock)());
        let pause = self.rules.behaviour.pause(request) + self.rules.options.latency;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        self.execute(request, call)
    }

    /// How responses are to be written.
    pub(crate) fn delivery(&self) -> Delivery {
        self.rules.behaviour.delivery()
    }

    fn execute(&self, request: &Request<Bytes>, call: Result<Call, Fault>) -> Response<Bytes> {
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

    /// What requests have to be signed with, and for what, if they have to.
    pub fn gate(&self) -> Option<&Gate> {
        self.rules.gate.as_ref()
    }

    /// See [`Mock::deploy`].
    pub fn deploy(&self, identifiers: &Identifiers, configuration: Configuration) -> Result<(), NotFound> {
        self.lock().deploy(identifiers, configuration)
    }

    /// A copy of the resources as they are now.
    pub fn resources(&self) -> Resources {
        self.lock().resources().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Mock> {
        // A panic of another thread leaves the mock whole: its state changes in single steps.
        self.mock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
