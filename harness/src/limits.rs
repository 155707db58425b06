//! What bounds a run: time, number of requests, and the user's patience.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The most that is read of an answer's body: more than services of this sort hand out, and so little
/// that a run stays small against a target which sends as much every time.
pub const MAX_BODY: usize = 4 << 20;

/// How often a wait looks whether it has to end.
const GLANCE: Duration = Duration::from_millis(100);

/// One of so many parts is kept for looking again once something differs.
const KEPT: u32 = 3;
/// The same as long as nothing does.
const KEPT_AT_FIRST: u32 = 10;

/// Why a run, or a case of it, ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Stop {
    /// Ctrl-C.
    #[error("stopped by Ctrl-C")]
    Interrupted,
    /// `--budget`.
    #[error("the time of --budget was over")]
    Budget,
    /// `--max-requests`.
    #[error("the number of --max-requests was reached")]
    Requests,
    /// The time for reproducing failures.
    #[error("the time for reproducing failures was over (--budget gives more)")]
    Reproducing,
    /// `--max-failures`.
    #[error("--max-failures {0} was reached")]
    Failures(u64),
    /// Not even a valid call is answered any more.
    #[error("the target stopped answering")]
    Silent,
    /// Too many calls were not answered in time.
    #[error("the target left too many requests without an answer in time")]
    Slow,
    /// Too many calls were put off, however long they waited.
    #[error(
        "the target put off too many requests, however long they waited (429, or 503 with Retry-After; a lower --rate may help)"
    )]
    Throttled,
    /// Nothing can be signed any more.
    #[error("the credentials had expired, and no newer ones could be had")]
    Unsigned,
}

/// Shared by all parts of a run.
///
/// A run first tries its cases and then looks again at what differed. A part of its time and of its
/// requests is kept for the second: a difference that cannot be looked at again is no finding.
#[derive(Debug)]
pub struct Limits {
    start: OnceLock<Instant>,
    budget: Option<Duration>,
    most_requests: Option<u64>,
    before: AtomicU64,
    requests: AtomicU64,
    lost: AtomicU64,
    throttled: AtomicBool,
    interrupts: AtomicU8,
    differs: AtomicBool,
    confirming: AtomicBool,
    gone: OnceLock<Stop>,
    enough: OnceLock<Stop>,
}

impl Stop {
    /// Whether it is the target's doing, or that of the way there, and nothing that the user asked for.
    pub fn is_of_target(self) -> bool {
        matches!(self, Self::Silent | Self::Slow | Self::Throttled | Self::Unsigned)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Limits {
    /// Limits whose time begins with [`begin`](Self::begin).
    pub fn new(budget: Option<Duration>, most_requests: Option<u64>) -> Self {
        Self {
            start: OnceLock::new(),
            budget,
            most_requests,
            before: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            throttled: AtomicBool::new(false),
            interrupts: AtomicU8::new(0),
            differs: AtomicBool::new(false),
            confirming: AtomicBool::new(false),
            gone: OnceLock::new(),
            enough: OnceLock::new(),
        }
    }

    /// The time that the run may take begins.
    pub fn begin(&self) {
        self.start.get_or_init(Instant::now);
    }

    /// Counts requests that were sent before this process. They are part of the run, and no limit of this
    /// process speaks of them.
    pub fn resume(&self, requests: u64) {
        self.before.fetch_add(requests, Ordering::Relaxed);
    }

    /// Why nothing more is to be tried, if so.
    pub fn stop(&self) -> Option<Stop> {
        if self.interrupts.load(Ordering::Relaxed) > 0 {
            Some(Stop::Interrupted)
        } else {
            self.gone().or_else(|| self.enough()).or_else(|| self.over())
        }
    }

    /// What of the user's limits is used up, if one is.
    fn over(&self) -> Option<Stop> {
        if self.is_late() {
            Some(Stop::Budget)
        } else if self.left() == Some(0) {
            Some(Stop::Requests)
        } else {
            None
        }
    }

    /// Whether the time is over, as far as the run is.
    fn is_late(&self) -> bool {
        let time = self.budget.map(|budget| budget.saturating_sub(self.kept(|part| budget / part)));
        time.is_some_and(|time| self.start.get().is_some_and(|start| start.elapsed() >= time))
    }

    /// Whether not even what is under way is waited for. Who interrupts a run once still gets its
    /// findings: what differed is looked at again, though it is not made smaller.
    fn is_cut_off(&self) -> bool {
        let patience = u8::from(self.confirming.load(Ordering::Relaxed));
        self.interrupts.load(Ordering::Relaxed) > patience || self.gone().is_some() || self.is_late()
    }

    /// Whether one more request may be sent.
    fn may_send(&self) -> bool {
        !self.is_cut_off() && self.left() != Some(0)
    }

    /// Comes when nothing more is to be tried.
    pub async fn stopped(&self) -> Stop {
        loop {
            if let Some(stop) = self.stop() {
                return stop;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Comes when nothing may be sent any more.
    pub async fn forbidden(&self) {
        self.until(|limits| !limits.may_send()).await;
    }

    /// Comes when what is under way is not to be waited for. The last request that may be sent is.
    pub async fn cut_off(&self) {
        self.until(Self::is_cut_off).await;
    }

    async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Counts a request that is about to be sent, if it may be.
    pub fn take(&self) -> bool {
        if !self.may_send() {
            return false;
        }
        let more = |sent: u64| self.most().is_none_or(|most| sent < most).then_some(sent + 1);
        self.requests.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Requests of the run so far.
    pub fn requests(&self) -> u64 {
        self.before.load(Ordering::Relaxed) + self.own_requests()
    }

    /// Requests of this process so far.
    fn own_requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Counts a request that got no answer.
    pub fn lose(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note that the target put a request off.
    pub fn throttle(&self) {
        self.throttled.store(true, Ordering::Relaxed);
    }

    /// Whether the target has put a request off.
    pub fn is_throttled(&self) -> bool {
        self.throttled.load(Ordering::Relaxed)
    }

    /// The part of this process's requests so far that got no answer.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub fn loss(&self) -> f64 {
        self.lost.load(Ordering::Relaxed) as f64 / self.own_requests().max(1) as f64
    }

    /// How many requests may still be sent, if their number is limited.
    pub fn left(&self) -> Option<u64> {
        self.most().map(|most| most.saturating_sub(self.own_requests()))
    }

    /// The most that may be sent as far as the run is.
    fn most(&self) -> Option<u64> {
        self.most_requests.map(|most| most - self.kept(|part| most / u64::from(part)))
    }

    /// What is kept for looking again, until it is time for it.
    fn kept<N: Default>(&self, one_of: impl FnOnce(u32) -> N) -> N {
        if self.confirming.load(Ordering::Relaxed) {
            N::default()
        } else {
            one_of(if self.differs.load(Ordering::Relaxed) { KEPT } else { KEPT_AT_FIRST })
        }
    }

    /// Something differs and will have to be looked at again.
    pub fn differs(&self) {
        self.differs.store(true, Ordering::Relaxed);
    }

    /// From now on what differed is looked at again, with all that is left.
    pub fn confirm(&self) {
        self.confirming.store(true, Ordering::Relaxed);
    }

    /// Ends the run because of the target, for the first reason that comes.
    pub fn give_up(&self, reason: Stop) {
        let _first = self.gone.set(reason);
    }

    /// Ends the search for further differences: so many were enough.
    pub fn end_search(&self, reason: Stop) {
        let _first = self.enough.set(reason);
    }

    /// Why no further differences are looked for. Those that are known are looked at again all the same.
    fn enough(&self) -> Option<Stop> {
        self.enough.get().copied().filter(|_| !self.confirming.load(Ordering::Relaxed))
    }

    /// Why the target is not asked any more, if so.
    pub fn gone(&self) -> Option<Stop> {
        self.gone.get().copied()
    }

    /// Ends the run soon; the second time at once.
    pub fn interrupt(&self) {
        self.interrupts.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_stops() {
        assert_eq!(Limits::default().stop(), None);
        let short = Limits::new(Some(Duration::ZERO), None);
        assert_eq!(short.stop(), None);
        short.begin();
        assert_eq!(short.stop(), Some(Stop::Budget));
        let few = Limits::new(None, Some(2));
        assert_eq!(few.stop(), None);
        few.confirm();
        assert!(few.take() && few.take());
        assert_eq!(few.stop(), Some(Stop::Requests));
        few.interrupt();
        assert_eq!(few.stop(), Some(Stop::Interrupted));
    }

    #[test]
    fn enough_failures_end_the_search_and_not_what_was_found() {
        let limits = Limits::default();
        limits.end_search(Stop::Failures(3));
        assert_eq!(
            limits.stop().map(|stop| stop.to_string()).as_deref(),
            Some("--max-failures 3 was reached")
        );
        // What is under way comes to its end.
        assert!(limits.take());
        limits.confirm();
        assert_eq!(limits.stop(), None);
        assert!(limits.take() && !Stop::Failures(3).is_of_target());
    }

    #[test]
    fn what_was_sent_before_is_of_the_run_and_of_no_limit() {
        let limits = Limits::new(None, Some(2));
        limits.resume(5);
        limits.confirm();
        assert!(limits.take() && limits.left() == Some(1));
        limits.lose();
        assert_eq!((limits.requests(), limits.loss().to_bits()), (6, 1.0_f64.to_bits()));
        assert!(limits.take() && !limits.take());
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_request_is_waited_for_and_a_run_that_is_over_is_not() {
        let limits = Limits::new(None, Some(1));
        limits.confirm();
        assert!(limits.take());
        limits.forbidden().await;
        assert!(tokio::time::timeout(Duration::from_hours(1), limits.cut_off()).await.is_err());
        limits.give_up(Stop::Slow);
        limits.cut_off().await;
        let other = Limits::default();
        other.give_up(Stop::Slow);
        assert!(!other.take());
    }

    #[test]
    fn a_part_is_kept_until_the_cases_are_done() {
        let nothing = Limits::new(None, Some(30));
        assert_eq!((0..50).filter(|_| nothing.take()).count(), 27);
        let few = Limits::new(None, Some(9));
        few.differs();
        assert_eq!((0..20).filter(|_| few.take()).count(), 6);
        assert_eq!(few.stop(), Some(Stop::Requests));
        few.confirm();
        assert_eq!((few.stop(), few.left()), (None, Some(3)));
        assert_eq!((0..20).filter(|_| few.take()).count(), 3);
        assert_eq!(few.requests(), 9);
        assert!((0..20).all(|_| Limits::default().take()));
    }

    #[test]
    fn who_interrupts_once_still_gets_the_findings() {
        let limits = Limits::default();
        limits.interrupt();
        assert!(!limits.take());
        limits.confirm();
        assert!(limits.take());
        assert_eq!(limits.stop(), Some(Stop::Interrupted));
        limits.interrupt();
        assert!(!limits.take());
    }
}
