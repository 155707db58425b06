//! A clock that can be set forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The clock of the system, plus the time by which it was set forward. Clones share that time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// In nanoseconds, enough for five centuries.
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// The time since the Unix epoch.
    pub fn now(&self) -> Duration {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        system + Duration::from_nanos(self.ahead.load(Ordering::Relaxed))
    }

    /// Sets the clock forward. It keeps running from there.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.ahead.fetch_add(by, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_advance_together() {
        let clock = Clock::default();
        let (clone, before) = (clock.clone(), clock.now());
        clock.advance(Duration::from_hours(24));
        clock.advance(Duration::from_secs(1));
        let passed = clone.now().checked_sub(before).unwrap();
        assert!(passed >= Duration::from_hours(24) + Duration::from_secs(1), "{passed:?}");
        assert!(passed < Duration::from_hours(25), "{passed:?}");
    }
}
