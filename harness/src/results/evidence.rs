//! The smallest sequence that showed each difference, as it was sent. A report shows it for a difference
//! that there was no time to reproduce.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::execute::executed::{Executed, ExecutedStep};
use crate::judge::judgement::Difference;
use crate::results::occurrence::Size;

/// The maximum number of differences that are kept: a target may make up any number of them.
const MAX_DIFFERENCES: usize = 256;
/// The maximum number of bytes that are kept of a body.
const MAX_BODY: usize = 16 << 10;

/// The smallest sequence of a run for each difference.
#[derive(Debug, Default)]
pub(crate) struct SmallestSequences(Mutex<BTreeMap<Difference, (Size, Vec<ExecutedStep>)>>);

impl SmallestSequences {
    /// Keeps what a sequence shows, if no smaller one is known.
    pub(crate) fn record(&self, executed: &Executed) {
        for difference in executed.differences() {
            let Some(steps) = executed.prefix_showing(difference) else { continue };
            let size = Size::of(steps);
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_smaller = match known.get(difference) {
                Some((smallest, _)) => size < *smallest,
                None => known.len() < MAX_DIFFERENCES,
            };
            if is_smaller {
                known.insert(difference.clone(), (size, steps.iter().map(kept).collect()));
            }
        }
    }

    /// The smallest sequence that showed a difference.
    pub(crate) fn of(&self, difference: &Difference) -> Option<Vec<ExecutedStep>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = known.iter().filter(|(other, _)| other.is_like(difference)).map(|(_, shown)| shown);
        shown.min_by_key(|(size, _)| *size).map(|(_, steps)| steps.clone())
    }
}

fn kept(step: &ExecutedStep) -> ExecutedStep {
    let mut step = step.clone();
    step.truncate_body(MAX_BODY);
    step
}
