//! The clock of a run: that of this machine, or one that jumps if the clock of the target can be set.
//!
//! Sequences wait for an interval as they would for any target. Where the clock of the target can be set, no
//! sequence sleeps: as soon as all sequences in progress wait, the clock jumps to the next moment that one of
//! them waits for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// Advances the clock of a target.
pub type Advance = Arc<dyn Fn(Duration) + Send + Sync>;

/// The clock of a run. It starts at zero.
pub struct Clock {
    start: Instant,
    settable: Option<Settable>,
}

struct Settable {
    advance: Advance,
    state: Mutex<State>,
}

/// The state of the sequences in progress.
#[derive(Default)]
struct State {
    /// How far this clock is ahead of the machine's.
    ahead: Duration,
    /// The number of sequences in progress.
    in_progress: usize,
    /// The waiting sequences, by the time they wait for and a sequence number.
    waiting: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
    next: u64,
}

/// A sequence in progress. The clock does not jump unless it waits.
pub struct InProgress<'a>(Option<&'a Clock>);

impl Clock {
    /// Creates a clock that `advance` sets forward, or that of this machine.
    pub fn new(advance: Option<Advance>) -> Self {
        let settable = advance.map(|advance| Settable { advance, state: Mutex::default() });
        Self { start: Instant::now(), settable }
    }

    /// Whether the clock can be set, so that waiting takes no time.
    pub fn is_settable(&self) -> bool {
        self.settable.is_some()
    }

    /// The time since the clock started.
    pub fn now(&self) -> Duration {
        let ahead = self.settable.as_ref().map(|settable| settable.state().ahead);
        self.start.elapsed() + ahead.unwrap_or_default()
    }

    /// Starts a sequence.
    pub fn begin(&self) -> InProgress<'_> {
        let Some(settable) = &self.settable else { return InProgress(None) };
        settable.state().in_progress += 1;
        InProgress(Some(self))
    }

    /// Waits for a time. The caller is a sequence [in progress](Self::begin).
    pub async fn sleep(&self, time: Duration) {
        // A timer takes a millisecond even for no time.
        if time.is_zero() {
            return;
        }
        let Some(settable) = &self.settable else { return tokio::time::sleep(time).await };
        let woken = {
            let mut state = settable.state();
            let (wake, woken) = oneshot::channel();
            let (until, number) = (self.start.elapsed() + state.ahead + time, state.next);
            state.next += 1;
            state.waiting.insert((until, number), wake);
            woken
        };
        self.jump();
        // The sender is dropped only after it has sent.
        let _woken = woken.await;
    }

    /// Jumps to the next moment that a sequence waits for, if all of them wait.
    fn jump(&self) {
        let Some(settable) = &self.settable else { return };
        let mut state = settable.state();
        if state.waiting.len() < state.in_progress {
            return;
        }
        let Some((&(until, _), _)) = state.waiting.first_key_value() else { return };
        let by = until.saturating_sub(self.start.elapsed() + state.ahead);
        state.ahead += by;
        (settable.advance)(by);
        while let Some(first) = state.waiting.first_entry().filter(|first| first.key().0 <= until) {
            // A cancelled sequence has dropped its receiver.
            let _listens = first.remove().send(());
        }
    }
}

impl Settable {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        let Some((clock, settable)) = self.0.and_then(|clock| Some((clock, clock.settable.as_ref()?))) else {
            return;
        };
        {
            let mut state = settable.state();
            state.in_progress -= 1;
            state.waiting.retain(|_, wake| !wake.is_closed());
        }
        clock.jump();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settable() -> (Clock, Arc<Mutex<Vec<Duration>>>) {
        let jumps = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&jumps);
        (Clock::new(Some(Arc::new(move |by| noted.lock().unwrap().push(by)))), jumps)
    }

    #[tokio::test]
    async fn clock_jumps_when_every_sequence_waits() {
        let (clock, jumps) = settable();
        let (begun, also_begun) = (clock.begin(), clock.begin());
        let first = async {
            let _in_progress = begun;
            clock.sleep(Duration::from_mins(1)).await;
            clock.sleep(Duration::from_mins(1)).await;
            clock.now()
        };
        let second = async {
            let _in_progress = also_begun;
            tokio::time::sleep(Duration::from_millis(20)).await;
            clock.sleep(Duration::from_secs(90)).await;
            clock.now()
        };
        let start = Instant::now();
        let (first, second) = tokio::join!(first, second);
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(second >= Duration::from_secs(90));
        assert!(first >= Duration::from_mins(2));
        // Waits that overlap end together.
        let total: Duration = jumps.lock().unwrap().iter().sum();
        assert!(total <= Duration::from_secs(121), "{total:?}");
    }

    #[tokio::test]
    async fn cancelled_wait_does_not_hold_others_up() {
        let (clock, _) = settable();
        let forever = async {
            let _in_progress = clock.begin();
            clock.sleep(Duration::from_hours(1)).await;
        };
        let busy = clock.begin();
        let cancelled = tokio::time::timeout(Duration::from_millis(10), forever).await;
        assert!(cancelled.is_err());
        drop(busy);
        let _in_progress = clock.begin();
        clock.sleep(Duration::from_secs(5)).await;
        assert!(clock.now() < Duration::from_mins(1));
    }

    #[test]
    fn no_time_needs_no_timer() {
        let runtime_without_timer = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime_without_timer.block_on(Clock::new(None).sleep(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn clock_of_the_machine_is_slept_for() {
        let clock = Clock::new(None);
        let before = tokio::time::Instant::now();
        clock.sleep(Duration::from_secs(3)).await;
        assert_eq!(before.elapsed(), Duration::from_secs(3));
    }
}
