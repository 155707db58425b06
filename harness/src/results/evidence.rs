//! The smallest sequence that was seen to show each difference, as it was played: what a report shows of a
//! difference for which there was no time to reproduce it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::execute::executed::{Executed, ExecutedStep};
use crate::judge::judgement::Difference;
use crate::results::occurrence::Size;

/// So many differences are kept: a target may make up any number of them.
const MAX_DIFFERENCES: usize = 256;
/// The most bytes that are kept of a body.
const MAX_BODY: usize = 16 << 10;

/// The sequences of a run that showed something.
#[derive(Debug, Default)]
pub(crate) struct Evidence(Mutex<BTreeMap<Difference, (Size, Vec<ExecutedStep>)>>);

impl Evidence {
    /// Takes note of what a sequence shows.
    pub(crate) fn note(&self, played: &Executed) {
        for difference in played.differences() {
            let Some(steps) = played.prefix_showing(difference) else { continue };
            let size = Size::of(steps);
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_news = match known.get(difference) {
                Some((smallest, _)) => size < *smallest,
                None => known.len() < MAX_DIFFERENCES,
            };
            if is_news {
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
