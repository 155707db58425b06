//! Detects that a target stopped responding, so that a run does not wait for each of its requests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cases::protocol::Request;
use tokio::sync::Mutex;

use crate::client::exchange::{Exchange, TransportFailure};
use crate::client::transport::{Connections, Transport};
use crate::limits::{Limits, StopReason};

/// Number of consecutive requests without a response after which the target is checked. A run sends many
/// requests that a weak target may not respond to.
const MAX_FAILED_IN_A_ROW: u32 = 8;

/// The delay before each check. A target that is unreachable for a moment still serves.
const CHECK_DELAYS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(1)];

/// Maximum number of checks that time out.
const MAX_TIMED_OUT_CHECKS: usize = 2;

/// Maximum number of requests of a run that time out.
const MAX_TIMED_OUT: u32 = 64;

/// Gives up once the target no longer responds to a call that it accepted before. From then on, or when the
/// run gave up for another reason, each request fails with [`TransportFailure::GivenUp`] at once.
#[derive(Clone)]
pub struct Liveness<T> {
    transport: T,
    limits: Arc<Limits>,
    pulse: Arc<Pulse>,
}

/// What is known about the responses of the target.
#[derive(Default)]
struct Pulse {
    /// A request that the target accepted.
    accepted: OnceLock<Request>,
    /// The number of requests without a response since the last response.
    failed: AtomicU32,
    timed_out: AtomicU32,
    /// Held by the task that checks the target. The others wait for it before they send.
    checking: Mutex<()>,
}

impl<T: Transport> Liveness<T> {
    /// Watches the responses of `transport` and reports to `limits`.
    pub fn new(transport: T, limits: Arc<Limits>) -> Self {
        Self { transport, limits, pulse: Arc::default() }
    }

    /// Sets the request that checks the target. The target has accepted it.
    pub fn set_accepted(&self, request: Request) {
        let _first = self.pulse.accepted.set(request);
    }

    /// Counts the timeouts of an exchange, including those on reused connections.
    fn count_timeouts(&self, exchange: &Exchange) {
        let late = exchange.attempts.late + u32::from(exchange.observed == Err(TransportFailure::TimedOut));
        if self.pulse.timed_out.fetch_add(late, Ordering::Relaxed) + late >= MAX_TIMED_OUT {
            self.limits.give_up(StopReason::Slow);
        }
    }

    /// Counts a request without a response, and checks the target if there were too many.
    async fn count_failed(&self, failure: TransportFailure) {
        if !is_about_target(failure) {
            return;
        }
        self.limits.count_lost();
        if self.pulse.failed.fetch_add(1, Ordering::Relaxed) + 1 < MAX_FAILED_IN_A_ROW {
            return;
        }
        let (Some(request), Ok(_checking)) = (self.pulse.accepted.get(), self.pulse.checking.try_lock())
        else {
            return;
        };
        let mut late = 0;
        for pause in CHECK_DELAYS {
            tokio::time::sleep(pause).await;
            match self.transport.send(request.clone()).await.observed {
                Ok(_) => {
                    self.pulse.failed.store(0, Ordering::Relaxed);
                    return;
                }
                Err(failure) if !is_about_target(failure) => return,
                Err(failure) => late += usize::from(failure == TransportFailure::TimedOut),
            }
            if late == MAX_TIMED_OUT_CHECKS {
                break;
            }
        }
        self.limits.give_up(StopReason::Silent);
    }
}

impl<T: Transport> Transport for Liveness<T> {
    async fn send(&self, request: Request) -> Exchange {
        if let Some(stop) = self.limits.given_up() {
            return Exchange::new(request, Err(TransportFailure::GivenUp(stop)), Duration::ZERO);
        }
        if self.pulse.failed.load(Ordering::Relaxed) >= MAX_FAILED_IN_A_ROW {
            drop(self.pulse.checking.lock().await);
        }
        let mut exchange = self.transport.send(request).await;
        self.count_timeouts(&exchange);
        match (&exchange.observed, self.limits.given_up()) {
            (Ok(_), _) => self.pulse.failed.store(0, Ordering::Relaxed),
            (Err(TransportFailure::Withheld), Some(stop)) => {
                exchange.observed = Err(TransportFailure::GivenUp(stop));
            }
            (Err(_), Some(_)) => {}
            (Err(failure), None) => self.count_failed(*failure).await,
        }
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        Self { transport: self.transport.with_pool(connections), ..self.clone() }
    }

    fn without_throttling(&self) -> Self {
        Self { transport: self.transport.without_throttling(), ..self.clone() }
    }
}

/// Whether a failure says something about the target.
fn is_about_target(failure: TransportFailure) -> bool {
    failure != TransportFailure::NotSent && !failure.is_local()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use cases::protocol::Response;
    use cases::signing::Signing;

    use super::*;

    /// Responds to `/ok` if it is alive, and to no other path.
    #[derive(Clone)]
    struct Target {
        failure: TransportFailure,
        alive: bool,
        sent: Arc<AtomicUsize>,
    }

    impl Transport for Target {
        async fn send(&self, request: Request) -> Exchange {
            self.sent.fetch_add(1, Ordering::Relaxed);
            let responds = self.alive && request.target == "/ok";
            let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
            let observed = if responds { Ok(response) } else { Err(self.failure) };
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

    /// Sends requests that get no response. Returns the reason to stop, if any, and the number of requests.
    async fn failed(
        requests: usize,
        failure: TransportFailure,
        alive: bool,
        known: bool,
    ) -> (Option<StopReason>, usize) {
        let limits = Arc::new(Limits::default());
        let sent = Arc::new(AtomicUsize::new(0));
        let liveness = Liveness::new(Target { failure, alive, sent: Arc::clone(&sent) }, Arc::clone(&limits));
        if known {
            liveness.set_accepted(request("/ok"));
        }
        for _ in 0..requests {
            liveness.single_connection().send(request("/")).await;
        }
        (limits.stop(), sent.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn silent_target_is_given_up() {
        assert_eq!(failed(7, TransportFailure::Closed, false, true).await, (None, 7));
        assert_eq!(failed(20, TransportFailure::Closed, false, true).await, (Some(StopReason::Silent), 12));
        assert_eq!(
            failed(20, TransportFailure::NotConnected, false, true).await,
            (Some(StopReason::Silent), 12)
        );
        assert_eq!(failed(20, TransportFailure::TimedOut, false, true).await, (Some(StopReason::Silent), 10));
    }

    #[tokio::test(start_paused = true)]
    async fn unreachable_target_is_awaited_without_requests() {
        /// Refuses connections in its first second.
        #[derive(Clone)]
        struct Unreachable(tokio::time::Instant, Arc<AtomicUsize>);
        impl Transport for Unreachable {
            async fn send(&self, request: Request) -> Exchange {
                self.1.fetch_add(1, Ordering::Relaxed);
                let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
                let is_unreachable = self.0.elapsed() < Duration::from_secs(1);
                let observed =
                    if is_unreachable { Err(TransportFailure::NotConnected) } else { Ok(response) };
                Exchange::new(request, observed, Duration::ZERO)
            }
        }
        let (limits, sent) = (Arc::new(Limits::default()), Arc::new(AtomicUsize::new(0)));
        let unreachable = Unreachable(tokio::time::Instant::now(), Arc::clone(&sent));
        let liveness = Liveness::new(unreachable, Arc::clone(&limits));
        liveness.set_accepted(request("/ok"));
        let one = |index| {
            let liveness = liveness.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(index)).await;
                liveness.send(request("/")).await.observed.is_ok()
            }
        };
        let served = futures_util::future::join_all((0..20).map(one)).await;
        assert_eq!(served, [[false; 8].as_slice(), &[true; 12]].concat());
        // Four checks were sent.
        assert_eq!((limits.stop(), sent.load(Ordering::Relaxed)), (None, 24));
    }

    #[tokio::test]
    async fn target_that_serves_valid_calls_is_kept() {
        assert_eq!(failed(20, TransportFailure::Closed, true, true).await, (None, 22));
        // Without an accepted request there is no check. A request that was not sent does not count.
        assert_eq!(failed(20, TransportFailure::Closed, false, false).await, (None, 20));
        assert_eq!(failed(20, TransportFailure::NotSent, false, true).await, (None, 20));
    }

    #[tokio::test]
    async fn too_many_timeouts_end_the_run() {
        let (stop, sent) = failed(200, TransportFailure::TimedOut, true, true).await;
        assert_eq!((stop, sent), (Some(StopReason::Slow), 64 + 63 / 8));
    }

    #[tokio::test]
    async fn timeouts_on_reused_connections_count() {
        /// Responds to each request after one timeout.
        #[derive(Clone)]
        struct Late;
        impl Transport for Late {
            async fn send(&self, request: Request) -> Exchange {
                let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
                let mut exchange = Exchange::new(request, Ok(response), Duration::ZERO);
                exchange.attempts.late = 1;
                exchange
            }
        }
        let limits = Arc::new(Limits::default());
        let liveness = Liveness::new(Late, Arc::clone(&limits));
        for _ in 0..64 {
            assert_eq!(limits.stop(), None);
            assert!(liveness.send(request("/")).await.observed.is_ok());
        }
        assert_eq!(limits.stop(), Some(StopReason::Slow));
    }

    #[tokio::test(start_paused = true)]
    async fn withheld_check_does_not_count_as_silence() {
        /// Closes each connection, and withholds requests beyond a limit.
        #[derive(Clone)]
        struct Limited(Arc<AtomicUsize>, usize);
        impl Transport for Limited {
            async fn send(&self, request: Request) -> Exchange {
                let is_over = self.0.fetch_add(1, Ordering::Relaxed) >= self.1;
                let failure = if is_over { TransportFailure::Withheld } else { TransportFailure::Closed };
                Exchange::new(request, Err(failure), Duration::ZERO)
            }
        }
        for (limit, stop) in [(8, None), (11, None), (12, Some(StopReason::Silent))] {
            let limits = Arc::new(Limits::default());
            let liveness = Liveness::new(Limited(Arc::default(), limit), Arc::clone(&limits));
            liveness.set_accepted(request("/ok"));
            for _ in 0..20 {
                liveness.send(request("/")).await;
            }
            assert_eq!(limits.stop(), stop, "{limit}");
        }
    }
}
