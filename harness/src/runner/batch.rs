//! Cases whose sequences wait: which of them fit into the time, and what came of them. All of them
//! wait at the same time, so that many take no longer than the longest one. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use cases::generate::{Sample, Step};
use jiff::fmt::friendly::{Spacing, SpanPrinter};

use crate::execute::executed::Executed;
use crate::execute::poll_interval::{Interval, WAIT_AND_REPLAY};
use crate::execute::samples::{Samples, Variation};
use crate::execute::token_registry::TokenRegistry;
use crate::judge::judgement::Explained;
use crate::limits::StopReason;
use crate::results::blocked::blockers;
use crate::results::case_result::{Explored, Place, Tried};

/// What a budget has to leave beside the waiting.
const MARGIN: Duration = Duration::from_secs(10);
/// From here on a budget is told in minutes.
const LONG: Duration = Duration::from_mins(10);
/// Random samples of a case, after its boundaries.
const RANDOM: usize = 2;

/// How sequences wait that are sent together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The interval between calls that the target enforces, if it does.
    pub interval: Option<Interval>,
    /// How long each of them may wait.
    pub limit: Duration,
    /// How long it takes to find out that they have to.
    pub probing: Duration,
}

/// What is played of one case.
#[derive(Debug)]
pub struct Sequences {
    /// The samples that fit, by their index.
    fitting: Vec<(usize, Sample)>,
    /// How long the longest of them takes.
    pub longest: Duration,
    /// The shortest of the others.
    unfit: Option<Unfit>,
}

/// A sequence that would wait too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Unfit {
    /// How long it takes.
    takes: Duration,
    /// Whether its steps ask for as much, whatever the target enforces.
    asks_for_more: bool,
}

impl Batch {
    /// Chooses among the samples of a case.
    pub fn plan(&self, samples: &Samples) -> Sequences {
        let random = if self.interval.is_some() { RANDOM } else { 0 };
        let (mut fitting, mut longest) = (Vec::new(), Duration::ZERO);
        let mut unfit = None;
        for index in 0..samples.boundaries() + random {
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let takes = self.time_for(&sample.steps).max(self.time_for(&sample.twin));
            if takes <= self.limit {
                longest = longest.max(takes);
                fitting.push((index, sample));
            } else {
                let asks_for_more = asked(&sample.steps) > self.limit;
                unfit = Some(shorter(unfit, Unfit { takes, asks_for_more }));
            }
        }
        Sequences { fitting, longest, unfit }
    }

    fn time_for(&self, steps: &[Step]) -> Duration {
        match &self.interval {
            Some(interval) => interval.duration_of(steps),
            None => asked(steps),
        }
    }

    /// Why sequences were not sent that take so long; some ask for time to pass that is longer by itself.
    fn reason(&self, Unfit { takes, asks_for_more }: Unfit) -> String {
        // Of a budget half is for waiting, and a third may be kept for reproducing.
        let least = (takes * WAIT_AND_REPLAY).max((self.probing + takes) * 3 / 2);
        let budget = format!("--budget {} or more", typed(least + MARGIN));
        match self.interval.as_ref().filter(|_| !asks_for_more) {
            Some(interval) => format!(
                "the target enforces a poll interval of {} s: this needs {budget}",
                interval.length.as_secs()
            ),
            None => format!("takes time to pass: this needs {budget}"),
        }
    }

    /// What came of the case with this number, given what was played of all cases.
    pub fn sum_up(
        &self,
        case: usize,
        sequences: Sequences,
        played: &mut BTreeMap<(usize, usize, Variation), Executed>,
        census: &TokenRegistry,
        stop: Option<StopReason>,
    ) -> Tried {
        let Sequences { fitting, mut unfit, .. } = sequences;
        let mut explored = Explored::default();
        for (index, sample) in &fitting {
            let place = Place { case, sample: *index };
            let mut take = |part| {
                let played = played.remove(&(case, *index, part))?;
                if let Some(needs) = played.required_wait {
                    unfit = Some(shorter(unfit, Unfit { takes: needs, asks_for_more: false }));
                }
                (!played.withheld).then_some(played)
            };
            let twin = if sample.twin.is_empty() { None } else { Some(take(Variation::Control)) };
            let steps = take(Variation::Mutated);
            let accepted = match &twin {
                None => true,
                Some(Some(twin)) => explored.note_twin(twin, sample, place, census),
                Some(None) => false,
            };
            let refused = twin.flatten().as_ref().and_then(blockers);
            match steps {
                Some(steps) if accepted => {
                    explored.note_sample(&steps, sample, place, &Explained::new(), census);
                }
                Some(_) if explored.unproven.is_some() => explored.unsent(sample, refused.as_ref()),
                _ if unfit.is_some() => {}
                _ => explored.stopped = stop,
            }
        }
        let Some(missed) = unfit else { return Tried::Explored(explored) };
        let reason = self.reason(missed);
        if explored.proofs == 0 && explored.unproven.is_none() && explored.witnesses.is_empty() {
            return Tried::Skipped(reason);
        }
        explored.left_out = Some(reason);
        Tried::Explored(explored)
    }
}

/// The time that steps ask for.
fn asked(steps: &[Step]) -> Duration {
    steps.iter().map(|step| step.after).sum()
}

fn shorter(least: Option<Unfit>, other: Unfit) -> Unfit {
    least.map_or(other, |least| least.min(other))
}

impl Sequences {
    /// The samples that fit, by their index.
    pub fn samples(&self) -> impl Iterator<Item = (usize, &Sample)> {
        self.fitting.iter().map(|(index, sample)| (*index, sample))
    }
}

/// A time that is not shorter, as one word that `--budget` takes.
fn typed(least: Duration) -> String {
    let minutes = least.as_secs().div_ceil(60);
    let told = if least < LONG { Duration::from_secs(least.as_secs()) } else { Duration::from_mins(minutes) };
    SpanPrinter::new().spacing(Spacing::None).unsigned_duration_to_string(&told)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_budget_that_is_told_is_taken_and_enough() {
        for (least, told) in [(12, "12s"), (132, "2m12s"), (600, "10m"), (601, "11m"), (172_812, "48h1m")] {
            let least = Duration::from_secs(least);
            assert_eq!(typed(least), told);
            let taken: SignedDuration = typed(least).parse().unwrap();
            assert!(taken.unsigned_abs() >= least, "{told}");
        }
    }
}
