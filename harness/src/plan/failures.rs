//! `--max-failures`: the requirements that a run has seen fail, until they are enough.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};

use cases::id::RequirementId;

use crate::limits::{Limits, StopReason};

/// Counts requirements, each once.
#[derive(Debug)]
pub(crate) struct Failures {
    most: Option<NonZeroU64>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    failing: BTreeSet<RequirementId>,
    /// How many of them an earlier process had seen: as with other limits, only those of this one count.
    before: u64,
}

impl Failures {
    /// Enough is as many as this; without it none are.
    pub(crate) fn new(most: Option<NonZeroU64>) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// Whether anybody wants to know.
    pub(crate) fn are_counted(&self) -> bool {
        self.most.is_some()
    }

    /// Takes note of what an earlier process had seen.
    pub(crate) fn know(&self, failing: impl Iterator<Item = RequirementId>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for requirement in failing {
            seen.before += u64::from(seen.failing.insert(requirement));
        }
    }

    /// Takes note of what fails, and ends the search once that is enough.
    pub(crate) fn note(&self, failing: impl Iterator<Item = RequirementId>, limits: &Limits) {
        let Some(most) = self.most else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.failing.extend(failing);
        if seen.failing.len() as u64 >= seen.before + most.get() {
            limits.end_search(StopReason::Failures(most.get()));
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
    fn each_requirement_counts_once_and_only_in_this_process() {
        let (failures, limits) = (Failures::new(NonZeroU64::new(2)), Limits::default());
        failures.know(ids(&["a", "a", "b"]).into_iter());
        for known in ["a", "b", "c", "c"] {
            failures.note(ids(&[known]).into_iter(), &limits);
            assert_eq!(limits.stop(), None, "{known}");
        }
        failures.note(ids(&["d"]).into_iter(), &limits);
        assert_eq!(limits.stop(), Some(StopReason::Failures(2)));
    }

    #[test]
    fn without_a_limit_none_are_enough() {
        let (failures, limits) = (Failures::new(None), Limits::default());
        failures.note(ids(&["a", "b"]).into_iter(), &limits);
        assert!(limits.stop().is_none() && !failures.are_counted());
    }
}
