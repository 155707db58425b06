//! Composes the client of a run from its layers.

use std::sync::Arc;
use std::time::Duration;

use cases::protocol::Response;

use crate::client::http::client::Http;
use crate::client::layers::rate_limit::RateLimit;
use crate::client::layers::retry::Retry;
use crate::client::layers::throttling::Throttling;
use crate::limits::Limits;

/// The client of a run: HTTP, within the limits of the run, with retries after transport failures and
/// throttling.
pub type Client = Throttling<Retry<RateLimit<Http>>>;

/// Creates a client that sends through `http` within `limits`, with at least `interval` between two requests,
/// if given. `is_throttled` says whether a response asks the client to retry later.
pub fn client(
    http: Http,
    limits: &Arc<Limits>,
    interval: Option<Duration>,
    is_throttled: impl Fn(&Response) -> bool + Send + Sync + 'static,
) -> Client {
    let signer = http.signer().cloned();
    let rate_limit = RateLimit::new(http, Arc::clone(limits), interval);
    Throttling::new(Retry::new(rate_limit, signer), Arc::clone(limits), is_throttled)
}
