//! Keeps to the limits of a run and to its rate.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use cases::http::Request;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::Transport;
use crate::exchange::{Exchange, Fault};
use crate::limits::Limits;

/// Sends no more requests than the limits allow, and none sooner than the rate does. What may not be
/// sent any more is [withheld](Fault::Withheld).
#[derive(Clone)]
pub struct Polite<T> {
    transport: T,
    limits: Arc<Limits>,
    rate: Option<Arc<DefaultDirectRateLimiter>>,
}

impl<T> Polite<T> {
    /// Sends through `transport`, with at least `interval` between two requests, if there is one.
    pub fn new(transport: T, limits: Arc<Limits>, interval: Option<Duration>) -> Self {
        let quota = interval.and_then(Quota::with_period);
        // One at a time: a burst is what a gentle rate is to avoid.
        let rate = quota.map(|quota| Arc::new(RateLimiter::direct(quota.allow_burst(NonZeroU32::MIN))));
        Self { transport, limits, rate }
    }

    /// Waits for its turn; whether it came.
    async fn turn(&self) -> bool {
        let Some(rate) = &self.rate else { return self.limits.take() };
        tokio::select! {
            () = rate.until_ready() => self.limits.take(),
            _ = self.limits.stopped() => false,
        }
    }
}

impl<T: Transport> Transport for Polite<T> {
    async fn send(&self, request: Request) -> Exchange {
        if !self.turn().await {
            return Exchange::new(request, Err(Fault::Withheld), Duration::ZERO);
        }
        let exchange = self.transport.send(request).await;
        self.limits.count(exchange.sent() - 1);
        exchange
    }

    fn alone(&self) -> Self {
        Self { transport: self.transport.alone(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use cases::http::Response;
    use cases::signing::Signing;

    use super::*;
    use crate::limits::Stop;

    /// Answers everything at once, the first time after one request that was lost.
    #[derive(Clone)]
    struct Answers;

    impl Transport for Answers {
        async fn send(&self, request: Request) -> Exchange {
            let answer = Response { status: 200, headers: Vec::new(), body: Vec::new() };
            let mut exchange = Exchange::new(request, Ok(answer), Duration::ZERO);
            exchange.before.lost = 1;
            exchange
        }
    }

    fn request() -> Request {
        Request {
            method: "GET".into(),
            target: "/".into(),
            headers: Vec::new(),
            body: Vec::new(),
            signing: Signing::Valid,
        }
    }

    #[tokio::test]
    async fn what_is_beyond_the_limit_is_withheld() {
        let limits = Arc::new(Limits::new(None, Some(3)));
        limits.confirm();
        let polite = Polite::new(Answers, Arc::clone(&limits), None);
        assert!(polite.send(request()).await.observed.is_ok());
        assert!(polite.alone().send(request()).await.observed.is_ok());
        assert_eq!(polite.send(request()).await.observed, Err(Fault::Withheld));
        // Each was sent twice: what is lost counts too.
        assert_eq!((limits.requests(), limits.stop()), (4, Some(Stop::Requests)));
    }

    #[tokio::test]
    async fn a_rate_spaces_requests_out_also_over_clones() {
        let polite = Polite::new(Answers, Arc::default(), Some(Duration::from_millis(20)));
        let start = Instant::now();
        for _ in 0..3 {
            assert!(polite.send(request()).await.observed.is_ok());
            assert!(polite.alone().send(request()).await.observed.is_ok());
        }
        // The first goes at once.
        assert!(start.elapsed() >= Duration::from_millis(95), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn who_waits_for_a_turn_ends_with_the_run() {
        let limits = Arc::new(Limits::default());
        let polite = Polite::new(Answers, Arc::clone(&limits), Some(Duration::from_hours(1)));
        assert!(polite.send(request()).await.observed.is_ok());
        let waiting = polite.clone();
        let second = tokio::spawn(async move { waiting.send(request()).await.observed });
        limits.interrupt();
        assert_eq!(second.await.unwrap(), Err(Fault::Withheld));
    }
}
