//! Waits for a target that throttles, and retries.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use cases::contract::Contract;
use cases::protocol::{Json, Request, Response};
use tokio::time::Instant;

use crate::client::exchange::{Attempts, Exchange, TransportFailure};
use crate::client::response::{error_type, is_unavailable};
use crate::client::transport::{Connections, Transport};
use crate::limits::{Limits, StopReason};

/// Maximum number of retries of a request.
const MAX_RETRIES: usize = 4;

/// The first pause of several in a row, unless the target requests another one. Each further pause doubles.
const MIN_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause, unless the target requests another one.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause that a target may request. Beyond it the run gives up.
const MAX_REQUESTED_PAUSE: Duration = Duration::from_mins(1);

/// The maximum total of all pauses of requests that stayed throttled. Waiting does not help with a target
/// that throttles all requests, or all of one kind.
const MAX_WASTED_PAUSE: Duration = Duration::from_secs(15);

/// Retries a throttled request a few times, after the time in its `Retry-After` (RFC 9110, 10.2.3) or after a
/// delay that doubles. Then its last response counts, unless the run ended before. No other request is sent
/// during a pause. If waiting does not help, the run gives up.
#[derive(Clone)]
pub struct Throttling<T> {
    transport: T,
    limits: Arc<Limits>,
    /// Whether a response is throttled.
    is_throttled: Arc<dyn Fn(&Response) -> bool + Send + Sync>,
    pause: Arc<Mutex<Pause>>,
    /// Whether throttled requests are not retried.
    no_retries: bool,
}

/// A time in which no request is sent.
struct Pause {
    /// The end of the pause.
    until: Instant,
    /// The number of consecutive pauses without a served request between them.
    in_a_row: u32,
    /// The total of the pauses that did not help.
    wasted: Duration,
}

impl Pause {
    /// Notes that a request sent at `sent` was throttled, for at least `asked`. Returns by how much that
    /// extends the pause. A request that was sent before the pause was throttled for the same reason as the
    /// one that started it.
    fn note_throttled(&mut self, sent: Instant, asked: Duration) -> Duration {
        let now = Instant::now();
        if sent < self.until {
            let until = self.until.max(now + asked);
            let longer = until - self.until;
            self.until = until;
            return longer;
        }
        let doubled = 2_u32.checked_pow(self.in_a_row).and_then(|times| MIN_PAUSE.checked_mul(times));
        let pause = doubled.unwrap_or(MAX_PAUSE).min(MAX_PAUSE).max(asked);
        self.in_a_row += 1;
        self.until = now + pause;
        pause
    }

    /// Notes that a request sent at `sent` was not throttled.
    fn note_served(&mut self, sent: Instant) {
        if sent >= self.until {
            self.in_a_row = 0;
        }
    }
}

impl<T> Throttling<T> {
    /// Retries requests over `transport` for which `is_throttled` holds, as long as `limits` permit it.
    pub fn new(
        transport: T,
        limits: Arc<Limits>,
        is_throttled: impl Fn(&Response) -> bool + Send + Sync + 'static,
    ) -> Self {
        let pause = Pause { until: Instant::now(), in_a_row: 0, wasted: Duration::ZERO };
        Self {
            transport,
            limits,
            is_throttled: Arc::new(is_throttled),
            pause: Arc::new(Mutex::new(pause)),
            no_retries: false,
        }
    }

    fn pause(&self) -> MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end of the pause. Returns whether a request may be sent.
    async fn wait_for_pause(&self) -> bool {
        loop {
            let until = self.pause().until;
            if until <= Instant::now() {
                return true;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.limits.cut_off() => return false,
            }
        }
    }

    /// The minimum pause that a response requests, if it is throttled.
    fn requested_pause(&self, exchange: &Exchange) -> Option<Duration> {
        let response = exchange.observed.as_ref().ok().filter(|response| (self.is_throttled)(response))?;
        Some(retry_after(response).unwrap_or_default())
    }

    fn note_wasted_pause(&self, time: Duration) {
        let mut pause = self.pause();
        pause.wasted += time;
        if pause.wasted >= MAX_WASTED_PAUSE {
            self.limits.give_up(StopReason::Throttled);
        }
    }
}

impl<T: Transport> Transport for Throttling<T> {
    async fn send(&self, request: Request) -> Exchange {
        if !self.wait_for_pause().await {
            return Exchange::new(request, Err(TransportFailure::Withheld), Duration::ZERO);
        }
        let mut sent = Instant::now();
        let mut exchange = self.transport.send(request).await;
        if self.no_retries {
            return exchange;
        }
        let mut paused = Duration::ZERO;
        for retry in 0..=MAX_RETRIES {
            let Some(asked) = self.requested_pause(&exchange) else {
                if exchange.observed.is_ok() {
                    self.pause().note_served(sent);
                }
                return exchange;
            };
            self.limits.note_throttled();
            if asked > MAX_REQUESTED_PAUSE {
                self.limits.give_up(StopReason::Throttled);
                return exchange;
            }
            let pause = self.pause().note_throttled(sent, asked);
            if retry == MAX_RETRIES || paused >= MAX_REQUESTED_PAUSE {
                break;
            }
            paused += pause;
            if !self.wait_for_pause().await {
                // The run is over, and a throttled response says nothing about the target.
                return Exchange { observed: Err(TransportFailure::Withheld), ..exchange };
            }
            sent = Instant::now();
            let mut again = self.transport.send(exchange.request.clone()).await;
            again.attempts += exchange.attempts;
            again.attempts += Attempts { throttled: 1, ..Attempts::default() };
            exchange = again;
        }
        self.note_wasted_pause(paused);
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        Self { transport: self.transport.with_pool(connections), ..self.clone() }
    }

    fn without_throttling(&self) -> Self {
        Self { no_retries: true, ..self.clone() }
    }
}

/// Whether a response says that the target would serve the request later: status 429, status 503 with
/// `Retry-After`, or an error of the platform that has status 429 or 503 in the contract.
pub fn is_throttled(contract: &Contract, response: &Response) -> bool {
    const LATER: [u16; 2] = [429, 503];
    if response.status == 429 || is_unavailable(response) {
        return true;
    }
    if response.is_success() {
        return false;
    }
    let of_header = error_type(response, None);
    let named = of_header.or_else(|| error_type(response, Json::parse(&response.body).ok().as_ref()));
    named.is_some_and(|error_type| {
        contract.common_errors.iter().any(|common| {
            common.matches(&error_type, response.status)
                && common.statuses.iter().any(|status| LATER.contains(status))
        })
    })
}

/// The pause that a response requests: a number of seconds, or the time until a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let until = date(value)?;
    // The clock of the target may differ from the one of this machine.
    let now = response.header("date").and_then(date).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Responds in order, and repeats the last response.
    #[derive(Clone)]
    struct Script(Arc<Mutex<VecDeque<Response>>>);

    impl Transport for Script {
        async fn send(&self, request: Request) -> Exchange {
            let mut responses = self.0.lock().unwrap();
            let response =
                if responses.len() > 1 { responses.pop_front() } else { responses.front().cloned() };
            Exchange::new(request, Ok(response.unwrap()), Duration::ZERO)
        }
    }

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: Vec::new() }
    }

    fn throttling(responses: &[Response]) -> Throttling<Script> {
        let script = Script(Arc::new(Mutex::new(responses.iter().cloned().collect())));
        Throttling::new(script, Arc::default(), |response| response.status == 429)
    }

    /// Returns the last status, the number of throttled attempts, and the seconds that it took.
    async fn send(throttling: &impl Transport) -> (u16, u32, f32) {
        let start = Instant::now();
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        let exchange = throttling.send(request).await;
        assert_eq!(exchange.sent(), 1 + u64::from(exchange.attempts.throttled));
        assert!(!exchange.was_lost_once());
        (exchange.observed.unwrap().status, exchange.attempts.throttled, start.elapsed().as_secs_f32())
    }

    #[tokio::test(start_paused = true)]
    async fn other_responses_are_not_retried() {
        for status in [200, 400, 503] {
            let (status_seen, throttled, seconds) = send(&throttling(&[response(status, &[])])).await;
            assert_eq!((status_seen, throttled), (status, 0));
            assert!(seconds < 0.01);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn throttled_request_is_retried_and_counted() {
        let throttled_once = response(429, &[]);
        let (status, throttled, seconds) =
            send(&throttling(&[throttled_once.clone(), throttled_once, response(200, &[])])).await;
        assert_eq!((status, throttled), (200, 2));
        assert!((0.15..0.16).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_sets_the_pause() {
        const DATE: (&str, &str) = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (headers, min, max) in [
            (&[("Retry-After", "2")][..], 2.0, 2.1),
            (&[("retry-after", "30")], 30.0, 30.1),
            (&[("Retry-After", "0")], 0.05, 0.06),
            (&[("Retry-After", "soon")], 0.05, 0.06),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"), DATE], 3.0, 3.1),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:30 GMT"), DATE], 0.05, 0.06),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT")], 0.05, 0.06),
        ] {
            let (status, throttled, seconds) =
                send(&throttling(&[response(429, headers), response(201, &[])])).await;
            assert_eq!((status, throttled), (201, 1));
            assert!((min..max).contains(&seconds), "{headers:?}: {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retries_and_total_pause_are_limited() {
        let throttling = throttling(&[response(429, &[])]);
        let (status, throttled, seconds) = send(&throttling).await;
        assert_eq!((status, throttled), (429, 4));
        assert!((0.75..0.76).contains(&seconds), "{seconds}");
        assert_eq!(throttling.limits.stop(), None);
        // The next request has to wait as long, also on a connection of its own.
        let (_, throttled, seconds) = send(&throttling.single_connection()).await;
        assert_eq!(throttled, 4);
        assert!((15.0..16.0).contains(&seconds), "{seconds}");
        assert_eq!(throttling.limits.stop(), Some(StopReason::Throttled));
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_of_an_hour_gives_up() {
        let throttling = throttling(&[response(429, &[("retry-after", "3600")])]);
        let (status, throttled, seconds) = send(&throttling).await;
        assert_eq!((status, throttled), (429, 0));
        assert!(seconds < 0.01, "{seconds}");
        assert_eq!(throttling.limits.stop(), Some(StopReason::Throttled));
    }

    #[tokio::test(start_paused = true)]
    async fn throttled_request_blocks_other_senders() {
        let later = response(429, &[("retry-after", "20")]);
        let throttling = throttling(&[later, response(200, &[])]);
        let (one, other) = (throttling.clone(), throttling.clone());
        let first = tokio::spawn(async move { send(&one).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (status, throttled, seconds) = send(&other).await;
        assert_eq!((status, throttled), (200, 0));
        assert!((18.9..19.1).contains(&seconds), "{seconds}");
        assert_eq!(first.await.unwrap().0, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_throttled_requests_share_a_pause() {
        /// Throttles every request after a moment.
        #[derive(Clone)]
        struct Slow;
        impl Transport for Slow {
            async fn send(&self, request: Request) -> Exchange {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Exchange::new(request, Ok(response(429, &[])), Duration::ZERO)
            }
        }
        let throttling = Throttling::new(Slow, Arc::default(), |response| response.status == 429);
        let start = Instant::now();
        let all = (0..16).map(|_| send(&throttling));
        for (_, throttled, _) in futures_util::future::join_all(all).await {
            assert_eq!(throttled, 4);
        }
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert_eq!(throttling.limits.stop(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn end_of_run_ends_a_pause() {
        let throttling = throttling(&[response(429, &[("retry-after", "30")])]);
        let (one, limits) = (throttling.clone(), Arc::clone(&throttling.limits));
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        let (again, start) = (request.clone(), Instant::now());
        let first = tokio::spawn(async move { one.send(again).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        limits.interrupt();
        assert_eq!(first.await.unwrap().observed, Err(TransportFailure::Withheld));
        assert!(start.elapsed() < Duration::from_millis(1300), "{:?}", start.elapsed());
        assert_eq!(throttling.send(request).await.observed, Err(TransportFailure::Withheld));
    }

    #[tokio::test(start_paused = true)]
    async fn throttled_request_beyond_limit_is_withheld() {
        let limits = Arc::new(Limits::new(None, Some(1)));
        limits.begin_reproducing();
        let Throttling { transport, .. } = throttling(&[response(429, &[])]);
        let rate_limit =
            crate::client::layers::rate_limit::RateLimit::new(transport, Arc::clone(&limits), None);
        let throttling = Throttling::new(rate_limit, limits, |response| response.status == 429);
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        // A target that throttles now and then must not be reported as one that refuses the request.
        assert_eq!(throttling.send(request).await.observed, Err(TransportFailure::Withheld));
    }

    #[tokio::test(start_paused = true)]
    async fn successful_retries_do_not_count_as_wasted() {
        let mut responses = Vec::new();
        for _ in 0..10 {
            responses.extend([response(429, &[("retry-after", "4")]), response(200, &[])]);
        }
        let throttling = throttling(&responses);
        for _ in 0..10 {
            assert_eq!(send(&throttling).await.0, 200);
        }
    }

    #[test]
    fn contract_defines_throttling_errors() {
        let contract = Contract::model().unwrap();
        let is_throttled =
            |status, name: &str| is_throttled(&contract, &response(status, &[("x-amzn-errortype", name)]));
        for (status, name) in [
            (429, ""),
            (429, "ThrottlingException"),
            (429, "OddException"),
            (400, "ThrottlingException"),
            (400, "a.b#Throttling:http://x/"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailableException"),
        ] {
            assert!(is_throttled(status, name), "{status} {name}");
        }
        for (status, name) in [
            (200, "ThrottlingException"),
            (400, "BadRequestException"),
            (400, "ServiceUnavailable"),
            (403, "ExpiredTokenException"),
            (500, "ThrottlingException"),
            (503, ""),
            (503, "InternalServerException"),
        ] {
            assert!(!is_throttled(status, name), "{status} {name}");
        }
        assert!(super::is_throttled(&contract, &response(503, &[("retry-after", "1")])));
        assert!(!super::is_throttled(&contract, &response(500, &[("retry-after", "1")])));
        let mut in_body = response(400, &[]);
        in_body.body = br#"{"__type":"ThrottlingException"}"#.to_vec();
        assert!(super::is_throttled(&contract, &in_body));
    }
}
