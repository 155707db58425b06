//! How many sequences are under way at once: as many as the user says, or more of them the longer a target
//! takes to respond while it has little to do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reports::model::Latency;

/// Sequences at once to begin with, and how many fewer there are where they were too many.
pub(crate) const STEP: usize = 16;
/// The most sequences at once, unless the user says otherwise.
pub(crate) const MAX_ADAPTIVE: usize = 64;
/// A target that takes so long while it has nothing else to do is slow: its responses are waited for, and not
/// what this machine computes.
const SLOW: Duration = Duration::from_millis(5);
/// The shortest time in which it shows whether more at once were too many.
const SHORTEST_WINDOW: Duration = Duration::from_millis(25);
/// The fewest responses that show it.
const FEWEST_RESPONSES: u64 = 16;

/// How many sequences may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// So many, as the user says.
    Fixed(usize),
    /// As many as the target's latency suggests.
    Adaptive,
}

impl Concurrency {
    /// How many to begin with.
    pub fn at_first(self) -> usize {
        match self {
            Self::Fixed(number) => number.max(1),
            Self::Adaptive => STEP,
        }
    }
}

/// How many sequences are under way at once on a slow target. It grows while responses take no longer for it.
#[derive(Debug)]
pub(crate) struct InFlight {
    now: AtomicUsize,
    /// How long a response takes while little else is under way; without it the number stays.
    unloaded: Option<Duration>,
    window: Mutex<Window>,
}

/// The responses since the number was last looked at.
#[derive(Debug)]
struct Window {
    began: Instant,
    before: Latency,
}

/// Whether a target is slow, by the responses that it gave so far, one at a time.
pub(crate) fn is_slow(unloaded: Duration) -> bool {
    unloaded >= SLOW
}

impl InFlight {
    /// For a slow target that takes so long while little is under way.
    pub(crate) fn new(concurrency: Concurrency, unloaded: Duration, so_far: Latency) -> Self {
        Self {
            now: AtomicUsize::new(concurrency.at_first()),
            unloaded: (concurrency == Concurrency::Adaptive).then_some(unloaded),
            window: Mutex::new(Window { began: Instant::now(), before: so_far }),
        }
    }

    /// How many may be under way.
    pub(crate) fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    /// Looks at the responses so far: where those since the last look took about as long as one takes while
    /// little is under way, more may be under way from now on; where they took much longer, fewer.
    pub(crate) fn adapt(&self, so_far: impl FnOnce() -> Latency) {
        let Some(unloaded) = self.unloaded else { return };
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.began.elapsed() < SHORTEST_WINDOW.max(unloaded * 2) {
            return;
        }
        let so_far = so_far();
        let recent = so_far.since(&window.before);
        if recent.total() < FEWEST_RESPONSES {
            return;
        }
        let median = Duration::from_micros(recent.within(50).unwrap_or_default());
        let now = self.now();
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

    /// How many are under way after windows in which responses took so many times longer than unloaded ones.
    fn after(concurrency: Concurrency, windows: &[u64]) -> usize {
        let in_flight = InFlight::new(concurrency, UNLOADED, Latency::default());
        let mut so_far = Latency::default();
        for times in windows {
            for _ in 0..FEWEST_RESPONSES {
                so_far.record(times * 1000);
            }
            in_flight.window.lock().unwrap().began -= SHORTEST_WINDOW;
            in_flight.adapt(|| so_far.clone());
        }
        in_flight.now()
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
        in_flight.window.lock().unwrap().began -= SHORTEST_WINDOW;
        in_flight.adapt(Latency::default);
        assert_eq!(in_flight.now(), STEP);
    }
}
