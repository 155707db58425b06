//! How many sequences are in flight at once: as many as the user says, or as many as a slow target serves
//! without responding more slowly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reports::model::Latency;

/// The initial number of sequences in flight, and by how many it shrinks.
pub(crate) const STEP: usize = 16;
/// The maximum number of sequences in flight, unless the user says otherwise.
pub(crate) const MAX_ADAPTIVE: usize = 64;
/// A target with at least this latency while it has nothing else to do is slow: a run waits for its
/// responses, not for this machine.
const MIN_SLOW_LATENCY: Duration = Duration::from_millis(5);
/// The minimum time that shows whether more sequences were too many.
const MIN_WINDOW: Duration = Duration::from_millis(25);
/// The minimum number of responses that shows it.
const MIN_RESPONSES: u64 = 16;

/// How many sequences may be in flight at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// As many as the user says.
    Fixed(usize),
    /// As many as the target's latency suggests.
    Adaptive,
}

impl Concurrency {
    /// The initial number.
    pub fn initial(self) -> usize {
        match self {
            Self::Fixed(number) => number.max(1),
            Self::Adaptive => STEP,
        }
    }
}

/// How many sequences are in flight at a slow target. The number grows while latency stays the same.
#[derive(Debug)]
pub(crate) struct InFlight {
    now: AtomicUsize,
    /// The latency while little is in flight. `None` keeps the number as it is.
    unloaded: Option<Duration>,
    window: Mutex<Window>,
}

/// The responses since the number was last checked.
#[derive(Debug)]
struct Window {
    began: Instant,
    before: Latency,
}

/// Whether a target with this latency, of one request at a time, is slow.
pub(crate) fn is_slow(unloaded: Duration) -> bool {
    unloaded >= MIN_SLOW_LATENCY
}

impl InFlight {
    /// Starts for a slow target with this latency while little is in flight.
    pub(crate) fn new(concurrency: Concurrency, unloaded: Duration, so_far: Latency) -> Self {
        Self {
            now: AtomicUsize::new(concurrency.initial()),
            unloaded: (concurrency == Concurrency::Adaptive).then_some(unloaded),
            window: Mutex::new(Window { began: Instant::now(), before: so_far }),
        }
    }

    /// How many may be in flight now.
    pub(crate) fn current(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    /// Adapts the number to the latency since the last check: it grows if the latency is about that of a
    /// target with little to do, and shrinks if it is much higher.
    pub(crate) fn adapt(&self, so_far: impl FnOnce() -> Latency) {
        let Some(unloaded) = self.unloaded else { return };
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.began.elapsed() < MIN_WINDOW.max(unloaded * 2) {
            return;
        }
        let so_far = so_far();
        let recent = so_far.since(&window.before);
        if recent.total() < MIN_RESPONSES {
            return;
        }
        let median = Duration::from_micros(recent.within(50).unwrap_or_default());
        let now = self.current();
        let next = if median * 2 <= unloaded * 3 {
            (now * 2).min(MAX_ADAPTIVE)
        } else if median > unloaded * 3 {
            now.saturating_sub(STEP).max(STEP)
        } else {
            now
        };
        self.now.store(next, Ordering::Relaxed);
        *window = Window { began: Instant::now(), before: so_far };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNLOADED: Duration = Duration::from_millis(1);

    /// The number after windows in which responses took this many times as long as unloaded ones.
    fn after(concurrency: Concurrency, windows: &[u64]) -> usize {
        let in_flight = InFlight::new(concurrency, UNLOADED, Latency::default());
        let mut so_far = Latency::default();
        for times in windows {
            for _ in 0..MIN_RESPONSES {
                so_far.record(times * 1000);
            }
            in_flight.window.lock().unwrap().began -= MIN_WINDOW;
            in_flight.adapt(|| so_far.clone());
        }
        in_flight.current()
    }

    #[test]
    fn number_grows_while_responses_take_no_longer() {
        assert_eq!(after(Concurrency::Adaptive, &[]), STEP);
        assert_eq!(after(Concurrency::Adaptive, &[1]), 2 * STEP);
        assert_eq!(after(Concurrency::Adaptive, &[1; 9]), MAX_ADAPTIVE);
    }

    #[test]
    fn number_stays_or_shrinks_when_responses_take_longer() {
        assert_eq!(after(Concurrency::Adaptive, &[1, 2]), 2 * STEP);
        assert_eq!(after(Concurrency::Adaptive, &[1, 1, 8]), 3 * STEP);
        assert_eq!(after(Concurrency::Adaptive, &[8, 8]), STEP);
    }

    #[test]
    fn number_that_the_user_sets_stays() {
        assert_eq!(after(Concurrency::Fixed(3), &[1, 1, 8]), 3);
    }

    #[test]
    fn few_responses_show_nothing() {
        let in_flight = InFlight::new(Concurrency::Adaptive, UNLOADED, Latency::default());
        in_flight.window.lock().unwrap().began -= MIN_WINDOW;
        in_flight.adapt(Latency::default);
        assert_eq!(in_flight.current(), STEP);
    }
}
