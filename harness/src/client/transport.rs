//! What sends requests, within bounds of size and time.

use cases::protocol::Request;

use crate::client::exchange::Exchange;

/// Sends one request. A clone shares what the original has learnt and holds open.
pub trait Transport: Clone + Send + Sync {
    /// Sends `request` and waits for the answer or a fault.
    fn send(&self, request: Request) -> impl Future<Output = Exchange> + Send;

    /// The same over connections that nobody else uses. It is cheap to make: they are made when they are
    /// needed.
    #[must_use]
    fn over(&self, _connections: Connections) -> Self {
        self.clone()
    }

    /// The same for requests that are sent once, also if the target asks to send them later.
    #[must_use]
    fn impatient(&self) -> Self {
        self.clone()
    }

    /// A transport for one sequence of requests, each sent when the one before it is answered: all
    /// go over one connection, as long as the target keeps it.
    #[must_use]
    fn alone(&self) -> Self {
        self.over(Connections::One)
    }

    /// A transport for one runtime: connections end with the runtime that they were made in.
    #[must_use]
    fn apart(&self) -> Self {
        self.over(Connections::Own)
    }
}

/// Connections that nobody else uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One.
    One,
    /// As many as there are requests at once.
    Own,
}

/// A transport that may make a connection for each request.
pub trait Fresh: Transport {
    /// The same, over connections that nobody used before.
    #[must_use]
    fn fresh(&self) -> Self;
}
