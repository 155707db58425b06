//! Records how long responses take.

use std::sync::{Arc, Mutex, PoisonError};

use cases::protocol::Request;
use reports::model::Latency;

use crate::client::exchange::Exchange;
use crate::client::transport::{Connections, Transport};

/// The latency of the responses so far. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct LatencyLog(Arc<Mutex<Latency>>);

impl LatencyLog {
    /// Starts with the latency that an earlier process recorded.
    pub fn of(before: Latency) -> Self {
        Self(Arc::new(Mutex::new(before)))
    }

    /// A copy of what was recorded so far.
    pub fn latency(&self) -> Latency {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, micros: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(micros);
    }
}

/// Records the latency of the responses of a transport.
#[derive(Clone)]
pub struct LatencyRecorder<T> {
    transport: T,
    times: LatencyLog,
}

impl<T> LatencyRecorder<T> {
    /// Records the latency of the responses of `transport` in `times`.
    pub fn new(transport: T, times: LatencyLog) -> Self {
        Self { transport, times }
    }

    /// The transport below this layer.
    pub fn inner(&self) -> &T {
        &self.transport
    }
}

impl<T: Transport> Transport for LatencyRecorder<T> {
    async fn send(&self, request: Request) -> Exchange {
        let exchange = self.transport.send(request).await;
        if exchange.observed.is_ok() {
            self.times.note(u64::try_from(exchange.took.as_micros()).unwrap_or(u64::MAX));
        }
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        Self { transport: self.transport.with_pool(connections), times: self.times.clone() }
    }

    fn without_throttling(&self) -> Self {
        Self { transport: self.transport.without_throttling(), times: self.times.clone() }
    }
}
