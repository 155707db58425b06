//! The mock behind a clock and a lock, and the fronts that put it on a socket.

pub mod hyper;
#[cfg(feature = "wiremock")]
pub mod wiremock;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::http::{Request, Response};
use bytes::Bytes;

use super::resources::{Configuration, Identifiers, NotFound, Resources};
use super::{Mock, Rules};

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
        Self::with_clock(mock, || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// A server that goes by `clock`, which tells the time since the Unix epoch.
    pub fn with_clock(mock: Mock, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { rules: mock.rules(), mock: Mutex::new(mock), clock: Box::new(clock) }
    }

    /// The answer to `request` now.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let result = self.rules.read(request).and_then(|call| {
            let mut mock = self.lock();
            mock.execute(call, (self.clock)())
        });
        self.rules.render(request, result)
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
