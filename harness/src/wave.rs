//! Cases whose sequences wait: which of them fit into the time, and what came of them. All of them
//! wait at the same time, so that many take no longer than the longest one. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use cases::call::Step;
use cases::sample::Sample;
use jiff::fmt::friendly::{Spacing, SpanPrinter};

use crate::census::Census;
use crate::explore::{Explored, Part, Place, Samples};
use crate::limits::Stop;
use crate::pace::{Interval, TWICE};
use crate::play::Played;
use crate::verdict::Tried;

/// What a budget has to leave beside the waiting.
const MARGIN: Duration = Duration::from_secs(10);
/// From here on a budget is told in minutes.
const LONG: Duration = Duration::from_mins(10);
/// Random samples of a case, after its boundaries.
const RANDOM: usize = 2;

/// Why sequences wait.
#[derive(Debug, Clone)]
pub enum Wave {
    /// The target enforces an interval between calls.
    Paced {
        /// It.
        interval: Interval,
        /// How long the run may wait.
        patience: Duration,
    },
    /// The steps ask for time to pass.
    Slow {
        /// How long the run may wait.
        patience: Duration,
    },
}

/// What is played of one case.
#[derive(Debug)]
pub struct Sequences {
    /// The samples that fit, by their index.
    fitting: Vec<(usize, Sample)>,
    /// Why others do not.
    unfit: Option<String>,
}

impl Wave {
    /// Chooses among the samples of a case.
    pub fn plan(&self, samples: &Samples) -> Sequences {
        let count = match self {
            Wave::Paced { .. } => samples.boundaries() + RANDOM,
            Wave::Slow { .. } => samples.boundaries(),
        };
        let mut fitting = Vec::new();
        let mut unfit: Option<Duration> = None;
        for index in 0..count {
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let takes = self.time_for(&sample.steps).max(self.time_for(&sample.twin));
            if takes <= self.patience() {
                fitting.push((index, sample));
            } else {
                unfit = Some(unfit.map_or(takes, |least| least.min(takes)));
            }
        }
        Sequences { fitting, unfit: unfit.map(|takes| self.reason(takes)) }
    }

    fn patience(&self) -> Duration {
        match self {
            Wave::Paced { patience, .. } | Wave::Slow { patience } => *patience,
        }
    }

    fn time_for(&self, steps: &[Step]) -> Duration {
        let asked = steps.iter().map(|step| step.after).sum();
        match self {
            Wave::Paced { interval, .. } => interval.time_for(steps) + asked,
            Wave::Slow { .. } => asked,
        }
    }

    fn reason(&self, takes: Duration) -> String {
        let budget = format!("--budget {} or more", typed(takes * TWICE + MARGIN));
        match self {
            Wave::Paced { interval, .. } => format!(
                "the target enforces a poll interval of {} s: this needs {budget}",
                interval.length.as_secs()
            ),
            Wave::Slow { .. } => format!("takes time to pass: this needs {budget}"),
        }
    }
}

/// A time that is not shorter, as one word that `--budget` takes.
fn typed(least: Duration) -> String {
    let minutes = least.as_secs().div_ceil(60);
    let told = if least < LONG { Duration::from_secs(least.as_secs()) } else { Duration::from_mins(minutes) };
    SpanPrinter::new().spacing(Spacing::None).unsigned_duration_to_string(&told)
}

impl Sequences {
    /// The samples that fit, by their index.
    pub fn samples(&self) -> impl Iterator<Item = (usize, &Sample)> {
        self.fitting.iter().map(|(index, sample)| (*index, sample))
    }

    /// What came of the case with this number, given what was played of all cases.
    pub fn sum_up(
        self,
        case: usize,
        played: &mut BTreeMap<(usize, usize, Part), Played>,
        census: &Census,
        stop: Option<Stop>,
    ) -> Tried {
        if self.fitting.is_empty()
            && let Some(reason) = self.unfit
        {
            return Tried::Skipped(reason);
        }
        let mut explored = Explored { left_out: self.unfit, ..Explored::default() };
        for (index, sample) in &self.fitting {
            let place = Place { case, sample: *index };
            let mut take = |part| played.remove(&(case, *index, part)).filter(|played| !played.withheld);
            let accepted = sample.twin.is_empty()
                || take(Part::Twin).is_some_and(|twin| explored.note_twin(&twin, sample, place, census));
            match take(Part::Steps) {
                Some(steps) if accepted => explored.note_sample(&steps, sample, place, &[], census),
                Some(_) if explored.unproven.is_some() => {}
                _ => explored.stopped = stop,
            }
        }
        Tried::Explored(explored)
    }
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
