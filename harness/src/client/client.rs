//! The client of a run, made of its layers.

use std::sync::Arc;
use std::time::Duration;

use cases::protocol::Response;

use crate::client::http::client::Http;
use crate::client::layers::rate_limit::Polite;
use crate::client::layers::retry::Resending;
use crate::client::layers::throttling::Patient;
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
