//! `--max-failures`: counts the requirements that fail, and ends the search once there are enough.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};

use cases::id::RequirementId;

use crate::limits::{Limits, StopReason};

/// The failed requirements of a run, each counted once.
#[derive(Debug)]
pub(crate) struct Failures {
    max: Option<NonZeroU64>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    failing: BTreeSet<RequirementId>,
    /// How many of them an earlier process saw. As with other limits, only those of this process count.
    before: u64,
}

impl Failures {
    /// Ends the search at this many failed requirements; without a number, never.
    pub(crate) fn new(max: Option<NonZeroU64>) -> Self {
        Self { max, seen: Mutex::default() }
    }

    /// Whether failures are limited, and therefore counted.
    pub(crate) fn are_counted(&self) -> bool {
        self.max.is_some()
    }

    /// Adds what an earlier process saw.
    pub(crate) fn restore(&self, failing: impl Iterator<Item = RequirementId>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for requirement in failing {
            seen.before += u64::from(seen.failing.insert(requirement));
        }
    }

    /// Adds what fails, and ends the search once there are enough.
    pub(crate) fn record(&self, failing: impl Iterator<Item = RequirementId>, limits: &Limits) {
        let Some(max) = self.max else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.failing.extend(failing);
        if seen.failing.len() as u64 >= seen.before + max.get() {
            limits.end_search(StopReason::Failures(max.get()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<RequirementId> {
        names.iter().map(|name| RequirementId::new([*name])).collect()
    }

    #[test]
    fn requirement_counts_once_and_in_this_process_only() {
        let (failures, limits) = (Failures::new(NonZeroU64::new(2)), Limits::default());
        failures.restore(ids(&["a", "a", "b"]).into_iter());
        for known in ["a", "b", "c", "c"] {
            failures.record(ids(&[known]).into_iter(), &limits);
            assert_eq!(limits.stop(), None, "{known}");
        }
        failures.record(ids(&["d"]).into_iter(), &limits);
        assert_eq!(limits.stop(), Some(StopReason::Failures(2)));
    }

    #[test]
    fn no_number_is_enough_without_limit() {
        let (failures, limits) = (Failures::new(None), Limits::default());
        failures.record(ids(&["a", "b"]).into_iter(), &limits);
        assert_eq!(limits.stop(), None);
        assert!(!failures.are_counted());
    }
}
