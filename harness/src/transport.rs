//! Sends requests and reads answers, each within bounds of size and time.

mod answer;
mod chunked;
mod fault;
mod http;
mod patient;
mod pieces;
mod plain;
mod polite;
mod proxy;
mod resending;
#[cfg(test)]
mod scripted;
mod settings;
#[cfg(feature = "aws")]
pub mod sign;
#[cfg(not(feature = "aws"))]
#[path = "transport/unsigned.rs"]
pub mod sign;
mod timed;
pub mod tls;
mod watched;

pub use answer::LARGEST_BODY;
pub use http::{Http, IDENTITY};
pub(crate) use patient::is_unavailable;
pub use patient::{Patient, puts_off};
pub use polite::Polite;
pub use proxy::Proxy;
pub use resending::Resending;
pub use settings::{Settings, TransportError, Trust, Version};
pub use sign::Signer;
pub use timed::{Timed, Times};
pub use watched::Watched;

use std::sync::Arc;
use std::time::Duration;

use cases::protocol::{Request, Response};

use crate::exchange::Exchange;
use crate::limits::Limits;

/// How boundstone speaks to a target: by HTTP, within the limits of the run, again if that proved
/// nothing, and again if put off.
pub type Client = Patient<Resending<Polite<Http>>>;

/// Speaks to a target by `http` within `limits`, with at least `interval` between two requests, if there
/// is one. `puts_off` says whether an answer asks to come again later.
pub fn client(
    http: Http,
    limits: &Arc<Limits>,
    interval: Option<Duration>,
    puts_off: impl Fn(&Response) -> bool + Send + Sync + 'static,
) -> Client {
    let signer = http.signer().cloned();
    let polite = Polite::new(http, Arc::clone(limits), interval);
    Patient::new(Resending::new(polite, signer), Arc::clone(limits), puts_off)
}

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
