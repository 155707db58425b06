//! Patience with a target that asks to come again later.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use cases::contract::Contract;
use cases::http::{Request, Response};
use cases::json::Json;

use super::Transport;
use crate::exchange::{Before, Exchange};
use crate::normalise::error_type;

/// How often a request is sent again, and after which time, unless the target names one.
const BACKOFF: ExponentialBuilder =
    ExponentialBuilder::new().with_min_delay(Duration::from_millis(50)).with_max_times(4).with_jitter();

/// The longest wait between two sendings, whatever the target asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The most that one request waits in all.
const MOST_FOR_REQUEST: Duration = Duration::from_secs(10);

/// The most that all requests together wait in vain: a target that puts off all requests, or all
/// of one kind, shows soon that waiting does not help.
const MOST_IN_VAIN: Duration = Duration::from_secs(5);

/// Sends a request that the target put off again, a few times: after the time of its `Retry-After`
/// (RFC 9110, 10.2.3), or after a time that doubles. Then its last answer stands.
#[derive(Clone)]
pub struct Patient<T> {
    transport: T,
    /// Says whether an answer puts its request off.
    puts_off: Arc<dyn Fn(&Response) -> bool + Send + Sync>,
    /// The time that was waited for requests that were still put off in the end.
    in_vain: Arc<Mutex<Duration>>,
}

impl<T> Patient<T> {
    /// Patience with the answers of `transport` for which `puts_off` holds.
    pub fn new(transport: T, puts_off: impl Fn(&Response) -> bool + Send + Sync + 'static) -> Self {
        Self { transport, puts_off: Arc::new(puts_off), in_vain: Arc::default() }
    }

    fn waited_in_vain(&self, more: Duration) -> Duration {
        let mut in_vain = self.in_vain.lock().unwrap_or_else(PoisonError::into_inner);
        *in_vain += more;
        *in_vain
    }
}

impl<T: Transport> Transport for Patient<T> {
    async fn send(&self, request: Request) -> Exchange {
        let mut before = Before::default();
        let mut waited = Duration::ZERO;
        let send = || async {
            let exchange = self.transport.send(request.clone()).await;
            if exchange.observed.as_ref().is_ok_and(&*self.puts_off) { Err(exchange) } else { Ok(exchange) }
        };
        let mut wait = |put_off: &Exchange, pause: Option<Duration>| {
            let asked = put_off.observed.as_ref().ok().and_then(retry_after).unwrap_or_default();
            let pause = pause?.max(asked.min(LONGEST_WAIT));
            if waited + pause > MOST_FOR_REQUEST || self.waited_in_vain(Duration::ZERO) >= MOST_IN_VAIN {
                return None;
            }
            waited += pause;
            before.lost += put_off.before.lost;
            before.misdated += put_off.before.misdated;
            before.throttled += 1;
            Some(pause)
        };
        let result = send.retry(BACKOFF).adjust(&mut wait).await;
        if result.is_err() {
            self.waited_in_vain(waited);
        }
        let (Ok(mut exchange) | Err(mut exchange)) = result;
        exchange.before.lost += before.lost;
        exchange.before.throttled += before.throttled;
        exchange.before.misdated += before.misdated;
        exchange
    }

    fn alone(&self) -> Self {
        Self { transport: self.transport.alone(), ..self.clone() }
    }
}

/// Whether an answer says that the target would do what is asked, but later: status 429, or an
/// error of the platform that, by the contract, may come with 429 or 503.
pub fn puts_off(contract: &Contract, response: &Response) -> bool {
    const LATER: [u16; 2] = [429, 503];
    if response.status == 429 {
        return true;
    }
    if response.is_success() {
        return false;
    }
    let body = Json::parse(&response.body).ok();
    error_type(response, body.as_ref()).is_some_and(|error_type| {
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
    use tokio::time::Instant;

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
        Patient::new(script, |response| response.status == 429)
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
        // 50 and 100 ms, each with a jitter of up to the same.
        assert!((0.15..0.31).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_kept_up_to_a_bound() {
        const DATE: (&str, &str) = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (headers, least, most) in [
            (&[("Retry-After", "2")][..], 2.0, 2.1),
            (&[("retry-after", "3600")], 5.0, 5.1),
            (&[("Retry-After", "0")], 0.05, 0.11),
            (&[("Retry-After", "soon")], 0.05, 0.11),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"), DATE], 3.0, 3.1),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:30 GMT"), DATE], 0.05, 0.11),
            (&[("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT")], 0.05, 0.11),
        ] {
            let (status, throttled, seconds) =
                send(&patient(&[answer(429, headers), answer(201, &[])])).await;
            assert_eq!((status, throttled), (201, 1));
            assert!((least..most).contains(&seconds), "{headers:?}: {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_for_a_request_and_for_a_run() {
        let quick = patient(&[answer(429, &[])]);
        let (status, throttled, seconds) = send(&quick).await;
        assert_eq!((status, throttled), (429, 4));
        assert!((0.75..1.51).contains(&seconds), "{seconds}");

        let slow = patient(&[answer(429, &[("retry-after", "4")])]);
        let (_, throttled, seconds) = send(&slow).await;
        assert_eq!(throttled, 2);
        assert!((8.0..8.1).contains(&seconds), "{seconds}");
        // What this run waited in vain is enough, also for a sequence alone.
        for patient in [slow.clone(), slow.alone()] {
            assert_eq!(send(&patient).await.1, 0);
        }
        // Another run is as patient as the first.
        assert_eq!(send(&patient(&[answer(429, &[])])).await.1, 4);
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
        let mut in_body = answer(400, &[]);
        in_body.body = br#"{"__type":"ThrottlingException"}"#.to_vec();
        assert!(super::puts_off(&contract, &in_body));
    }
}
