//! Waits until a target is up.

use std::time::Duration;

use cases::contract::{Contract, UriSegment};
use cases::protocol::Request;
use jiff::SignedDuration;

use crate::client::exchange::TransportFailure;
use crate::client::http::client::Http;
use crate::client::transport::Transport as _;
use crate::setup::config::EndpointConfig;

/// The time between two probes of the target, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(1);
/// The statuses of a proxy that does not reach its upstream.
const NOT_UP: [u16; 3] = [502, 503, 504];

/// The result of waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The target is up, or there was nothing to wait for.
    Up,
    /// The target is not up after this time, as shown to users.
    TimedOut(String),
    /// The user pressed Ctrl-C.
    Interrupted,
}

/// How long to wait for a target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait(Option<Duration>);

impl Wait {
    /// The wait that an endpoint is configured with. The embedded mock is always up.
    pub(crate) fn of(endpoint: &EndpointConfig) -> Self {
        Self(endpoint.wait.filter(|_| endpoint.target.is_some()))
    }

    /// Waits until the target responds, or until Ctrl-C. The caller handles Ctrl-C afterwards. `note` gets a
    /// line if the target is not up at once.
    pub(crate) async fn until_up_or_ctrl_c(
        self,
        http: &Http,
        contract: &Contract,
        note: impl Fn(&str),
    ) -> Waited {
        if self.0.is_none() {
            return Waited::Up;
        }
        tokio::select! {
            waited = self.until_up(http, contract, note) => waited,
            _ = tokio::signal::ctrl_c() => Waited::Interrupted,
        }
    }

    /// Waits until the target responds. `note` gets a line if the target is not up at once.
    pub(crate) async fn until_up(self, http: &Http, contract: &Contract, note: impl Fn(&str)) -> Waited {
        let Some(limit) = self.0 else { return Waited::Up };
        let shown = format!("{:#}", SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX));
        let url = reports::render::escape::line(http.base());
        let waiting = format!("Waiting up to {shown} for {url} to come up.\n");
        let probe = probe(contract);
        match tokio::time::timeout(limit, probe_until_up(http, &probe, || note(&waiting))).await {
            Ok(()) => Waited::Up,
            Err(_) => Waited::TimedOut(shown),
        }
    }
}

/// Probes the target until it is up. Calls `note` once if the first probe fails.
async fn probe_until_up(http: &Http, probe: &Request, note: impl Fn()) {
    let mut pause = FIRST_PAUSE;
    while !is_up(http, probe).await {
        if pause == FIRST_PAUSE {
            note();
        }
        tokio::time::sleep(pause).await;
        pause = MAX_PAUSE.min(pause * 2);
    }
}

/// A request without side effects, to the path of the first operation: a proxy may forward only some paths.
fn probe(contract: &Contract) -> Request {
    let segments = contract.operations.first().map(|operation| operation.path.as_slice()).unwrap_or_default();
    let path: Vec<&str> = segments
        .iter()
        .map(|segment| match segment {
            UriSegment::Literal(literal) => literal.as_str(),
            UriSegment::Label { .. } => "-",
        })
        .collect();
    Request { method: "GET".to_owned(), target: format!("/{}", path.join("/")), ..Request::default() }
}

async fn is_up(http: &Http, probe: &Request) -> bool {
    match http.single_connection().send(probe.clone()).await.observed {
        Ok(response) => !NOT_UP.contains(&response.status),
        // Waiting does not help with these.
        Err(TransportFailure::ProxyCredentials | TransportFailure::NotSent | TransportFailure::NotSigned) => {
            true
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probe_is_get_to_first_operation() {
        for (contract, target) in
            [(Contract::page().unwrap(), "/"), (Contract::model().unwrap(), "/configurationsessions")]
        {
            let probe = probe(&contract);
            assert_eq!((probe.method.as_str(), probe.target.as_str()), ("GET", target));
        }
    }

    #[test]
    fn only_named_target_is_waited_for() {
        let wait = Some(Duration::from_secs(30));
        for (target, expected) in [(Some("http://a"), wait), (None, None)] {
            let target = target.map(str::to_owned);
            let endpoint = EndpointConfig { target, wait, ..EndpointConfig::default() };
            assert_eq!(Wait::of(&endpoint).0, expected);
        }
    }
}
