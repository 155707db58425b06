//! Cases whose sequences wait: which sequences fit into the time, and what they showed. They all wait at the
//! same time, so that a batch takes no longer than its longest sequence. Pure.

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
use crate::results::case_result::{CaseEvidence, CaseIndex, CaseOutcome, SampleRef};

/// The time that a budget has to leave in addition to the waiting.
const MARGIN: Duration = Duration::from_secs(10);
/// From here on a budget is given in minutes.
const MIN_IN_MINUTES: Duration = Duration::from_mins(10);
/// The number of random samples of a case, after its boundaries.
const RANDOM_SAMPLES: usize = 2;

/// Sequences that wait together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The poll interval that the target enforces, if it does.
    pub interval: Option<Interval>,
    /// How long each sequence may wait.
    pub limit: Duration,
    /// How long it takes to find out that they have to wait.
    pub probing: Duration,
}

/// The sequences of one case in a batch.
#[derive(Debug)]
pub struct Sequences {
    /// The samples that fit into the time, with their indices.
    fitting: Vec<(usize, Sample)>,
    /// How long the longest fitting sequence takes.
    pub longest: Duration,
    /// The shortest sequence that does not fit.
    unfit: Option<Unfit>,
}

/// A sequence that would wait too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Unfit {
    /// How long it takes.
    takes: Duration,
    /// Whether its own steps wait too long, whatever the target enforces.
    asks_for_more: bool,
}

impl Batch {
    /// Chooses the samples of a case that fit into the time.
    pub fn plan(&self, samples: &Samples) -> Sequences {
        let random = if self.interval.is_some() { RANDOM_SAMPLES } else { 0 };
        let (mut fitting, mut longest) = (Vec::new(), Duration::ZERO);
        let mut unfit = None;
        for index in 0..samples.boundaries() + random {
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let takes = self.duration_of(&sample.steps).max(self.duration_of(&sample.control));
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

    fn duration_of(&self, steps: &[Step]) -> Duration {
        match &self.interval {
            Some(interval) => interval.duration_of(steps),
            None => asked(steps),
        }
    }

    /// Why sequences were not sent that take this long.
    fn reason(&self, Unfit { takes, asks_for_more }: Unfit) -> String {
        // Half of a budget is for waiting, and a third may be kept for reproducing.
        let least = (takes * WAIT_AND_REPLAY).max((self.probing + takes) * 3 / 2);
        let budget = format!("--budget {} or more", format_budget(least + MARGIN));
        match self.interval.as_ref().filter(|_| !asks_for_more) {
            Some(interval) => format!(
                "the target enforces a poll interval of {} s: this requires {budget}",
                interval.length.as_secs()
            ),
            None => format!("time has to pass: this requires {budget}"),
        }
    }

    /// Sums up a case, given the sequences of all cases as they were sent. `stop` is why sequences are
    /// missing.
    pub fn sum_up(
        &self,
        case: CaseIndex,
        sequences: Sequences,
        executed: &mut BTreeMap<(SampleRef, Variation), Executed>,
        registry: &TokenRegistry,
        stop: Option<StopReason>,
    ) -> CaseOutcome {
        let Sequences { fitting, mut unfit, .. } = sequences;
        let mut evidence = CaseEvidence::default();
        for (index, sample) in &fitting {
            let sample_ref = SampleRef { case, sample: *index };
            let mut take = |part| take_sent(executed.remove(&(sample_ref, part))?, &mut unfit);
            let control = if sample.control.is_empty() { None } else { Some(take(Variation::Control)) };
            let steps = take(Variation::Mutated);
            let accepted = match &control {
                None => true,
                Some(Some(control)) => evidence.record_control(control, sample, sample_ref, registry),
                Some(None) => false,
            };
            let by = control.flatten().as_ref().and_then(blockers);
            match steps {
                Some(steps) if accepted => {
                    evidence.record_sample(&steps, sample, sample_ref, &Explained::new(), registry);
                }
                Some(_) if evidence.unproven.is_some() => evidence.record_unsent(sample, by.as_ref()),
                _ if unfit.is_some() => {}
                _ => evidence.stopped = stop,
            }
        }
        match unfit {
            Some(unfit) => left_out(evidence, self.reason(unfit)),
            None => CaseOutcome::Ran(evidence),
        }
    }
}

/// A sequence of a batch if it was sent. Notes in `unfit` how long it would have had to wait, if that is too
/// long.
fn take_sent(executed: Executed, unfit: &mut Option<Unfit>) -> Option<Executed> {
    if let Some(needs) = executed.required_wait {
        *unfit = Some(shorter(*unfit, Unfit { takes: needs, asks_for_more: false }));
    }
    (!executed.withheld).then_some(executed)
}

/// The outcome of a case that did not send some sequences, for this reason.
fn left_out(mut evidence: CaseEvidence, reason: String) -> CaseOutcome {
    if evidence.proofs == 0 && evidence.unproven.is_none() && evidence.occurrences.is_empty() {
        return CaseOutcome::Skipped(reason);
    }
    evidence.left_out = Some(reason);
    CaseOutcome::Ran(evidence)
}

/// The time that the steps themselves wait.
fn asked(steps: &[Step]) -> Duration {
    steps.iter().map(|step| step.after).sum()
}

fn shorter(least: Option<Unfit>, other: Unfit) -> Unfit {
    least.map_or(other, |least| least.min(other))
}

impl Sequences {
    /// The samples that fit into the time, with their indices.
    pub fn samples(&self) -> impl Iterator<Item = (usize, &Sample)> {
        self.fitting.iter().map(|(index, sample)| (*index, sample))
    }
}

/// Formats a time that is at least as long, as one word that `--budget` accepts.
fn format_budget(least: Duration) -> String {
    let minutes = least.as_secs().div_ceil(60);
    let rounded = if least < MIN_IN_MINUTES {
        Duration::from_secs(least.as_secs())
    } else {
        Duration::from_mins(minutes)
    };
    SpanPrinter::new().spacing(Spacing::None).unsigned_duration_to_string(&rounded)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn formatted_budget_parses_and_suffices() {
        for (least, text) in [(12, "12s"), (132, "2m12s"), (600, "10m"), (601, "11m"), (172_812, "48h1m")] {
            let least = Duration::from_secs(least);
            assert_eq!(format_budget(least), text);
            let parsed: SignedDuration = format_budget(least).parse().unwrap();
            assert!(parsed.unsigned_abs() >= least, "{text}");
        }
    }
}
