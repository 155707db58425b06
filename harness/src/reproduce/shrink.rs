//! Reproduces a difference, shrinks the sequence that shows it, and reproduces the smallest one.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use cases::generate::{Sample, Step};
use cases::oracle::{Class, Field, Value, classify};
use proptest::strategy::ValueTree;
use snapshots::Document;

use crate::client::exchange::TransportFailure;
use crate::client::transport::Transport;
use crate::execute::executed::{Executed, ExecutedStep};
use crate::execute::executor::Executor;
use crate::execute::samples::{Samples, Variation};
use crate::judge::judgement::{Difference, NotAttributable};
use crate::limits::{Limits, StopReason};
use crate::reproduce::reduce::{Shorter, fewer_steps, minimize_sequence, shrink_sample};
use crate::results::case_result::SequenceRef;

/// The maximum number of requests for one difference.
const MAX_REQUESTS: u64 = 3000;
/// The maximum time for one difference.
const MAX_TIME: Duration = Duration::from_secs(10);
/// How often a sequence has to show its difference again at least, or the difference is not *failed*.
pub const MIN_REPEATS: usize = 3;
/// How often at most.
const MAX_REPEATS: usize = 10;
/// The accepted probability that a flaky difference shows as often in a row.
const MAX_MISTAKE: f64 = 1e-6;
/// How often a sequence is retried that ended with a transport failure instead of a response.
const MAX_RETRIES: usize = 3;
/// How often a race is sent: which of several simultaneous calls comes first is chance.
pub const MAX_RACES: usize = 24;
/// The same while shrinking: a race that does not show the difference by chance only leaves a larger one.
const MAX_SHRINKING_RACES: usize = 8;

/// The result of sending the sequence of a difference again.
#[derive(Debug)]
pub enum Reproduction {
    /// It showed the difference each time.
    Shown(ReproducedSequence),
    /// It did not, and why.
    Not(Unconfirmed),
}

/// A sequence that showed its difference each time.
#[derive(Debug, Clone)]
pub struct ReproducedSequence {
    /// The sequence, as it was sent last.
    pub executed: Executed,
    /// Whether all its requests use one connection.
    one_connection: bool,
}

/// The result of shrinking a sequence that was reproduced.
#[derive(Debug)]
pub enum Minimized {
    /// The smallest sequence found, as it was sent last, and why the search stopped early, if it did.
    Shown(Vec<ExecutedStep>, Option<StopReason>),
    /// In the end it did not show the difference again.
    Not(Unconfirmed),
}

/// Why a difference is not confirmed.
#[derive(Debug)]
pub enum Unconfirmed {
    /// The target responds differently from time to time. This is the sequence that was sent.
    Flaky(Vec<ExecutedStep>),
    /// The target does not respond to valid requests either.
    TargetGone,
    /// A response said nothing about the request.
    Excused(NotAttributable),
    /// A transport failure came instead of the response.
    Lost(TransportFailure),
    /// The run stopped before the difference could be reproduced.
    NotReproduced(StopReason),
}

impl Unconfirmed {
    /// The reason in words; `gone` is why the run gave the target up.
    pub fn reason(&self, gone: Option<StopReason>) -> String {
        match self {
            Self::Flaky(_) => "it did not show each time".to_owned(),
            Self::TargetGone => gone.unwrap_or(StopReason::Silent).to_string(),
            Self::Excused(excuse) => excuse.to_string(),
            Self::Lost(failure) => failure.to_string(),
            Self::NotReproduced(stop) => stop.to_string(),
        }
    }
}

/// Reproduces and shrinks differences.
pub struct Shrinker<'a, T> {
    /// Executes the sequences.
    pub executor: Executor<'a, T>,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// When nothing more is sent, whatever the limits leave.
    pub deadline: Option<Instant>,
    /// Held shared by all who send, and exclusively to be alone with the target.
    pub exclusive: &'a RwLock<()>,
    /// Whether there is time to be alone with the target for every difference.
    pub may_be_alone: bool,
    /// Runs the futures of this thread.
    pub runtime: &'a tokio::runtime::Handle,
}

/// The sequence that showed a difference.
pub enum Source<'a> {
    /// A sequence of a sample.
    Sample {
        /// The samples of the case.
        samples: &'a Samples,
        /// Which of them, and which of its sequences.
        shown: SequenceRef,
        /// The number of its steps up to the difference.
        length: usize,
        /// The reviewed outcomes of the case.
        snapshot: Option<&'a Document>,
    },
    /// These steps.
    Steps(Vec<Step>),
}

/// The value tree of a sample, and one of its sequences.
type Tree = (Box<dyn ValueTree<Value = Sample>>, Variation);

/// A sequence, and what came when it was sent.
struct Sent {
    steps: Vec<Step>,
    executed: Executed,
}

/// What shrinking one sequence needs to know.
struct Subject<'a> {
    difference: &'a Difference,
    /// The class of the request that shows it.
    class: Option<Class>,
    /// A sequence that the target accepts.
    valid: Vec<Step>,
    snapshot: Option<&'a Document>,
    /// Whether all steps use one connection.
    one_connection: bool,
    cost: &'a mut Cost,
    /// How often the difference has to show.
    repeats: usize,
    /// Why a response said nothing about the request, if one did not.
    excuse: Option<NotAttributable>,
    /// The transport failure that came instead of a response, if one did.
    lost: Option<TransportFailure>,
}

impl<T: Transport> Shrinker<'_, T> {
    /// Sends the sequence again that showed a difference. `chance` is the share of all sequences that showed
    /// it. Blocks its thread.
    pub fn reproduce(
        &self,
        source: &Source<'_>,
        difference: &Difference,
        chance: f64,
        cost: &mut Cost,
    ) -> Option<Reproduction> {
        let (mut subject, steps, _) = self.subject(source, difference, chance, cost)?;
        // A difference that does not show each time is not worth shrinking.
        let again = self.reproduce_on_one_connection(&mut subject, &steps);
        Some(match again.or_else(|| self.repeat(&mut subject, &steps)) {
            Some(executed) => {
                Reproduction::Shown(ReproducedSequence { executed, one_connection: subject.one_connection })
            }
            None => Reproduction::Not(self.explain_miss(subject, &steps)),
        })
    }

    /// Shrinks a sequence that was reproduced, and reproduces the smallest one. Blocks its thread: value
    /// trees cannot move between threads.
    pub fn minimize(
        &self,
        source: &Source<'_>,
        difference: &Difference,
        reproduced: ReproducedSequence,
        chance: f64,
        cost: &mut Cost,
    ) -> Option<Minimized> {
        let (mut subject, steps, tree) = self.subject(source, difference, chance, cost)?;
        subject.one_connection = reproduced.one_connection;
        subject.class = self.class(&reproduced.executed, difference);
        let original = Sent { steps, executed: reproduced.executed };
        let shrunk = self.shrink_in_partition(&mut subject, &original, tree);
        let smallest = self.minimize_requests(&mut subject, shrunk.steps.clone());
        Some(self.reproduce_smallest(subject, original, shrunk, &smallest))
    }

    /// Removes steps, then shrinks the sample within its partition.
    fn shrink_in_partition(&self, subject: &mut Subject<'_>, original: &Sent, tree: Option<Tree>) -> Sent {
        // The snapshot holds the outcomes of the original steps.
        let snapshot = subject.snapshot.take();
        let mut executed = original.executed.clone();
        let shorter = fewer_steps(original.steps.clone(), &mut |candidate| {
            let smaller = self.try_smaller(subject, candidate);
            let is_shown = smaller.is_some();
            if let Some(smaller) = smaller {
                executed = smaller;
            }
            is_shown
        });
        let is_whole = shorter.steps == original.steps;
        subject.snapshot = snapshot.filter(|_| is_whole);
        let mut smallest = Sent { steps: shorter.steps.clone(), executed };
        if let Some((mut tree, part)) = tree {
            let shorter = (!is_whole).then_some(&shorter);
            shrink_sample(&mut *tree, |sample| {
                let candidate = prefix_showing(part.steps_of(sample), original.steps.len());
                self.try_sample(subject, candidate, shorter, &mut smallest)
            });
        }
        subject.snapshot = None;
        if let Some(shown) = smallest.executed.prefix_showing(subject.difference) {
            smallest.steps = prefix_showing(&smallest.steps, shown.len());
        }
        smallest
    }

    /// Sends a smaller sample, without the steps that a `shorter` sequence does not have. Returns whether it
    /// is the smallest one now, or `None` if nothing more may be sent.
    fn try_sample(
        &self,
        subject: &mut Subject<'_>,
        candidate: Vec<Step>,
        shorter: Option<&Shorter>,
        smallest: &mut Sent,
    ) -> Option<bool> {
        if self.is_spent(subject) {
            return None;
        }
        let steps = match shorter {
            Some(shorter) => shorter.shorten_likewise(&candidate),
            None => Some(candidate),
        };
        let Some(steps) = steps else { return Some(false) };
        let Some(executed) = self.send_until(subject, &steps) else { return Some(false) };
        *smallest = Sent { steps, executed };
        Some(true)
    }

    /// Makes the requests themselves smaller.
    fn minimize_requests(&self, subject: &mut Subject<'_>, steps: Vec<Step>) -> Vec<Step> {
        let is_given = |text: &str| self.executor.world.fixtures.iter().any(|fixture| fixture.has(text));
        minimize_sequence(steps, is_given, |candidate| self.try_smaller(subject, candidate).is_some())
    }

    /// Reproduces the smallest sequence, or a larger one if it does not show the difference each time.
    fn reproduce_smallest(
        &self,
        mut subject: Subject<'_>,
        original: Sent,
        shrunk: Sent,
        smallest: &[Step],
    ) -> Minimized {
        let stopped = self.stop();
        if original.steps.starts_with(smallest) {
            return self.minimized(&mut subject, original.executed, stopped);
        }
        // A flaky difference may have shown by chance while the sequence was shrunk.
        if let Some(again) = self.repeat(&mut subject, smallest) {
            return self.minimized(&mut subject, again, stopped);
        }
        // A run that can send nothing more keeps the sequence that was reproduced.
        if let Some(stop) = self.stop() {
            return Minimized::Shown(shown_last(original.executed, subject.difference), Some(stop));
        }
        let again = self.repeat(&mut subject, &shrunk.steps);
        match again.or_else(|| self.repeat(&mut subject, &original.steps)) {
            Some(again) => self.minimized(&mut subject, again, None),
            None => Minimized::Not(subject.unconfirmed(shrunk.executed.steps)),
        }
    }

    /// Reproduces several requests over one connection, as `replay` does, so that no state that the target
    /// keeps with a connection comes from other requests. If they show the difference, shrinking uses one
    /// connection too.
    fn reproduce_on_one_connection(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Option<Executed> {
        let is_single_or_race = steps.len() == 1 || steps.iter().any(|step| step.with_previous);
        if subject.one_connection || is_single_or_race || self.executor.waits() {
            return None;
        }
        subject.one_connection = true;
        let again = self.repeat(subject, steps);
        subject.one_connection = again.is_some();
        again
    }

    /// Removes the steps of a flaky sequence that change nothing for its last one: the contract expects the
    /// same of the same request with or without them. Returns the rest as it was sent last.
    pub fn without_idle_steps(
        &self,
        executed: Vec<ExecutedStep>,
        difference: &Difference,
        cost: &mut Cost,
    ) -> Vec<ExecutedStep> {
        let steps: Vec<Step> = executed.iter().map(|step| step.step.clone()).collect();
        // Values are compared with earlier ones, and which of several calls comes first is chance.
        let depends = matches!(difference.field, Field::Freshness | Field::Succession);
        if depends || self.executor.waits() || steps.iter().any(|step| step.with_previous) {
            return executed;
        }
        let asked = |executed: &[ExecutedStep]| {
            let last = executed.last()?;
            let class = classify(&self.executor.world.contract, &last.exchange.request).class;
            Some((class, last.expectation.clone()))
        };
        let (expected, mut best) = (asked(&executed), executed);
        fewer_steps(steps, &mut |candidate| {
            if cost.is_spent() || self.stop().is_some() {
                return false;
            }
            let executed = self.in_time(self.executor.execute(None, candidate));
            cost.requests += executed.requests();
            let is_same = executed.steps.len() == candidate.len() && asked(&executed.steps) == expected;
            if is_same {
                best = executed.steps;
            }
            is_same
        });
        best
    }

    /// Sends a smaller sequence, if more may be spent, and returns it if it shows the difference.
    fn try_smaller(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Option<Executed> {
        if self.is_spent(subject) { None } else { self.send_until(subject, steps) }
    }

    /// Why nothing more may be sent, if that is the case.
    fn stop(&self) -> Option<StopReason> {
        let is_late = || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        self.limits.stop().or_else(|| is_late().then_some(StopReason::Reproducing))
    }

    /// Whether shrinking has cost as much as it may.
    fn is_spent(&self, subject: &Subject<'_>) -> bool {
        subject.cost.is_spent() || self.stop().is_some()
    }

    /// The original sequence, what shrinking it needs to know, and its value tree if it has one.
    fn subject<'s>(
        &self,
        source: &'s Source<'_>,
        difference: &'s Difference,
        chance: f64,
        cost: &'s mut Cost,
    ) -> Option<(Subject<'s>, Vec<Step>, Option<Tree>)> {
        let mut subject = Subject {
            difference,
            class: None,
            valid: Vec::new(),
            snapshot: None,
            one_connection: false,
            cost,
            // A run with limited requests does not spend them on further repetitions.
            repeats: if self.limits.remaining_requests().is_some() { MIN_REPEATS } else { repeats(chance) },
            excuse: None,
            lost: None,
        };
        let (steps, tree) = match source {
            Source::Steps(steps) => (steps.clone(), None),
            Source::Sample { samples, shown, length, snapshot } => {
                let tree = samples.tree(shown.sample)?;
                let sample = tree.current();
                subject.snapshot = snapshot.filter(|_| shown.part == Variation::Mutated);
                subject.one_connection = sample.one_connection;
                let first = || sample.steps[..1].to_vec();
                subject.valid = if sample.control.is_empty() { first() } else { sample.control.clone() };
                (prefix_showing(shown.part.steps_of(&sample), *length), Some((tree, shown.part)))
            }
        };
        Some((subject, steps, tree))
    }

    /// Explains why a sequence did not show its difference each time, by sending it once more.
    fn explain_miss(&self, mut subject: Subject<'_>, steps: &[Step]) -> Unconfirmed {
        let last = self.send_with_retry(&mut subject, steps);
        if let Some(stop) =
            self.stop().or(last.required_wait.map(|_| StopReason::Reproducing)).filter(|_| last.withheld)
        {
            return Unconfirmed::NotReproduced(stop);
        }
        if self.is_gone(&mut subject, &last) {
            return Unconfirmed::TargetGone;
        }
        subject.unconfirmed(last.steps)
    }

    /// The result for a sequence that showed its difference in the end, unless the target stopped responding.
    fn minimized(
        &self,
        subject: &mut Subject<'_>,
        executed: Executed,
        stopped: Option<StopReason>,
    ) -> Minimized {
        if self.is_gone(subject, &executed) {
            return Minimized::Not(Unconfirmed::TargetGone);
        }
        Minimized::Shown(shown_last(executed, subject.difference), stopped)
    }

    /// Whether a sequence got no response, and a valid one gets none either.
    fn is_gone(&self, subject: &mut Subject<'_>, executed: &Executed) -> bool {
        // A transport failure may be chance.
        executed.steps.iter().any(|step| step.exchange.observed.is_err())
            && !(self.responds(subject) || self.responds(subject))
    }

    /// Whether the target accepts a valid sequence.
    fn responds(&self, subject: &mut Subject<'_>) -> bool {
        let valid = subject.valid.clone();
        self.send(subject, &valid).succeeded(&valid)
    }

    /// Sends a sequence repeatedly while nothing else is sent. Returns it as it was sent last if it shows the
    /// difference each time, at the same step. A race has to show it only once.
    fn repeat(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Option<Executed> {
        let difference = subject.difference;
        let waits = self.executor.waits();
        // Sequences that wait would block all others for too long.
        let alone = !waits && self.may_be_alone;
        let _shared = (!alone).then(|| self.exclusive.read().unwrap_or_else(PoisonError::into_inner));
        let _exclusive = alone.then(|| self.exclusive.write().unwrap_or_else(PoisonError::into_inner));
        if is_race(steps, &subject.difference.actual) && !waits {
            return (0..MAX_RACES)
                .map(|_| self.send_with_retry(subject, steps))
                .find(|executed| shows(executed, difference));
        }
        // A sequence that waits cannot afford more repetitions.
        let times = if waits { subject.repeats + 1 - MIN_REPEATS } else { subject.repeats };
        let (mut last, mut first_step) = (None, None);
        for _ in 0..times {
            let executed = self.send_with_retry(subject, steps);
            let here = executed.prefix_showing(difference)?.len();
            // While the target does not respond at all, no request is to blame.
            if difference.is_no_response() && !self.responds(subject) {
                return None;
            }
            if *first_step.get_or_insert(here) != here {
                return None;
            }
            last = Some(executed);
        }
        last
    }

    /// Sends a sequence, and retries it after a transport failure unless the difference is one.
    fn send_with_retry(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Executed {
        for _ in 0..MAX_RETRIES {
            let executed = self.send(subject, steps);
            subject.lost = None;
            if subject.difference.is_no_response() || executed.lost_in_transit().is_none() {
                return executed;
            }
        }
        let executed = self.send(subject, steps);
        subject.lost = executed.lost_in_transit().map(|(_, failure)| failure);
        executed
    }

    /// Sends a smaller sequence while others are sent, and returns it if it shows the difference.
    fn send_until(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Option<Executed> {
        let _shared = self.exclusive.read().unwrap_or_else(PoisonError::into_inner);
        let times = if is_race(steps, &subject.difference.actual) { MAX_SHRINKING_RACES } else { 1 };
        for _ in 0..times {
            let executed = self.send(subject, steps);
            if self.shows_the_same(subject, &executed) {
                return Some(executed);
            }
        }
        None
    }

    /// Whether a sequence shows the difference by a request of the same class as the original one. A request
    /// of another class is no counterexample to this requirement.
    fn shows_the_same(&self, subject: &Subject<'_>, executed: &Executed) -> bool {
        shows(executed, subject.difference) && self.class(executed, subject.difference) == subject.class
    }

    /// Runs a sequence until the deadline at most.
    fn in_time(&self, execution: impl Future<Output = Executed>) -> Executed {
        let Some(deadline) = self.deadline else { return self.runtime.block_on(execution) };
        let in_time = async { tokio::time::timeout_at(deadline.into(), execution).await };
        self.runtime.block_on(in_time).unwrap_or_else(|_| Executed::withheld())
    }

    fn send(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Executed {
        let executed =
            self.in_time(self.executor.execute_over(subject.snapshot, steps, subject.one_connection));
        subject.cost.requests += executed.requests();
        subject.excuse = executed.not_attributable().next().cloned().or(subject.excuse.take());
        executed
    }

    /// The class of the request that shows a difference.
    fn class(&self, executed: &Executed, difference: &Difference) -> Option<Class> {
        let shown = executed.prefix_showing(difference)?.last()?;
        Some(classify(&self.executor.world.contract, &shown.exchange.request).class)
    }
}

/// Whether a sequence is a race for a success: which of several simultaneous calls succeeds is chance. `actual`
/// is the value that shows the difference.
pub fn is_race(steps: &[Step], actual: &Value) -> bool {
    steps.iter().any(|step| step.with_previous) && actual.is_success()
}

impl Subject<'_> {
    /// Why the difference did not show again, though the target responds.
    fn unconfirmed(self, steps: Vec<ExecutedStep>) -> Unconfirmed {
        match (self.excuse, self.lost) {
            (Some(excuse), _) => Unconfirmed::Excused(excuse),
            (None, Some(failure)) => Unconfirmed::Lost(failure),
            (None, None) => Unconfirmed::Flaky(steps),
        }
    }
}

/// How often a difference has to show again so that it is not chance, given the share of all sequences that
/// showed it. If most of them did, it is the rule.
fn repeats(chance: f64) -> usize {
    if chance > 0.5 {
        return MIN_REPEATS;
    }
    let mut by_chance = 1.0;
    let enough = |_: &usize| {
        by_chance *= chance;
        by_chance < MAX_MISTAKE
    };
    (1..MAX_REPEATS).find(enough).unwrap_or(MAX_REPEATS).max(MIN_REPEATS)
}

/// What reproducing and shrinking one difference has cost, over all its sequences.
#[derive(Debug)]
pub struct Cost {
    requests: u64,
    max: u64,
    deadline: Instant,
}

impl Cost {
    /// The cost of one difference that may use this share of the remaining requests, if they are limited.
    pub fn new(share: Option<u64>) -> Self {
        let max = share.map_or(MAX_REQUESTS, |share| share.min(MAX_REQUESTS));
        Self { requests: 0, max, deadline: Instant::now() + MAX_TIME }
    }

    fn is_spent(&self) -> bool {
        self.requests >= self.max || Instant::now() >= self.deadline
    }
}

/// The first `length` steps, and those that are sent at the same time as the last of them.
fn prefix_showing(steps: &[Step], length: usize) -> Vec<Step> {
    let (first, rest) = steps.split_at(length.min(steps.len()));
    first.iter().chain(rest.iter().take_while(|step| step.with_previous)).cloned().collect()
}

/// The sequence up to the step that shows a difference. If that is one of several simultaneous calls, it
/// comes last: without the others the difference would not show.
fn shown_last(executed: Executed, difference: &Difference) -> Vec<ExecutedStep> {
    let Some(shown) = executed.prefix_showing(difference).map(<[ExecutedStep]>::len) else {
        return Vec::new();
    };
    let mut steps = executed.steps;
    let together = steps[shown..].iter().take_while(|step| step.step.with_previous).count();
    steps.truncate(shown + together);
    let first = steps[..shown].iter().rposition(|step| !step.step.with_previous).unwrap_or_default();
    steps[shown - 1..].rotate_left(1);
    for (index, step) in steps[first..].iter_mut().enumerate() {
        step.step.with_previous = index > 0;
    }
    steps
}

fn shows(executed: &Executed, difference: &Difference) -> bool {
    executed.differences().any(|other| other.is_like(difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_difference_has_to_repeat_more_often() {
        let all: Vec<_> = [0.0, 0.005, 0.02, 0.05, 0.12, 0.3, 0.5, 0.6, 1.0].map(repeats).to_vec();
        assert_eq!(all, [3, 3, 4, 5, 7, 10, 10, 3, 3]);
    }
}
