//! Sends requests and reads answers, each within bounds of size and time.

mod chunked;
mod fault;
mod http;
mod patient;
mod pieces;
mod proxy;
mod settings;
pub mod tls;
mod watched;

pub use http::{Http, LARGEST_BODY};
pub use patient::{Patient, puts_off};
pub use proxy::Proxy;
pub use settings::{Settings, TransportError, Trust, Version};
pub use watched::Watched;

use cases::http::Request;

use crate::exchange::Exchange;

/// Sends one request. A clone shares what the original has learnt and holds open.
pub trait Transport: Clone + Send + Sync {
    /// Sends `request` and waits for the answer or a fault.
    fn send(&self, request: Request) -> impl Future<Output = Exchange> + Send;

    /// A transport for one sequence of requests, each sent when the one before it is answered: all
    /// go over one connection, which nobody else uses, as long as the target keeps it. It is cheap
    /// to make, and the first request makes the connection.
    #[must_use]
    fn alone(&self) -> Self {
        self.clone()
    }
}
