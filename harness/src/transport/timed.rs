//! Takes note of how long answers take.

use std::sync::{Arc, Mutex, PoisonError};

use cases::http::Request;
use reports::latency::Latency;

use super::{Connections, Transport};
use crate::exchange::Exchange;

/// Counts the answers that come over a transport by the time that they took.
#[derive(Clone)]
pub struct Timed<T> {
    transport: T,
    latency: Arc<Mutex<Latency>>,
}

impl<T> Timed<T> {
    /// Counts the answers that come over `transport`.
    pub fn new(transport: T) -> Self {
        Self { transport, latency: Arc::default() }
    }

    /// What is below.
    pub fn inner(&self) -> &T {
        &self.transport
    }

    /// The answers so far.
    pub fn latency(&self) -> Latency {
        self.latency.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T: Transport> Transport for Timed<T> {
    async fn send(&self, request: Request) -> Exchange {
        let exchange = self.transport.send(request).await;
        if exchange.observed.is_ok() {
            let micros = u64::try_from(exchange.took.as_micros()).unwrap_or(u64::MAX);
            self.latency.lock().unwrap_or_else(PoisonError::into_inner).note(micros);
        }
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        Self { transport: self.transport.over(connections), latency: Arc::clone(&self.latency) }
    }
}
