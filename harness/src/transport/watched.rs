//! Notices that a target has stopped answering, so that a run does not wait for each of its requests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cases::http::Request;
use tokio::sync::Mutex;

use super::Transport;
use crate::exchange::{Exchange, Fault};
use crate::limits::{Limits, Stop};

/// After so many requests in a row without an answer the target is asked whether it is still there. A
/// run sends many requests that a poor target may not answer.
const UNANSWERED: u32 = 8;

/// How often it is asked.
const TRIES: usize = 2;

/// So many requests may wait in vain as long as `--timeout` lets them, in a whole run.
const MOST_TIMED_OUT: u32 = 64;

/// Gives up once the target does not answer a call any more that it accepted before: then each
/// request gets [`Fault::Silent`] at once.
#[derive(Clone)]
pub struct Watched<T> {
    transport: T,
    limits: Arc<Limits>,
    pulse: Arc<Pulse>,
}

/// What is known of the target's answers.
#[derive(Default)]
struct Pulse {
    /// A request that was accepted.
    accepted: OnceLock<Request>,
    /// Requests without an answer since the last one that got one.
    unanswered: AtomicU32,
    timed_out: AtomicU32,
    /// Held by the one that asks.
    asking: Mutex<()>,
}

impl<T: Transport> Watched<T> {
    /// Watches the answers that come over `transport`, and tells `limits`.
    pub fn new(transport: T, limits: Arc<Limits>) -> Self {
        Self { transport, limits, pulse: Arc::default() }
    }

    /// Takes note of a request that the target accepted, and may be asked with.
    pub fn accepted(&self, request: Request) {
        let _first = self.pulse.accepted.set(request);
    }

    /// Takes note of a request without an answer.
    async fn missed(&self, fault: Fault) {
        if matches!(fault, Fault::NotSent | Fault::NotSigned | Fault::Withheld) {
            return;
        }
        if fault == Fault::TimedOut
            && self.pulse.timed_out.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_TIMED_OUT
        {
            self.limits.give_up(Stop::Slow);
        }
        if self.pulse.unanswered.fetch_add(1, Ordering::Relaxed) + 1 < UNANSWERED {
            return;
        }
        let (Some(request), Ok(_asking)) = (self.pulse.accepted.get(), self.pulse.asking.try_lock()) else {
            return;
        };
        for _ in 0..TRIES {
            let exchange = self.transport.send(request.clone()).await;
            if exchange.observed.is_ok() {
                self.pulse.unanswered.store(0, Ordering::Relaxed);
                return;
            }
        }
        self.limits.give_up(Stop::Silent);
    }
}

impl<T: Transport> Transport for Watched<T> {
    async fn send(&self, request: Request) -> Exchange {
        if self.limits.gone().is_some() {
            return Exchange::new(request, Err(Fault::Silent), Duration::ZERO);
        }
        let exchange = self.transport.send(request).await;
        match exchange.observed {
            Ok(_) => self.pulse.unanswered.store(0, Ordering::Relaxed),
            Err(fault) => self.missed(fault).await,
        }
        exchange
    }

    fn alone(&self) -> Self {
        Self { transport: self.transport.alone(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use cases::http::Response;
    use cases::signing::Signing;

    use super::*;

    /// Answers a path as it is told: `/ok` always, others never.
    #[derive(Clone)]
    struct Target {
        fault: Fault,
        alive: bool,
        sent: Arc<AtomicUsize>,
    }

    impl Transport for Target {
        async fn send(&self, request: Request) -> Exchange {
            self.sent.fetch_add(1, Ordering::Relaxed);
            let answers = self.alive && request.target == "/ok";
            let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
            let observed = if answers { Ok(response) } else { Err(self.fault) };
            Exchange::new(request, observed, Duration::ZERO)
        }
    }

    fn request(target: &str) -> Request {
        Request {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: vec![],
            body: vec![],
            signing: Signing::Valid,
        }
    }

    /// The limits and the number of requests sent, once so many went out unanswered.
    async fn after(requests: usize, fault: Fault, alive: bool, known: bool) -> (Option<Stop>, usize) {
        let limits = Arc::new(Limits::default());
        let sent = Arc::new(AtomicUsize::new(0));
        let watched = Watched::new(Target { fault, alive, sent: Arc::clone(&sent) }, Arc::clone(&limits));
        if known {
            watched.accepted(request("/ok"));
        }
        for _ in 0..requests {
            watched.alone().send(request("/")).await;
        }
        (limits.stop(), sent.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_target_that_answers_nothing_any_more_is_given_up() {
        assert_eq!(after(7, Fault::Closed, false, true).await, (None, 7));
        assert_eq!(after(20, Fault::Closed, false, true).await, (Some(Stop::Silent), 10));
        assert_eq!(after(20, Fault::NotConnected, false, true).await, (Some(Stop::Silent), 10));
    }

    #[tokio::test]
    async fn a_target_that_still_answers_valid_calls_is_not() {
        assert_eq!(after(20, Fault::Closed, true, true).await, (None, 22));
        // What was never accepted tells nothing, and neither does what was not sent.
        assert_eq!(after(20, Fault::Closed, false, false).await, (None, 20));
        assert_eq!(after(20, Fault::NotSent, false, true).await, (None, 20));
    }

    #[tokio::test]
    async fn only_so_many_requests_may_wait_in_vain() {
        let (stop, sent) = after(200, Fault::TimedOut, true, true).await;
        assert_eq!((stop, sent), (Some(Stop::Slow), 64 + 64 / 8));
    }
}
