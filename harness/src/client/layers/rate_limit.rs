//! Keeps to the limits of a run and to its rate.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use cases::protocol::Request;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::client::exchange::{Exchange, Fault};
use crate::client::transport::{Connections, Fresh, Transport};
use crate::limits::{Limits, Stop};

/// Sends no more requests than the limits allow, and none sooner than the rate does. What may not be
/// sent any more, or is still under way when the run is over, is [withheld](Fault::Withheld). Once a
/// request cannot be signed the run is given up: no other one could be.
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
        if let Some(rate) = &self.rate {
            tokio::select! {
                () = rate.until_ready() => {}
                () = self.limits.forbidden() => return false,
            }
        }
        self.limits.take()
    }
}

impl<T: Transport> Transport for Polite<T> {
    async fn send(&self, request: Request) -> Exchange {
        let withheld = Exchange::new(request.clone(), Err(Fault::Withheld), Duration::ZERO);
        if !self.turn().await {
            return withheld;
        }
        let exchange = tokio::select! {
            biased;
            exchange = self.transport.send(request) => exchange,
            () = self.limits.cut_off() => return withheld,
        };
        if exchange.observed == Err(Fault::NotSigned) {
            self.limits.give_up(Stop::Unsigned);
        }
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        Self { transport: self.transport.over(connections), ..self.clone() }
    }
}

impl<T: Fresh> Fresh for Polite<T> {
    fn fresh(&self) -> Self {
        Self { transport: self.transport.fresh(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use cases::protocol::Response;

    use super::*;

    /// Observes the same of everything, at once or never.
    #[derive(Clone)]
    struct Observes(Option<Fault>, bool);

    const ANSWERS: Observes = Observes(None, true);

    impl Transport for Observes {
        async fn send(&self, request: Request) -> Exchange {
            if !self.1 {
                std::future::pending::<()>().await;
            }
            let answer = Response { status: 200, headers: Vec::new(), body: Vec::new() };
            Exchange::new(request, self.0.map_or(Ok(answer), Err), Duration::ZERO)
        }
    }

    fn request() -> Request {
        Request { method: "GET".into(), target: "/".into(), ..Request::default() }
    }

    #[tokio::test]
    async fn what_is_beyond_the_limit_is_withheld() {
        let limits = Arc::new(Limits::new(None, Some(2)));
        limits.confirm();
        let polite = Polite::new(ANSWERS, Arc::clone(&limits), None);
        assert!(polite.send(request()).await.observed.is_ok());
        assert!(polite.alone().send(request()).await.observed.is_ok());
        assert_eq!(polite.send(request()).await.observed, Err(Fault::Withheld));
        assert_eq!((limits.requests(), limits.stop()), (2, Some(Stop::Requests)));
    }

    #[tokio::test]
    async fn a_rate_spaces_requests_out_also_over_clones() {
        let polite = Polite::new(ANSWERS, Arc::default(), Some(Duration::from_millis(20)));
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
        let polite = Polite::new(ANSWERS, Arc::clone(&limits), Some(Duration::from_hours(1)));
        assert!(polite.send(request()).await.observed.is_ok());
        let waiting = polite.clone();
        let second = tokio::spawn(async move { waiting.send(request()).await.observed });
        limits.interrupt();
        assert_eq!(second.await.unwrap(), Err(Fault::Withheld));
    }

    #[tokio::test]
    async fn what_is_looked_at_again_waits_for_its_turn_after_one_interrupt() {
        let limits = Arc::new(Limits::default());
        let polite = Polite::new(ANSWERS, Arc::clone(&limits), Some(Duration::from_millis(20)));
        limits.interrupt();
        limits.confirm();
        for _ in 0..5 {
            assert!(polite.send(request()).await.observed.is_ok());
        }
        limits.interrupt();
        assert_eq!(polite.send(request()).await.observed, Err(Fault::Withheld));
    }

    #[tokio::test]
    async fn what_is_under_way_ends_with_the_run() {
        let silent = Observes(None, false);
        let budget = Arc::new(Limits::new(Some(Duration::from_millis(50)), None));
        budget.begin();
        let polite = Polite::new(silent.clone(), budget, None);
        assert_eq!(polite.send(request()).await.observed, Err(Fault::Withheld));

        let limits = Arc::new(Limits::default());
        limits.confirm();
        limits.interrupt();
        let polite = Polite::new(silent, Arc::clone(&limits), None);
        let second = tokio::spawn(async move { polite.send(request()).await.observed });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!second.is_finished());
        limits.interrupt();
        assert_eq!(second.await.unwrap(), Err(Fault::Withheld));
    }

    #[tokio::test]
    async fn a_run_that_cannot_sign_is_given_up() {
        let limits = Arc::new(Limits::default());
        let polite = Polite::new(Observes(Some(Fault::NotSigned), true), Arc::clone(&limits), None);
        assert_eq!(polite.send(request()).await.observed, Err(Fault::NotSigned));
        assert_eq!(limits.stop(), Some(Stop::Unsigned));
        assert_eq!(polite.send(request()).await.observed, Err(Fault::Withheld));
    }
}
