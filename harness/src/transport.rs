//! Sends requests and reads answers, each within bounds of size and time.

mod chunked;
mod fault;
mod http;
mod patient;
mod pieces;
mod polite;
mod proxy;
mod settings;
#[cfg(feature = "aws")]
pub mod sign;
#[cfg(not(feature = "aws"))]
#[path = "transport/unsigned.rs"]
pub mod sign;
pub mod tls;
mod watched;

pub use http::{Http, LARGEST_BODY};
pub use patient::{Patient, puts_off};
pub use polite::Polite;
pub use proxy::Proxy;
pub use settings::{Settings, TransportError, Trust, Version};
pub use sign::Signer;
pub use watched::Watched;

use cases::http::Request;

/// How boundstone speaks to a target: by HTTP, within the limits of the run, and again if put off.
pub type Client = Patient<Polite<Http>>;

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
