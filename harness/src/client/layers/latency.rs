//! Takes note of how long answers take.

use std::sync::{Arc, Mutex, PoisonError};

use cases::protocol::Request;
use reports::model::Latency;

use crate::client::exchange::Exchange;
use crate::client::transport::{Connections, Transport};

/// The answers so far by the time that they took, shared by all who count.
#[derive(Debug, Clone, Default)]
pub struct Times(Arc<Mutex<Latency>>);

impl Times {
    /// Those of before.
    pub fn of(before: Latency) -> Self {
        Self(Arc::new(Mutex::new(before)))
    }

    /// How long the answers took so far.
    pub fn latency(&self) -> Latency {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, micros: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(micros);
    }
}

/// Counts the answers that come over a transport by the time that they took.
#[derive(Clone)]
pub struct Timed<T> {
    transport: T,
    times: Times,
}

impl<T> Timed<T> {
    /// Counts the answers that come over `transport`.
    pub fn new(transport: T, times: Times) -> Self {
        Self { transport, times }
    }

    /// What is below.
    pub fn inner(&self) -> &T {
        &self.transport
    }
}

impl<T: Transport> Transport for Timed<T> {
    async fn send(&self, request: Request) -> Exchange {
        let exchange = self.transport.send(request).await;
        if exchange.observed.is_ok() {
            self.times.note(u64::try_from(exchange.took.as_micros()).unwrap_or(u64::MAX));
        }
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        Self { transport: self.transport.over(connections), times: self.times.clone() }
    }

    fn impatient(&self) -> Self {
        Self { transport: self.transport.impatient(), times: self.times.clone() }
    }
}
