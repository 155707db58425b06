//! What bounds a run: time, number of requests, and the user's patience.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a wait looks whether it has to end.
const GLANCE: Duration = Duration::from_millis(100);

/// Why a run, or a case of it, ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
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
    /// Not even a valid call is answered any more.
    #[error("the target stopped answering")]
    Silent,
    /// Too many calls were not answered in time.
    #[error("the target left too many requests without an answer in time")]
    Slow,
}

/// Shared by all cases of a run.
#[derive(Debug, Default)]
pub struct Limits {
    deadline: Option<Instant>,
    most_requests: Option<u64>,
    requests: AtomicU64,
    interrupted: AtomicBool,
    gone: OnceLock<Stop>,
}

impl Stop {
    /// Whether it is the target's doing.
    pub fn is_of_target(self) -> bool {
        matches!(self, Self::Silent | Self::Slow)
    }
}

impl Limits {
    /// Limits that hold from now on.
    pub fn new(deadline: Option<Instant>, most_requests: Option<u64>) -> Self {
        Self { deadline, most_requests, ..Self::default() }
    }

    /// Why nothing more may be sent, if so.
    pub fn stop(&self) -> Option<Stop> {
        if self.interrupted.load(Ordering::Relaxed) {
            Some(Stop::Interrupted)
        } else if let Some(gone) = self.gone() {
            Some(gone)
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Some(Stop::Budget)
        } else if self.most_requests.is_some_and(|most| self.requests() >= most) {
            Some(Stop::Requests)
        } else {
            None
        }
    }

    /// Comes when nothing more may be sent.
    pub async fn stopped(&self) -> Stop {
        loop {
            if let Some(stop) = self.stop() {
                return stop;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Counts requests that were sent.
    pub fn count(&self, requests: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Ends the run because of the target, for the first reason that comes.
    pub fn give_up(&self, reason: Stop) {
        let _first = self.gone.set(reason);
    }

    /// Why the target is not asked any more, if so.
    pub fn gone(&self) -> Option<Stop> {
        self.gone.get().copied()
    }

    /// Ends the run as soon as the exchanges under way are done.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_stops() {
        assert_eq!(Limits::new(None, None).stop(), None);
        assert_eq!(Limits::new(Some(Instant::now()), None).stop(), Some(Stop::Budget));
        let few = Limits::new(None, Some(2));
        assert_eq!(few.stop(), None);
        few.count(2);
        assert_eq!(few.stop(), Some(Stop::Requests));
        few.interrupt();
        assert_eq!(few.stop(), Some(Stop::Interrupted));
    }
}
