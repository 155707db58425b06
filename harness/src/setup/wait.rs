//! `--wait`: lets a target come up before it is tested.

use std::time::Duration;

use cases::contract::{Contract, UriSegment};
use cases::protocol::Request;
use jiff::SignedDuration;

use crate::client::exchange::Fault;
use crate::client::http::client::Http;
use crate::client::transport::Transport as _;
use crate::setup::config::EndpointConfig;

/// The time between two looks at the target, at first and later.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// What a proxy answers that does not reach what is behind it.
const NOT_UP: [u16; 3] = [502, 503, 504];

/// How waiting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The target is up, or nobody asked.
    Up,
    /// It is not, though it was waited for as long as this.
    InVain(String),
    /// Ctrl-C.
    Interrupted,
}

/// For how long a target is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait(Option<Duration>);

impl Wait {
    /// As the endpoint is configured. The embedded mock is always up.
    pub(crate) fn of(endpoint: &EndpointConfig) -> Self {
        Self(endpoint.wait.filter(|_| endpoint.target.is_some()))
    }

    /// Waits until the target responds, or until Ctrl-C. The caller listens for Ctrl-C afterwards. `note` gets
    /// a line if there is something to wait for.
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

    /// Waits until the target responds. `note` gets a line if there is something to wait for.
    pub(crate) async fn until_up(self, http: &Http, contract: &Contract, note: impl Fn(&str)) -> Waited {
        let Some(most) = self.0 else { return Waited::Up };
        let shown = format!("{:#}", SignedDuration::try_from(most).unwrap_or(SignedDuration::MAX));
        let url = reports::render::escape::line(http.base());
        let waiting = format!("Waiting up to {shown} for {url} to come up.\n");
        let look = look(contract);
        match tokio::time::timeout(most, come_up(http, &look, || note(&waiting))).await {
            Ok(()) => Waited::Up,
            Err(_) => Waited::InVain(shown),
        }
    }
}

/// Looks until the target is up, and says so the first time that it is not.
async fn come_up(http: &Http, look: &Request, note: impl Fn()) {
    let mut pause = FIRST_PAUSE;
    while !is_up(http, look).await {
        if pause == FIRST_PAUSE {
            note();
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// A request that changes nothing, to where the first operation is: a proxy may know the way to some of
/// its paths only.
fn look(contract: &Contract) -> Request {
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

async fn is_up(http: &Http, look: &Request) -> bool {
    match http.alone().send(look.clone()).await.observed {
        Ok(response) => !NOT_UP.contains(&response.status),
        // Waiting helps with none of these.
        Err(Fault::ProxyCredentials | Fault::NotSent | Fault::NotSigned) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_changes_nothing_and_goes_where_the_first_operation_is() {
        for (contract, target) in
            [(Contract::page().unwrap(), "/"), (Contract::model().unwrap(), "/configurationsessions")]
        {
            let look = look(&contract);
            assert_eq!((look.method.as_str(), look.target.as_str()), ("GET", target));
        }
    }

    #[test]
    fn only_a_target_is_waited_for() {
        let wait = Some(Duration::from_secs(30));
        let of = |target: Option<&str>| {
            Wait::of(&EndpointConfig { target: target.map(str::to_owned), wait, ..EndpointConfig::default() })
                .0
        };
        assert_eq!(of(Some("http://a")), wait);
        assert_eq!(of(None), None);
    }
}
