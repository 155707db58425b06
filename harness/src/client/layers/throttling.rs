//! Patience with a target that asks to come again later.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use cases::contract::Contract;
use cases::protocol::{Json, Request, Response};
use tokio::time::Instant;

use crate::client::exchange::{Before, Exchange, Fault};
use crate::client::response::{error_type, is_unavailable};
use crate::client::transport::{Connections, Transport};
use crate::limits::{Limits, Stop};

/// How often a request is sent again.
const MOST_TIMES: usize = 4;

/// The first pause of several in a row, unless the target names another one. Each is twice as long as
/// the one before.
const SHORTEST: Duration = Duration::from_millis(50);

/// The longest pause, unless the target names another one.
const LONGEST: Duration = Duration::from_secs(5);

/// The longest pause that a target may ask for. Who asks for more wants to be left alone.
const LONGEST_ASKED: Duration = Duration::from_mins(1);

/// The most that all pauses together may take for requests that were still put off in the end: a
/// target that puts off all requests, or all of one kind, shows so that waiting does not help.
const MOST_IN_VAIN: Duration = Duration::from_secs(15);

/// Sends a request that the target put off again, a few times: after the time of its `Retry-After`
/// (RFC 9110, 10.2.3), or after a time that doubles. Then its last answer stands, unless the run ended
/// before. Meanwhile nobody sends anything else. If waiting does not help, the run is given up.
#[derive(Clone)]
pub struct Patient<T> {
    transport: T,
    limits: Arc<Limits>,
    /// Says whether an answer puts its request off.
    puts_off: Arc<dyn Fn(&Response) -> bool + Send + Sync>,
    pause: Arc<Mutex<Pause>>,
    /// Whether a request is sent once only.
    once: bool,
}

/// The time in which nobody sends.
struct Pause {
    /// Nothing goes out before.
    until: Instant,
    /// How many there were in a row, without an answer between them that does not put off.
    in_a_row: u32,
    /// How much of it all was in vain.
    in_vain: Duration,
}

impl Pause {
    /// Notes that a request which was sent at some time was put off, for so long at least, and gives
    /// the time by which that makes the pause longer. What was sent before the pause began was put off
    /// for the same reason.
    fn put_off(&mut self, sent: Instant, asked: Duration) -> Duration {
        let now = Instant::now();
        if sent < self.until {
            let until = self.until.max(now + asked);
            let longer = until - self.until;
            self.until = until;
            return longer;
        }
        let doubled = 2_u32.checked_pow(self.in_a_row).and_then(|times| SHORTEST.checked_mul(times));
        let pause = doubled.unwrap_or(LONGEST).min(LONGEST).max(asked);
        self.in_a_row += 1;
        self.until = now + pause;
        pause
    }

    /// Notes that a request which was sent at some time was not put off.
    fn served(&mut self, sent: Instant) {
        if sent >= self.until {
            self.in_a_row = 0;
        }
    }
}

impl<T> Patient<T> {
    /// Patience with the answers of `transport` for which `puts_off` holds, as long as `limits` let it.
    pub fn new(
        transport: T,
        limits: Arc<Limits>,
        puts_off: impl Fn(&Response) -> bool + Send + Sync + 'static,
    ) -> Self {
        let pause = Pause { until: Instant::now(), in_a_row: 0, in_vain: Duration::ZERO };
        Self {
            transport,
            limits,
            puts_off: Arc::new(puts_off),
            pause: Arc::new(Mutex::new(pause)),
            once: false,
        }
    }

    fn pause(&self) -> MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something may be sent; whether it came to that.
    async fn turn(&self) -> bool {
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

    /// How long an answer puts its request off at least, if it does.
    fn asks(&self, exchange: &Exchange) -> Option<Duration> {
        let response = exchange.observed.as_ref().ok().filter(|response| (self.puts_off)(response))?;
        Some(retry_after(response).unwrap_or_default())
    }

    fn waited_in_vain(&self, time: Duration) {
        let mut pause = self.pause();
        pause.in_vain += time;
        if pause.in_vain >= MOST_IN_VAIN {
            self.limits.give_up(Stop::Throttled);
        }
    }
}

impl<T: Transport> Transport for Patient<T> {
    async fn send(&self, request: Request) -> Exchange {
        if !self.turn().await {
            return Exchange::new(request, Err(Fault::Withheld), Duration::ZERO);
        }
        let mut sent = Instant::now();
        let mut exchange = self.transport.send(request).await;
        if self.once {
            return exchange;
        }
        let mut paused = Duration::ZERO;
        for times in 0..=MOST_TIMES {
            let Some(asked) = self.asks(&exchange) else {
                if exchange.observed.is_ok() {
                    self.pause().served(sent);
                }
                return exchange;
            };
            self.limits.throttle();
            if asked > LONGEST_ASKED {
                self.limits.give_up(Stop::Throttled);
                return exchange;
            }
            let pause = self.pause().put_off(sent, asked);
            if times == MOST_TIMES || paused >= LONGEST_ASKED {
                break;
            }
            paused += pause;
            if !self.turn().await {
                // The run is over, and an answer that puts off says nothing of the target.
                return Exchange { observed: Err(Fault::Withheld), ..exchange };
            }
            sent = Instant::now();
            let mut again = self.transport.send(exchange.request.clone()).await;
            again.before += exchange.before;
            again.before += Before { throttled: 1, ..Before::default() };
            exchange = again;
        }
        self.waited_in_vain(paused);
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        Self { transport: self.transport.over(connections), ..self.clone() }
    }

    fn impatient(&self) -> Self {
        Self { once: true, ..self.clone() }
    }
}

/// Whether an answer says that the target would do what is asked, but later: status 429, status 503 that
/// says when, or an error of the platform that, by the contract, may come with 429 or 503.
pub fn puts_off(contract: &Contract, response: &Response) -> bool {
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

/// How long an answer asks to wait: a number of seconds, or the time until a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let until = date(value)?;
    // The clock of the target may differ from the one here.
    let now = response.header("date").and_then(date).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Answers in order, the last one for ever.
    #[derive(Clone)]
    struct Script(Arc<Mutex<VecDeque<Response>>>);

    impl Transport for Script {
        async fn send(&self, request: Request) -> Exchange {
            let mut answers = self.0.lock().unwrap();
            let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
            Exchange::new(request, Ok(answer.unwrap()), Duration::ZERO)
        }
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: Vec::new() }
    }

    fn patient(answers: &[Response]) -> Patient<Script> {
        let script = Script(Arc::new(Mutex::new(answers.iter().cloned().collect())));
        Patient::new(script, Arc::default(), |response| response.status == 429)
    }

    /// The last status, how often it was put off, and the seconds that it took.
    async fn send(patient: &impl Transport) -> (u16, u32, f32) {
        let start = Instant::now();
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        let exchange = patient.send(request).await;
        assert_eq!(exchange.sent(), 1 + u64::from(exchange.before.throttled));
        assert!(!exchange.repeated());
        (exchange.observed.unwrap().status, exchange.before.throttled, start.elapsed().as_secs_f32())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_put_off_is_sent_once() {
        for status in [200, 400, 503] {
            let (status_seen, throttled, seconds) = send(&patient(&[answer(status, &[])])).await;
            assert_eq!((status_seen, throttled), (status, 0));
            assert!(seconds < 0.01);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_that_passes_leaves_no_trace_but_the_count() {
        let put_off = answer(429, &[]);
        let (status, throttled, seconds) =
            send(&patient(&[put_off.clone(), put_off, answer(200, &[])])).await;
        assert_eq!((status, throttled), (200, 2));
        assert!((0.15..0.16).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_kept_up_to_a_bound() {
        const DATE: (&str, &str) = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (headers, least, most) in [
            (&[("Retry-After", "2")][..], 2.0, 2.1),
            (&[("retry-after", "30")], 30.0, 30.1),
            (&[("Retry-After", "0")], 0.05, 0.06),
            (&[("Retry-After", "soon")], 0.05, 0.06),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"), DATE], 3.0, 3.1),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:30 GMT"), DATE], 0.05, 0.06),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT")], 0.05, 0.06),
        ] {
            let (status, throttled, seconds) =
                send(&patient(&[answer(429, headers), answer(201, &[])])).await;
            assert_eq!((status, throttled), (201, 1));
            assert!((least..most).contains(&seconds), "{headers:?}: {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_put_off_four_times_and_a_run_for_a_quarter_of_a_minute() {
        let patient = patient(&[answer(429, &[])]);
        let (status, throttled, seconds) = send(&patient).await;
        assert_eq!((status, throttled), (429, 4));
        assert!((0.75..0.76).contains(&seconds), "{seconds}");
        assert_eq!(patient.limits.stop(), None);
        // The next one is sent no sooner for that, also in a sequence alone.
        let (_, throttled, seconds) = send(&patient.alone()).await;
        assert_eq!(throttled, 4);
        assert!((15.0..16.0).contains(&seconds), "{seconds}");
        assert_eq!(patient.limits.stop(), Some(Stop::Throttled));
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_an_hour_is_left_alone() {
        let patient = patient(&[answer(429, &[("retry-after", "3600")])]);
        let (status, throttled, seconds) = send(&patient).await;
        assert_eq!((status, throttled), (429, 0));
        assert!(seconds < 0.01, "{seconds}");
        assert_eq!(patient.limits.stop(), Some(Stop::Throttled));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_sends_while_one_is_put_off() {
        let later = answer(429, &[("retry-after", "20")]);
        let patient = patient(&[later, answer(200, &[])]);
        let (one, other) = (patient.clone(), patient.clone());
        let first = tokio::spawn(async move { send(&one).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (status, throttled, seconds) = send(&other).await;
        assert_eq!((status, throttled), (200, 0));
        assert!((18.9..19.1).contains(&seconds), "{seconds}");
        assert_eq!(first.await.unwrap().0, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_are_put_off_together_wait_once() {
        /// Puts everything off after a moment.
        #[derive(Clone)]
        struct Slow;
        impl Transport for Slow {
            async fn send(&self, request: Request) -> Exchange {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Exchange::new(request, Ok(answer(429, &[])), Duration::ZERO)
            }
        }
        let patient = Patient::new(Slow, Arc::default(), |response| response.status == 429);
        let start = Instant::now();
        let all = (0..16).map(|_| send(&patient));
        for (_, throttled, _) in futures_util::future::join_all(all).await {
            assert_eq!(throttled, 4);
        }
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert_eq!(patient.limits.stop(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_run_ends_a_pause() {
        let patient = patient(&[answer(429, &[("retry-after", "30")])]);
        let (one, limits) = (patient.clone(), Arc::clone(&patient.limits));
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        let (again, start) = (request.clone(), Instant::now());
        let first = tokio::spawn(async move { one.send(again).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        limits.interrupt();
        assert_eq!(first.await.unwrap().observed, Err(Fault::Withheld));
        assert!(start.elapsed() < Duration::from_millis(1300), "{:?}", start.elapsed());
        assert_eq!(patient.send(request).await.observed, Err(Fault::Withheld));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_put_off_and_may_not_be_sent_again_is_withheld() {
        let limits = Arc::new(Limits::new(None, Some(1)));
        limits.confirm();
        let Patient { transport, .. } = patient(&[answer(429, &[])]);
        let polite = crate::client::layers::rate_limit::Polite::new(transport, Arc::clone(&limits), None);
        let patient = Patient::new(polite, limits, |response| response.status == 429);
        let request = Request { method: "GET".into(), target: "/".into(), ..Request::default() };
        // Who throttles now and then must not be taken for one that does not do what is asked.
        assert_eq!(patient.send(request).await.observed, Err(Fault::Withheld));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_worth_waiting_for_uses_up_no_patience() {
        let mut answers = Vec::new();
        for _ in 0..10 {
            answers.extend([answer(429, &[("retry-after", "4")]), answer(200, &[])]);
        }
        let patient = patient(&answers);
        for _ in 0..10 {
            assert_eq!(send(&patient).await.0, 200);
        }
    }

    #[test]
    fn the_contract_says_what_puts_off() {
        let contract = Contract::model().unwrap();
        let puts_off =
            |status, name: &str| puts_off(&contract, &answer(status, &[("x-amzn-errortype", name)]));
        for (status, name) in [
            (429, ""),
            (429, "ThrottlingException"),
            (429, "OddException"),
            (400, "ThrottlingException"),
            (400, "a.b#Throttling:http://x/"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailableException"),
        ] {
            assert!(puts_off(status, name), "{status} {name}");
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
            assert!(!puts_off(status, name), "{status} {name}");
        }
        assert!(super::puts_off(&contract, &answer(503, &[("retry-after", "1")])));
        assert!(!super::puts_off(&contract, &answer(500, &[("retry-after", "1")])));
        let mut in_body = answer(400, &[]);
        in_body.body = br#"{"__type":"ThrottlingException"}"#.to_vec();
        assert!(super::puts_off(&contract, &in_body));
    }
}
