//! The limits of a run: time, number of requests, and signals from the user.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Maximum length of a response body in bytes. Services of this kind send less, and a target that always
/// sends more must not exhaust the memory.
pub const MAX_BODY: usize = 4 << 20;

/// How often a wait checks whether it has to end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The fraction (one in so many) of time and requests that is reserved for reproducing, once there is a
/// difference.
const RESERVED_PART: u32 = 3;
/// The fraction that is reserved while there is no difference.
const RESERVED_PART_AT_FIRST: u32 = 10;

/// Why a run or a case ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum StopReason {
    /// Ctrl-C.
    #[error("stopped by Ctrl-C")]
    Interrupted,
    /// `--budget`.
    #[error("the time limit of --budget was reached")]
    Budget,
    /// `--max-requests`.
    #[error("the limit of --max-requests was reached")]
    Requests,
    /// The time for reproducing failures.
    #[error("the time for reproducing failures was over (--budget extends it)")]
    Reproducing,
    /// `--max-failures`.
    #[error("--max-failures {0} was reached")]
    Failures(u64),
    /// The target no longer responds to a valid call.
    #[error("the target stopped responding")]
    Silent,
    /// Too many requests timed out.
    #[error("too many requests timed out")]
    Slow,
    /// Too many requests were throttled, after all retries.
    #[error(
        "the target throttled too many requests in spite of retries (429, or 503 with Retry-After; a lower --rate may help)"
    )]
    Throttled,
    /// Requests can no longer be signed.
    #[error("the credentials expired, and no newer ones are available")]
    Unsigned,
}

/// The limits of a run, shared by all its parts.
///
/// A run first executes its cases and then reproduces the differences. A fraction of its time and of its
/// requests is reserved for reproducing, because a difference that is not reproduced is not a finding.
#[derive(Debug)]
pub struct Limits {
    start: OnceLock<Instant>,
    budget: Option<Duration>,
    max_requests: Option<u64>,
    requests_before: AtomicU64,
    requests: AtomicU64,
    lost: AtomicU64,
    throttled: AtomicBool,
    interrupts: AtomicU8,
    has_difference: AtomicBool,
    reproducing: AtomicBool,
    given_up: OnceLock<StopReason>,
    enough: OnceLock<StopReason>,
}

impl StopReason {
    /// Whether the target or the network caused it, not a limit that the user set.
    pub fn is_caused_by_target(self) -> bool {
        matches!(self, Self::Silent | Self::Slow | Self::Throttled | Self::Unsigned)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Limits {
    /// Creates limits. The time starts with [`begin`](Self::begin).
    pub fn new(budget: Option<Duration>, max_requests: Option<u64>) -> Self {
        Self {
            start: OnceLock::new(),
            budget,
            max_requests,
            requests_before: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            throttled: AtomicBool::new(false),
            interrupts: AtomicU8::new(0),
            has_difference: AtomicBool::new(false),
            reproducing: AtomicBool::new(false),
            given_up: OnceLock::new(),
            enough: OnceLock::new(),
        }
    }

    /// Starts the time of the run.
    pub fn begin(&self) {
        self.start.get_or_init(Instant::now);
    }

    /// Adds requests that an earlier process of this run sent. They count for the run, but not for the limits
    /// of this process.
    pub fn resume(&self, requests: u64) {
        self.requests_before.fetch_add(requests, Ordering::Relaxed);
    }

    /// Why no further case may start, if so.
    pub fn stop(&self) -> Option<StopReason> {
        if self.interrupts.load(Ordering::Relaxed) > 0 {
            Some(StopReason::Interrupted)
        } else {
            self.given_up().or_else(|| self.enough()).or_else(|| self.used_up())
        }
    }

    /// Which of the user's limits is exhausted, if any.
    fn used_up(&self) -> Option<StopReason> {
        if self.is_out_of_time() {
            Some(StopReason::Budget)
        } else if self.remaining_requests() == Some(0) {
            Some(StopReason::Requests)
        } else {
            None
        }
    }

    /// Whether the time of the current phase is over.
    fn is_out_of_time(&self) -> bool {
        let time = self.budget.map(|budget| budget.saturating_sub(self.reserved(|part| budget / part)));
        time.is_some_and(|time| self.start.get().is_some_and(|start| start.elapsed() >= time))
    }

    /// Whether to abandon requests in flight. The first interrupt still lets the run reproduce its
    /// differences, but not shrink them.
    fn is_cut_off(&self) -> bool {
        let tolerated = u8::from(self.reproducing.load(Ordering::Relaxed));
        self.interrupts.load(Ordering::Relaxed) > tolerated
            || self.given_up().is_some()
            || self.is_out_of_time()
    }

    /// Whether one more request may be sent.
    fn may_send(&self) -> bool {
        !self.is_cut_off() && self.remaining_requests() != Some(0)
    }

    /// Completes when no further case may start.
    pub async fn stopped(&self) -> StopReason {
        loop {
            if let Some(stop) = self.stop() {
                return stop;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Completes when no further request may be sent.
    pub async fn forbidden(&self) {
        self.wait_until(|limits| !limits.may_send()).await;
    }

    /// Completes when requests in flight have to be abandoned. The last request within the limit is still
    /// awaited.
    pub async fn cut_off(&self) {
        self.wait_until(Self::is_cut_off).await;
    }

    async fn wait_until(&self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Counts a request that is about to be sent. Returns whether it may be sent.
    pub fn try_acquire(&self) -> bool {
        if !self.may_send() {
            return false;
        }
        let limit = self.request_limit().unwrap_or(u64::MAX);
        self.requests
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sent| (sent < limit).then_some(sent + 1))
            .is_ok()
    }

    /// The number of requests of the run so far.
    pub fn requests(&self) -> u64 {
        self.requests_before.load(Ordering::Relaxed) + self.own_requests()
    }

    /// The number of requests of this process so far.
    fn own_requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Counts a request without a response.
    pub fn count_lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the target throttled a request.
    pub fn note_throttled(&self) {
        self.throttled.store(true, Ordering::Relaxed);
    }

    /// Whether the target has throttled any request.
    pub fn was_throttled(&self) -> bool {
        self.throttled.load(Ordering::Relaxed)
    }

    /// The fraction of the requests of this process that got no response, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub fn loss_rate(&self) -> f64 {
        self.lost.load(Ordering::Relaxed) as f64 / self.own_requests().max(1) as f64
    }

    /// How many requests may still be sent in the current phase. `None` if their number is not limited.
    pub fn remaining_requests(&self) -> Option<u64> {
        self.request_limit().map(|limit| limit.saturating_sub(self.own_requests()))
    }

    /// The maximum number of requests up to the end of the current phase.
    fn request_limit(&self) -> Option<u64> {
        self.max_requests.map(|max| max - self.reserved(|part| max / u64::from(part)))
    }

    /// What is reserved for reproducing, or nothing once that has started.
    fn reserved<N: Default>(&self, one_of: impl FnOnce(u32) -> N) -> N {
        if self.reproducing.load(Ordering::Relaxed) {
            N::default()
        } else {
            one_of(if self.has_difference.load(Ordering::Relaxed) {
                RESERVED_PART
            } else {
                RESERVED_PART_AT_FIRST
            })
        }
    }

    /// Notes that there is a difference to reproduce.
    pub fn note_difference(&self) {
        self.has_difference.store(true, Ordering::Relaxed);
    }

    /// Starts to reproduce. From now on the reserved time and requests are available.
    pub fn begin_reproducing(&self) {
        self.reproducing.store(true, Ordering::Relaxed);
    }

    /// Ends the run because of the target. The first reason counts.
    pub fn give_up(&self, reason: StopReason) {
        let _first = self.given_up.set(reason);
    }

    /// Ends the search for further differences.
    pub fn end_search(&self, reason: StopReason) {
        let _first = self.enough.set(reason);
    }

    /// Why the search for further differences ended. Known differences are still reproduced.
    fn enough(&self) -> Option<StopReason> {
        self.enough.get().copied().filter(|_| !self.reproducing.load(Ordering::Relaxed))
    }

    /// Why the run gave up on the target, if so.
    pub fn given_up(&self) -> Option<StopReason> {
        self.given_up.get().copied()
    }

    /// Ends the run: the first call lets it reproduce its differences, the second one ends it at once.
    pub fn interrupt(&self) {
        self.interrupts.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_stops_a_run() {
        assert_eq!(Limits::default().stop(), None);
        let short = Limits::new(Some(Duration::ZERO), None);
        assert_eq!(short.stop(), None);
        short.begin();
        assert_eq!(short.stop(), Some(StopReason::Budget));
        let few = Limits::new(None, Some(2));
        assert_eq!(few.stop(), None);
        few.begin_reproducing();
        assert!(few.try_acquire());
        assert!(few.try_acquire());
        assert_eq!(few.stop(), Some(StopReason::Requests));
        few.interrupt();
        assert_eq!(few.stop(), Some(StopReason::Interrupted));
    }

    #[test]
    fn max_failures_ends_search_but_not_reproducing() {
        let limits = Limits::default();
        limits.end_search(StopReason::Failures(3));
        assert_eq!(
            limits.stop().map(|stop| stop.to_string()).as_deref(),
            Some("--max-failures 3 was reached")
        );
        // Sequences in progress still finish.
        assert!(limits.try_acquire());
        limits.begin_reproducing();
        assert_eq!(limits.stop(), None);
        assert!(limits.try_acquire());
        assert!(!StopReason::Failures(3).is_caused_by_target());
    }

    #[test]
    fn requests_before_resume_count_for_no_limit() {
        let limits = Limits::new(None, Some(2));
        limits.resume(5);
        limits.begin_reproducing();
        assert!(limits.try_acquire());
        assert_eq!(limits.remaining_requests(), Some(1));
        limits.count_lost();
        assert_eq!((limits.requests(), limits.loss_rate().to_bits()), (6, 1.0_f64.to_bits()));
        assert!(limits.try_acquire());
        assert!(!limits.try_acquire());
    }

    #[tokio::test(start_paused = true)]
    async fn last_request_is_awaited_until_run_is_over() {
        let limits = Limits::new(None, Some(1));
        limits.begin_reproducing();
        assert!(limits.try_acquire());
        limits.forbidden().await;
        assert!(tokio::time::timeout(Duration::from_hours(1), limits.cut_off()).await.is_err());
        limits.give_up(StopReason::Slow);
        limits.cut_off().await;
        let other = Limits::default();
        other.give_up(StopReason::Slow);
        assert!(!other.try_acquire());
    }

    #[test]
    fn requests_are_reserved_for_reproducing() {
        let none = Limits::new(None, Some(30));
        assert_eq!((0..50).filter(|_| none.try_acquire()).count(), 27);
        let few = Limits::new(None, Some(9));
        few.note_difference();
        assert_eq!((0..20).filter(|_| few.try_acquire()).count(), 6);
        assert_eq!(few.stop(), Some(StopReason::Requests));
        few.begin_reproducing();
        assert_eq!((few.stop(), few.remaining_requests()), (None, Some(3)));
        assert_eq!((0..20).filter(|_| few.try_acquire()).count(), 3);
        assert_eq!(few.requests(), 9);
        assert!((0..20).all(|_| Limits::default().try_acquire()));
    }

    #[test]
    fn first_interrupt_still_allows_reproducing() {
        let limits = Limits::default();
        limits.interrupt();
        assert!(!limits.try_acquire());
        limits.begin_reproducing();
        assert!(limits.try_acquire());
        assert_eq!(limits.stop(), Some(StopReason::Interrupted));
        limits.interrupt();
        assert!(!limits.try_acquire());
    }
}
