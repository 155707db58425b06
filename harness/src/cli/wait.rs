//! `--wait`: lets a target come up before it is tested.

use std::time::Duration;

use cases::contract::{Contract, UriSegment};
use cases::protocol::Request;
use jiff::SignedDuration;

use super::args::EndpointArgs;
use super::connect::duration;
use super::{CliError, print_error};
use crate::exchange::Fault;
use crate::transport::{Http, Transport as _};

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
    /// As the user said. The mock inside boundstone is always up.
    pub(crate) fn of(args: &EndpointArgs) -> Result<Self, CliError> {
        Ok(Self(duration("--wait", args.wait)?.filter(|_| args.target.is_some())))
    }

    /// Waits until something answers, or until Ctrl-C. Whoever calls this goes on to listen for Ctrl-C.
    pub(super) async fn until_up_or_ctrl_c(self, http: &Http, contract: &Contract, quiet: bool) -> Waited {
        if self.0.is_none() {
            return Waited::Up;
        }
        tokio::select! {
            waited = self.until_up(http, contract, quiet) => waited,
            _ = tokio::signal::ctrl_c() => Waited::Interrupted,
        }
    }

    /// Waits until something answers. A note says once that it does, unless told to be quiet.
    pub(crate) async fn until_up(self, http: &Http, contract: &Contract, quiet: bool) -> Waited {
        let Some(most) = self.0 else { return Waited::Up };
        let shown = format!("{:#}", SignedDuration::try_from(most).unwrap_or(SignedDuration::MAX));
        let note = || {
            if quiet {
                return;
            }
            let url = reports::escape::line(http.base());
            print_error(&format!("Waiting up to {shown} for {url} to come up.\n"));
        };
        let look = look(contract);
        match tokio::time::timeout(most, come_up(http, &look, note)).await {
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
    fn a_time_to_wait_is_above_zero_and_for_a_target() {
        let of = |wait: &str, target: Option<&str>| {
            let (wait, target) = (Some(wait.parse().unwrap()), target.map(str::to_owned));
            Wait::of(&EndpointArgs { target, wait, ..EndpointArgs::default() }).map(|wait| wait.0)
        };
        assert_eq!(of("30s", Some("http://a")).unwrap(), Some(Duration::from_secs(30)));
        assert_eq!(of("30s", None).unwrap(), None);
        assert!(of("0s", Some("http://a")).unwrap_err().to_string().starts_with("--wait 0s: "));
    }
}
