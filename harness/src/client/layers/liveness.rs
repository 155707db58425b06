//! Notices that a target has stopped answering, so that a run does not wait for each of its requests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cases::protocol::Request;
use tokio::sync::Mutex;

use crate::client::exchange::{Exchange, Fault};
use crate::client::transport::{Connections, Transport};
use crate::limits::{Limits, Stop};

/// After so many requests in a row without an answer the target is asked whether it is still there. A
/// run sends many requests that a poor target may not answer.
const UNANSWERED: u32 = 8;

/// How long to wait before each time that it is asked: who has no connection for a moment is not gone.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(1)];

/// How often it is asked if it lets that wait as long as it may.
const TRIES: usize = 2;

/// So many requests may wait in vain as long as `--timeout` lets them, in a whole run.
const MOST_TIMED_OUT: u32 = 64;

/// Gives up once the target does not answer a call any more that it accepted before. Of a run that is
/// given up, for whichever reason, each request gets [`Fault::GivenUp`] at once.
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
    /// Passed by the one that asks; the others wait for it before they send anything.
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

    /// Takes note of how often an exchange waited in vain, be it on a kept connection.
    fn waited(&self, exchange: &Exchange) {
        let late = exchange.before.late + u32::from(exchange.observed == Err(Fault::TimedOut));
        if self.pulse.timed_out.fetch_add(late, Ordering::Relaxed) + late >= MOST_TIMED_OUT {
            self.limits.give_up(Stop::Slow);
        }
    }

    /// Takes note of a request without an answer.
    async fn missed(&self, fault: Fault) {
        if !tells(fault) {
            return;
        }
        self.limits.lose();
        if self.pulse.unanswered.fetch_add(1, Ordering::Relaxed) + 1 < UNANSWERED {
            return;
        }
        let (Some(request), Ok(_asking)) = (self.pulse.accepted.get(), self.pulse.asking.try_lock()) else {
            return;
        };
        let mut late = 0;
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            match self.transport.send(request.clone()).await.observed {
                Ok(_) => {
                    self.pulse.unanswered.store(0, Ordering::Relaxed);
                    return;
                }
                Err(fault) if !tells(fault) => return,
                Err(fault) => late += usize::from(fault == Fault::TimedOut),
            }
            if late == TRIES {
                break;
            }
        }
        self.limits.give_up(Stop::Silent);
    }
}

impl<T: Transport> Transport for Watched<T> {
    async fn send(&self, request: Request) -> Exchange {
        if let Some(stop) = self.limits.gone() {
            return Exchange::new(request, Err(Fault::GivenUp(stop)), Duration::ZERO);
        }
        if self.pulse.unanswered.load(Ordering::Relaxed) >= UNANSWERED {
            drop(self.pulse.asking.lock().await);
        }
        let mut exchange = self.transport.send(request).await;
        self.waited(&exchange);
        match (&exchange.observed, self.limits.gone()) {
            (Ok(_), _) => self.pulse.unanswered.store(0, Ordering::Relaxed),
            (Err(Fault::Withheld), Some(stop)) => exchange.observed = Err(Fault::GivenUp(stop)),
            (Err(_), Some(_)) => {}
            (Err(fault), None) => self.missed(*fault).await,
        }
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        Self { transport: self.transport.over(connections), ..self.clone() }
    }

    fn impatient(&self) -> Self {
        Self { transport: self.transport.impatient(), ..self.clone() }
    }
}

/// Whether a fault says something about the target.
fn tells(fault: Fault) -> bool {
    fault != Fault::NotSent && !fault.is_of_run()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use cases::protocol::Response;
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

    #[tokio::test(start_paused = true)]
    async fn a_target_that_answers_nothing_any_more_is_given_up() {
        assert_eq!(after(7, Fault::Closed, false, true).await, (None, 7));
        assert_eq!(after(20, Fault::Closed, false, true).await, (Some(Stop::Silent), 12));
        assert_eq!(after(20, Fault::NotConnected, false, true).await, (Some(Stop::Silent), 12));
        assert_eq!(after(20, Fault::TimedOut, false, true).await, (Some(Stop::Silent), 10));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_gone_for_a_moment_is_waited_for_and_sent_nothing() {
        /// Takes no connection in its first second.
        #[derive(Clone)]
        struct Gone(tokio::time::Instant, Arc<AtomicUsize>);
        impl Transport for Gone {
            async fn send(&self, request: Request) -> Exchange {
                self.1.fetch_add(1, Ordering::Relaxed);
                let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
                let is_gone = self.0.elapsed() < Duration::from_secs(1);
                let observed = if is_gone { Err(Fault::NotConnected) } else { Ok(response) };
                Exchange::new(request, observed, Duration::ZERO)
            }
        }
        let (limits, sent) = (Arc::new(Limits::default()), Arc::new(AtomicUsize::new(0)));
        let gone = Gone(tokio::time::Instant::now(), Arc::clone(&sent));
        let watched = Watched::new(gone, Arc::clone(&limits));
        watched.accepted(request("/ok"));
        let one = |index| {
            let watched = watched.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(index)).await;
                watched.send(request("/")).await.observed.is_ok()
            }
        };
        let answered = futures_util::future::join_all((0..20).map(one)).await;
        assert_eq!(answered, [[false; 8].as_slice(), &[true; 12]].concat());
        // The question went out four times.
        assert_eq!((limits.stop(), sent.load(Ordering::Relaxed)), (None, 24));
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
        assert_eq!((stop, sent), (Some(Stop::Slow), 64 + 63 / 8));
    }

    #[tokio::test]
    async fn waiting_on_kept_connections_counts_too() {
        /// Answers each request after it waited in vain once.
        #[derive(Clone)]
        struct Late;
        impl Transport for Late {
            async fn send(&self, request: Request) -> Exchange {
                let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
                let mut exchange = Exchange::new(request, Ok(response), Duration::ZERO);
                exchange.before.late = 1;
                exchange
            }
        }
        let limits = Arc::new(Limits::default());
        let watched = Watched::new(Late, Arc::clone(&limits));
        for _ in 0..64 {
            assert_eq!(limits.stop(), None);
            assert!(watched.send(request("/")).await.observed.is_ok());
        }
        assert_eq!(limits.stop(), Some(Stop::Slow));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_withholds_the_question_is_no_silence() {
        /// Closes each connection, and withholds what is beyond so many requests.
        #[derive(Clone)]
        struct Limited(Arc<AtomicUsize>, usize);
        impl Transport for Limited {
            async fn send(&self, request: Request) -> Exchange {
                let is_over = self.0.fetch_add(1, Ordering::Relaxed) >= self.1;
                let fault = if is_over { Fault::Withheld } else { Fault::Closed };
                Exchange::new(request, Err(fault), Duration::ZERO)
            }
        }
        for (most, stop) in [(8, None), (11, None), (12, Some(Stop::Silent))] {
            let limits = Arc::new(Limits::default());
            let watched = Watched::new(Limited(Arc::default(), most), Arc::clone(&limits));
            watched.accepted(request("/ok"));
            for _ in 0..20 {
                watched.send(request("/")).await;
            }
            assert_eq!(limits.stop(), stop, "{most}");
        }
    }
}
