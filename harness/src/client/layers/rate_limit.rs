//! Enforces the limits and the request rate of a run.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use cases::protocol::Request;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::client::exchange::{Exchange, TransportFailure};
use crate::client::transport::{Connections, NewConnection, Transport};
use crate::limits::{Limits, StopReason};

/// Sends no more requests than the limits allow, and none earlier than the rate allows. A request beyond the
/// limits, or in flight when the run is over, is [withheld](TransportFailure::Withheld). If a request cannot
/// be signed, the run gives up, because no further request could be signed.
#[derive(Clone)]
pub struct RateLimit<T> {
    transport: T,
    limits: Arc<Limits>,
    rate: Option<Arc<DefaultDirectRateLimiter>>,
}

impl<T> RateLimit<T> {
    /// Sends through `transport`, with at least `interval` between two requests, if given.
    pub fn new(transport: T, limits: Arc<Limits>, interval: Option<Duration>) -> Self {
        let quota = interval.and_then(Quota::with_period);
        // No bursts: they would defeat the purpose of a low rate.
        let rate = quota.map(|quota| Arc::new(RateLimiter::direct(quota.allow_burst(NonZeroU32::MIN))));
        Self { transport, limits, rate }
    }

    /// Waits for the next free slot. Returns whether the request may be sent.
    async fn acquire(&self) -> bool {
        if let Some(rate) = &self.rate {
            tokio::select! {
                () = rate.until_ready() => {}
                () = self.limits.forbidden() => return false,
            }
        }
        self.limits.try_acquire()
    }
}

impl<T: Transport> Transport for RateLimit<T> {
    async fn send(&self, request: Request) -> Exchange {
        let withheld = Exchange::new(request.clone(), Err(TransportFailure::Withheld), Duration::ZERO);
        if !self.acquire().await {
            return withheld;
        }
        let exchange = tokio::select! {
            biased;
            exchange = self.transport.send(request) => exchange,
            () = self.limits.cut_off() => return withheld,
        };
        if exchange.observed == Err(TransportFailure::NotSigned) {
            self.limits.give_up(StopReason::Unsigned);
        }
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        Self { transport: self.transport.with_pool(connections), ..self.clone() }
    }
}

impl<T: NewConnection> NewConnection for RateLimit<T> {
    fn new_connection(&self) -> Self {
        Self { transport: self.transport.new_connection(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use cases::protocol::Response;

    use super::*;

    /// Constant the same for every request, at once or never.
    #[derive(Clone)]
    struct Constant(Option<TransportFailure>, bool);

    const RESPONDS: Constant = Constant(None, true);

    impl Transport for Constant {
        async fn send(&self, request: Request) -> Exchange {
            if !self.1 {
                std::future::pending::<()>().await;
            }
            let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
            Exchange::new(request, self.0.map_or(Ok(response), Err), Duration::ZERO)
        }
    }

    fn request() -> Request {
        Request { method: "GET".into(), target: "/".into(), ..Request::default() }
    }

    #[tokio::test]
    async fn requests_beyond_the_limit_are_withheld() {
        let limits = Arc::new(Limits::new(None, Some(2)));
        limits.begin_reproducing();
        let rate_limit = RateLimit::new(RESPONDS, Arc::clone(&limits), None);
        assert!(rate_limit.send(request()).await.observed.is_ok());
        assert!(rate_limit.single_connection().send(request()).await.observed.is_ok());
        assert_eq!(rate_limit.send(request()).await.observed, Err(TransportFailure::Withheld));
        assert_eq!((limits.requests(), limits.stop()), (2, Some(StopReason::Requests)));
    }

    #[tokio::test]
    async fn rate_applies_to_all_clones() {
        let rate_limit = RateLimit::new(RESPONDS, Arc::default(), Some(Duration::from_millis(20)));
        let start = Instant::now();
        for _ in 0..3 {
            assert!(rate_limit.send(request()).await.observed.is_ok());
            assert!(rate_limit.single_connection().send(request()).await.observed.is_ok());
        }
        // The first request is sent at once.
        assert!(start.elapsed() >= Duration::from_millis(95), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn waiting_request_ends_with_the_run() {
        let limits = Arc::new(Limits::default());
        let rate_limit = RateLimit::new(RESPONDS, Arc::clone(&limits), Some(Duration::from_hours(1)));
        assert!(rate_limit.send(request()).await.observed.is_ok());
        let waiting = rate_limit.clone();
        let second = tokio::spawn(async move { waiting.send(request()).await.observed });
        limits.interrupt();
        assert_eq!(second.await.unwrap(), Err(TransportFailure::Withheld));
    }

    #[tokio::test]
    async fn reproducing_keeps_the_rate_after_one_interrupt() {
        let limits = Arc::new(Limits::default());
        let rate_limit = RateLimit::new(RESPONDS, Arc::clone(&limits), Some(Duration::from_millis(20)));
        limits.interrupt();
        limits.begin_reproducing();
        for _ in 0..5 {
            assert!(rate_limit.send(request()).await.observed.is_ok());
        }
        limits.interrupt();
        assert_eq!(rate_limit.send(request()).await.observed, Err(TransportFailure::Withheld));
    }

    #[tokio::test]
    async fn request_in_flight_ends_with_the_run() {
        let silent = Constant(None, false);
        let budget = Arc::new(Limits::new(Some(Duration::from_millis(50)), None));
        budget.begin();
        let rate_limit = RateLimit::new(silent.clone(), budget, None);
        assert_eq!(rate_limit.send(request()).await.observed, Err(TransportFailure::Withheld));

        let limits = Arc::new(Limits::default());
        limits.begin_reproducing();
        limits.interrupt();
        let rate_limit = RateLimit::new(silent, Arc::clone(&limits), None);
        let second = tokio::spawn(async move { rate_limit.send(request()).await.observed });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!second.is_finished());
        limits.interrupt();
        assert_eq!(second.await.unwrap(), Err(TransportFailure::Withheld));
    }

    #[tokio::test]
    async fn run_that_cannot_sign_is_given_up() {
        let limits = Arc::new(Limits::default());
        let rate_limit =
            RateLimit::new(Constant(Some(TransportFailure::NotSigned), true), Arc::clone(&limits), None);
        assert_eq!(rate_limit.send(request()).await.observed, Err(TransportFailure::NotSigned));
        assert_eq!(limits.stop(), Some(StopReason::Unsigned));
        assert_eq!(rate_limit.send(request()).await.observed, Err(TransportFailure::Withheld));
    }
}
