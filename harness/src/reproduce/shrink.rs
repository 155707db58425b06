//! Makes a finding of a difference: repeats it, shrinks the request under the difference's key, and
//! repeats the smallest one.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use cases::generate::{Sample, Step};
use cases::oracle::{Class, Field, classify};
use proptest::strategy::ValueTree;
use snapshots::Document;

use crate::client::exchange::TransportFailure;
use crate::client::transport::Transport;
use crate::execute::executed::{Executed, ExecutedStep};
use crate::execute::executor::Executor;
use crate::execute::samples::{Samples, Variation};
use crate::judge::judgement::{Difference, NotAttributable};
use crate::limits::{Limits, StopReason};
use crate::reproduce::reduce::{fewer_steps, reduce, simplify};
use crate::results::case_result::Shown;

/// Requests that making one difference smaller may cost.
const MOST_REQUESTS: u64 = 3000;
/// Time that making one difference smaller may cost.
const MOST_TIME: Duration = Duration::from_secs(10);
/// How often a difference has to come again at least, or it does not count as failed.
const REPEATS: usize = 3;
/// And at most.
const MOST_REPEATS: usize = 10;
/// How likely it may be that what comes by chance comes as often in a row.
const MISTAKE: f64 = 1e-6;
/// How often a sequence is played once more that got no answer where one was looked at.
const MOST_LOST: usize = 3;
/// The same where calls are sent at the same time: which of them comes first is chance.
const RACES: usize = 24;
/// The same for a smaller sequence: one that does not show by chance only leaves the larger one.
const SMALLER_RACES: usize = 8;

/// What became of a difference when its sequence was sent again.
#[derive(Debug)]
pub enum Reproduced {
    /// It came each time; the sequence as last played.
    Shown(Shows),
    /// It did not.
    Not(NotShown),
}

/// A sequence that showed a difference each time.
#[derive(Debug, Clone)]
pub struct Shows {
    /// It, as last played.
    pub played: Executed,
    /// Whether all of it went over one connection.
    one_connection: bool,
}

/// What became of a difference that was reproduced when its sequence was made smaller.
#[derive(Debug)]
pub enum Minimized {
    /// The smallest sequence that shows it, as last played, and why nothing smaller was looked for, if so.
    Shown(Vec<ExecutedStep>, Option<StopReason>),
    /// In the end it did not come again.
    Not(NotShown),
}

/// Why a difference did not come again.
#[derive(Debug)]
pub enum NotShown {
    /// The target answers now so, now otherwise; this is where it was looked for.
    Flaky(Vec<ExecutedStep>),
    /// The target does not answer valid requests any more either.
    Inconclusive,
    /// An answer to it said nothing about the request.
    Excused(NotAttributable),
    /// No answer came where one was to be looked at.
    Lost(TransportFailure),
    /// The run ended before it could be looked for.
    Unlooked(StopReason),
}

impl NotShown {
    /// Why, in words; `gone` is why the target is not asked any more.
    pub fn reason(&self, gone: Option<StopReason>) -> String {
        match self {
            Self::Flaky(_) => "it did not come again each time".to_owned(),
            Self::Inconclusive => gone.unwrap_or(StopReason::Silent).to_string(),
            Self::Excused(excuse) => excuse.to_string(),
            Self::Lost(fault) => fault.to_string(),
            Self::Unlooked(stop) => stop.to_string(),
        }
    }
}

/// Looks at differences again.
pub struct Shrinker<'a, T> {
    /// Plays the sequences.
    pub player: Executor<'a, T>,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// When nothing more is sent, whatever is left of the limits.
    pub deadline: Option<Instant>,
    /// Passed by all who send; who wants to be alone with the target takes it whole.
    pub quiet: &'a RwLock<()>,
    /// Whether there is time to be alone with the target for each difference.
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
        shown: Shown,
        /// How many of its steps led up to the difference.
        length: usize,
        /// The reviewed outcomes of the case.
        snapshot: Option<&'a Document>,
    },
    /// These steps.
    Steps(Vec<Step>),
}

/// A value tree of a sample, and which of its sequences is meant.
type Tree = (Box<dyn ValueTree<Value = Sample>>, Variation);

/// A sequence under reduction.
struct Subject<'a> {
    difference: &'a Difference,
    /// A sequence that the target accepts.
    valid: Vec<Step>,
    snapshot: Option<&'a Document>,
    /// Whether all steps go over one connection.
    one_connection: bool,
    cost: &'a mut Cost,
    /// How often it has to come again.
    repeats: usize,
    /// An answer that said nothing about the request, where the difference was looked for.
    excuse: Option<NotAttributable>,
    /// Why there was no answer where one was looked for.
    lost: Option<TransportFailure>,
}

impl<T: Transport> Shrinker<'_, T> {
    /// Sends the sequence again that showed a difference. `chance` is the part of all sequences that showed as
    /// much. Blocks its thread.
    pub fn reproduce(
        &self,
        source: &Source<'_>,
        difference: &Difference,
        chance: f64,
        cost: &mut Cost,
    ) -> Option<Reproduced> {
        let (mut subject, steps, _) = self.subject(source, difference, chance, cost)?;
        // What does not come each time is not worth making smaller.
        let again = self.on_one_connection(&mut subject, &steps);
        Some(match again.or_else(|| self.comes_again(&mut subject, &steps)) {
            Some(played) => Reproduced::Shown(Shows { played, one_connection: subject.one_connection }),
            None => Reproduced::Not(self.look_once_more(subject, &steps)),
        })
    }

    /// Makes the sequence smaller that showed a difference when it was sent again as `reproduced`, and repeats
    /// the smallest one. Blocks its thread: value trees cannot move between threads.
    pub fn minimize(
        &self,
        source: &Source<'_>,
        difference: &Difference,
        reproduced: Shows,
        chance: f64,
        cost: &mut Cost,
    ) -> Option<Minimized> {
        let (mut subject, mut steps, tree) = self.subject(source, difference, chance, cost)?;
        let Shows { played: reproduced, one_connection } = reproduced;
        subject.one_connection = one_connection;
        let (original, mut best) = (steps.clone(), reproduced.clone());
        let class = self.class(&best, difference);
        // A request of another class is no counterexample to this requirement.
        let shows = |played: &Executed| shows(played, difference) && self.class(played, difference) == class;
        // The snapshot speaks of the steps as they were.
        let snapshot = subject.snapshot.take();
        let shorter = fewer_steps(original.clone(), &mut |candidate| {
            let shown = self.shown(&mut subject, candidate, shows);
            let is_shown = shown.is_some();
            if let Some(played) = shown {
                best = played;
            }
            is_shown
        });
        let is_whole = shorter.steps == original;
        subject.snapshot = snapshot.filter(|_| is_whole);
        steps.clone_from(&shorter.steps);
        if let Some((mut tree, part)) = tree {
            simplify(&mut *tree, |sample| {
                (!self.spent(&subject)).then(|| {
                    let candidate = up_to(part.steps_of(sample), original.len());
                    let candidate = if is_whole { Some(candidate) } else { shorter.likewise(&candidate) };
                    let shown = candidate.and_then(|candidate| {
                        Some((self.play_until(&mut subject, &candidate, shows)?, candidate))
                    });
                    let is_shown = shown.is_some();
                    if let Some(shown) = shown {
                        (best, steps) = shown;
                    }
                    is_shown
                })
            });
        }
        subject.snapshot = None;
        if let Some(shown) = best.prefix_showing(difference) {
            steps = up_to(&steps, shown.len());
        }
        let whole = steps.clone();
        let parts = || self.player.world.fixtures.iter().flat_map(|fixture| fixture.parts.values());
        let given = |text: &str| parts().any(|part| part.is(text));
        let steps = reduce(steps, given, |candidate| self.shown(&mut subject, candidate, shows).is_some());
        let stopped = self.stop();
        if original.starts_with(&steps) {
            return Some(self.ended(&mut subject, reproduced, stopped));
        }
        // What comes now and then may have come while the sequence was reduced.
        if let Some(again) = self.comes_again(&mut subject, &steps) {
            return Some(self.ended(&mut subject, again, stopped));
        }
        // If the run cannot look again any more, it is left as it came each time.
        if let Some(stop) = self.stop() {
            return Some(Minimized::Shown(shown_last(reproduced, difference), Some(stop)));
        }
        let again = self.comes_again(&mut subject, &whole);
        match again.or_else(|| self.comes_again(&mut subject, &original)) {
            Some(again) => Some(self.ended(&mut subject, again, None)),
            None => Some(Minimized::Not(subject.unsteady(best.steps))),
        }
    }

    /// Plays several requests again over one connection, as who replays a finding does, so that what the target
    /// keeps with a connection is not left behind by others. If they show it so, all that follows is played so.
    fn on_one_connection(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Option<Executed> {
        let is_apart = steps.len() == 1 || steps.iter().any(|step| step.at_once);
        if subject.one_connection || is_apart || self.player.waits() {
            return None;
        }
        subject.one_connection = true;
        let again = self.comes_again(subject, steps);
        subject.one_connection = again.is_some();
        again
    }

    /// What did not come again, without the steps that change nothing for its last one: the contract asks the
    /// same of the same request, whether or not they come before. What was played last is what is left.
    pub fn without_idle(
        &self,
        played: Vec<ExecutedStep>,
        difference: &Difference,
        cost: &mut Cost,
    ) -> Vec<ExecutedStep> {
        let steps: Vec<Step> = played.iter().map(|step| step.step.clone()).collect();
        // Values are compared with those before, and which of several calls comes first is chance.
        let depends = matches!(difference.field, Field::Freshness | Field::Succession);
        if depends || self.player.waits() || steps.iter().any(|step| step.at_once) {
            return played;
        }
        let asked = |played: &[ExecutedStep]| {
            let last = played.last()?;
            let class = classify(&self.player.world.contract, &last.exchange.request).class;
            Some((class, last.expectation.clone()))
        };
        let (wanted, mut best) = (asked(&played), played);
        fewer_steps(steps, &mut |candidate| {
            if cost.is_spent() || self.stop().is_some() {
                return false;
            }
            let played = self.in_time(self.player.execute(None, candidate));
            cost.requests += played.requests();
            let is_same = played.steps.len() == candidate.len() && asked(&played.steps) == wanted;
            if is_same {
                best = played.steps;
            }
            is_same
        });
        best
    }

    /// Plays a smaller sequence, if more may be spent, and gives it as played if it shows what it should.
    fn shown(
        &self,
        subject: &mut Subject<'_>,
        steps: &[Step],
        shows: impl Fn(&Executed) -> bool,
    ) -> Option<Executed> {
        if self.spent(subject) { None } else { self.play_until(subject, steps, shows) }
    }

    /// Why nothing more may be sent, if so.
    fn stop(&self) -> Option<StopReason> {
        let is_late = || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        self.limits.stop().or_else(|| is_late().then_some(StopReason::Reproducing))
    }

    /// Whether making a sequence smaller has cost what it may.
    fn spent(&self, subject: &Subject<'_>) -> bool {
        subject.cost.is_spent() || self.stop().is_some()
    }

    /// The sequence as it was sent, and what is known of it.
    fn subject<'s>(
        &self,
        source: &'s Source<'_>,
        difference: &'s Difference,
        chance: f64,
        cost: &'s mut Cost,
    ) -> Option<(Subject<'s>, Vec<Step>, Option<Tree>)> {
        let mut subject = Subject {
            difference,
            valid: Vec::new(),
            snapshot: None,
            one_connection: false,
            cost,
            // Where requests are few, they are not spent on this.
            repeats: if self.limits.remaining_requests().is_some() { REPEATS } else { repeats(chance) },
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
                subject.valid = if sample.twin.is_empty() { first() } else { sample.twin.clone() };
                (up_to(shown.part.steps_of(&sample), *length), Some((tree, shown.part)))
            }
        };
        Some((subject, steps, tree))
    }

    /// Why a sequence did not show its difference each time.
    fn look_once_more(&self, mut subject: Subject<'_>, steps: &[Step]) -> NotShown {
        let last = self.hear(&mut subject, steps);
        if let Some(stop) =
            self.stop().or(last.required_wait.map(|_| StopReason::Reproducing)).filter(|_| last.withheld)
        {
            return NotShown::Unlooked(stop);
        }
        if self.is_gone(&mut subject, &last) {
            return NotShown::Inconclusive;
        }
        subject.unsteady(last.steps)
    }

    /// A sequence that showed its difference in the end, unless the target answers nothing any more.
    fn ended(&self, subject: &mut Subject<'_>, played: Executed, stopped: Option<StopReason>) -> Minimized {
        if self.is_gone(subject, &played) {
            return Minimized::Not(NotShown::Inconclusive);
        }
        Minimized::Shown(shown_last(played, subject.difference), stopped)
    }

    /// Whether a sequence got no answer, and a valid one gets none either.
    fn is_gone(&self, subject: &mut Subject<'_>, played: &Executed) -> bool {
        // One that is lost may be so by chance.
        played.steps.iter().any(|step| step.exchange.observed.is_err())
            && !(self.answers(subject) || self.answers(subject))
    }

    /// Whether the target accepts a valid sequence.
    fn answers(&self, subject: &mut Subject<'_>) -> bool {
        let valid = subject.valid.clone();
        self.send(subject, &valid).succeeded(&valid)
    }

    /// Plays a sequence again while nothing else is sent, and gives it as last played if it shows the
    /// difference each time, at the same step. Where calls are sent at the same time, once in many times is
    /// enough.
    fn comes_again(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Option<Executed> {
        let difference = subject.difference;
        let waits = self.player.waits();
        // Nobody could wait for all others.
        let alone = !waits && self.may_be_alone;
        let _beside = (!alone).then(|| self.quiet.read().unwrap_or_else(PoisonError::into_inner));
        let _alone = alone.then(|| self.quiet.write().unwrap_or_else(PoisonError::into_inner));
        if subject.is_race(steps) && !waits {
            return (0..RACES).map(|_| self.hear(subject, steps)).find(|played| shows(played, difference));
        }
        // Nor as often.
        let times = if waits { subject.repeats + 1 - REPEATS } else { subject.repeats };
        let (mut last, mut place) = (None, None);
        for _ in 0..times {
            let played = self.hear(subject, steps);
            let here = played.prefix_showing(difference)?.len();
            // While nothing is answered, no request is to blame.
            if difference.is_no_response() && !self.answers(subject) {
                return None;
            }
            if *place.get_or_insert(here) != here {
                return None;
            }
            last = Some(played);
        }
        last
    }

    /// Sends a sequence, again if no answer comes where one is looked for.
    fn hear(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Executed {
        for _ in 0..MOST_LOST {
            let played = self.send(subject, steps);
            subject.lost = None;
            if subject.difference.is_no_response() || played.lost_in_transit().is_none() {
                return played;
            }
        }
        let played = self.send(subject, steps);
        subject.lost = played.lost_in_transit().map(|(_, fault)| fault);
        played
    }

    /// Plays a smaller sequence beside all others, and gives it as played if it shows what it should.
    fn play_until(
        &self,
        subject: &mut Subject<'_>,
        steps: &[Step],
        shows: impl Fn(&Executed) -> bool,
    ) -> Option<Executed> {
        let _beside = self.quiet.read().unwrap_or_else(PoisonError::into_inner);
        let times = if subject.is_race(steps) { SMALLER_RACES } else { 1 };
        (0..times).map(|_| self.send(subject, steps)).find(shows)
    }

    /// Plays a sequence, as far as there is time.
    fn in_time(&self, play: impl Future<Output = Executed>) -> Executed {
        let Some(deadline) = self.deadline else { return self.runtime.block_on(play) };
        let in_time = async { tokio::time::timeout_at(deadline.into(), play).await };
        self.runtime.block_on(in_time).unwrap_or_else(|_| Executed::withheld())
    }

    fn send(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Executed {
        let played = self.in_time(self.player.execute_over(subject.snapshot, steps, subject.one_connection));
        subject.cost.requests += played.requests();
        subject.excuse = played.not_attributable().next().cloned().or(subject.excuse.take());
        played
    }

    /// The class of the request that shows the difference.
    fn class(&self, played: &Executed, difference: &Difference) -> Option<Class> {
        let shown = played.prefix_showing(difference)?.last()?;
        Some(classify(&self.player.world.contract, &shown.exchange.request).class)
    }
}

impl Subject<'_> {
    /// Whether calls are sent at the same time and one of them was served: which one, and whether a second
    /// one is, is chance.
    fn is_race(&self, steps: &[Step]) -> bool {
        steps.iter().any(|step| step.at_once) && self.difference.actual.starts_with('2')
    }

    /// What did not come again, though the target answers.
    fn unsteady(self, steps: Vec<ExecutedStep>) -> NotShown {
        match (self.excuse, self.lost) {
            (Some(excuse), _) => NotShown::Excused(excuse),
            (None, Some(fault)) => NotShown::Lost(fault),
            (None, None) => NotShown::Flaky(steps),
        }
    }
}

/// How often a difference has to come again that showed in this part of all sequences, before that is no
/// chance. What shows in most of them is the rule.
fn repeats(chance: f64) -> usize {
    if chance > 0.5 {
        return REPEATS;
    }
    let mut by_chance = 1.0;
    let enough = |_: &usize| {
        by_chance *= chance;
        by_chance < MISTAKE
    };
    (1..MOST_REPEATS).find(enough).unwrap_or(MOST_REPEATS).max(REPEATS)
}

/// What looking at one difference has cost, whichever sequences it was looked for in.
#[derive(Debug)]
pub struct Cost {
    requests: u64,
    most: u64,
    deadline: Instant,
}

impl Cost {
    /// What one difference may cost, with its share of the requests if they are limited.
    pub fn new(share: Option<u64>) -> Self {
        let most = share.map_or(MOST_REQUESTS, |share| share.min(MOST_REQUESTS));
        Self { requests: 0, most, deadline: Instant::now() + MOST_TIME }
    }

    fn is_spent(&self) -> bool {
        self.requests >= self.most || Instant::now() >= self.deadline
    }
}

/// The first `length` steps, with those that are sent at the same time as the last of them.
fn up_to(steps: &[Step], length: usize) -> Vec<Step> {
    let (first, rest) = steps.split_at(length.min(steps.len()));
    first.iter().chain(rest.iter().take_while(|step| step.at_once)).cloned().collect()
}

/// The sequence up to where it shows a difference. Of calls at the same time that one comes last: without
/// the others it would not show.
fn shown_last(played: Executed, difference: &Difference) -> Vec<ExecutedStep> {
    let Some(shown) = played.prefix_showing(difference).map(<[ExecutedStep]>::len) else { return Vec::new() };
    let mut steps = played.steps;
    let together = steps[shown..].iter().take_while(|step| step.step.at_once).count();
    steps.truncate(shown + together);
    let first = steps[..shown].iter().rposition(|step| !step.step.at_once).unwrap_or_default();
    steps[shown - 1..].rotate_left(1);
    for (index, step) in steps[first..].iter_mut().enumerate() {
        step.step.at_once = index > 0;
    }
    steps
}

fn shows(played: &Executed, difference: &Difference) -> bool {
    played.differences().any(|other| other.is_like(difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_now_and_then_has_to_come_more_often_in_a_row() {
        let all: Vec<_> = [0.0, 0.005, 0.02, 0.05, 0.12, 0.3, 0.5, 0.6, 1.0].map(repeats).to_vec();
        assert_eq!(all, [3, 3, 4, 5, 7, 10, 10, 3, 3]);
    }
}
