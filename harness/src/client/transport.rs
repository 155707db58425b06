//! The interface of everything that sends requests.

use cases::protocol::Request;

use crate::client::exchange::Exchange;

/// Sends requests. A clone shares the state and the connections of the original.
pub trait Transport: Clone + Send + Sync {
    /// Sends `request` and waits for the response or a transport failure.
    fn send(&self, request: Request) -> impl Future<Output = Exchange> + Send;

    /// Returns the same transport over a connection pool of its own. This is cheap: connections are made on
    /// demand.
    #[must_use]
    fn with_pool(&self, _connections: Connections) -> Self {
        self.clone()
    }

    /// Returns the same transport without retries after throttling.
    #[must_use]
    fn without_throttling(&self) -> Self {
        self.clone()
    }

    /// Returns a transport for one sequence of requests, each sent after the response to the one before. All
    /// of them use one connection, as long as the target keeps it open.
    #[must_use]
    fn single_connection(&self) -> Self {
        self.with_pool(Connections::Single)
    }

    /// Returns a transport for one runtime. Its connections end with the runtime that made them.
    #[must_use]
    fn per_worker(&self) -> Self {
        self.with_pool(Connections::Own)
    }
}

/// The size of a connection pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One connection.
    Single,
    /// One connection for each concurrent request.
    Own,
}

/// A transport that can make a new connection for each request.
pub trait NewConnection: Transport {
    /// Returns the same transport over new connections only.
    #[must_use]
    fn new_connection(&self) -> Self;
}
