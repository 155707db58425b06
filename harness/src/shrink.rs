//! Makes a finding of a difference: repeats it, shrinks the request under the difference's key, and
//! repeats the smallest one.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use cases::call::Step;
use cases::classify::{Class, classify};
use snapshots::Document;

use crate::explore::{Part, Samples, Shown};
use crate::judge::{Difference, Excuse};
use crate::limits::{Limits, Stop};
use crate::play::{Played, PlayedStep, Player};
use crate::reduce::{reduce, simplify};
use crate::transport::Transport;

/// Requests that making one difference smaller may cost.
const MOST_REQUESTS: u64 = 3000;
/// Time that making one difference smaller may cost.
const MOST_TIME: Duration = Duration::from_secs(10);
/// How often a difference is looked for again before it counts as unstable.
const REPEATS: usize = 3;
/// The same where calls are sent at the same time: which of them comes first is chance.
const RACES: usize = 24;

/// What became of a difference when it was looked at again.
#[derive(Debug)]
pub enum Confirmed {
    /// It came again; this is the smallest sequence that shows it, as last played.
    Violated(Vec<PlayedStep>),
    /// It did not come again; this is where it was looked for.
    Unstable(Vec<PlayedStep>),
    /// The target does not answer valid requests any more either.
    Inconclusive,
    /// An answer to it said nothing about the request.
    Excused(Excuse),
    /// The run ended before it could be looked for.
    Unlooked(Stop),
}

/// Looks at differences again.
pub struct Shrinker<'a, T> {
    /// Plays the sequences.
    pub player: Player<'a, T>,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// Held by all who send; who wants to be alone with the target takes it whole.
    pub quiet: &'a RwLock<()>,
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
        /// The reviewed outcomes of the case.
        snapshot: Option<&'a Document>,
    },
    /// These steps.
    Steps(Vec<Step>),
}

/// A sequence under reduction.
struct Subject<'a> {
    difference: &'a Difference,
    snapshot: Option<&'a Document>,
    /// Whether all steps go over one connection.
    one_connection: bool,
    cost: &'a mut Cost,
    /// An answer that said nothing about the request, where the difference was looked for.
    excuse: Option<Excuse>,
}

impl<T: Transport> Shrinker<'_, T> {
    /// Repeats, shrinks and repeats. Blocks its thread: value trees cannot move between threads.
    pub fn confirm(&self, source: Source<'_>, difference: &Difference, cost: &mut Cost) -> Option<Confirmed> {
        let mut subject = Subject { difference, snapshot: None, one_connection: false, cost, excuse: None };
        let (mut steps, valid, mut tree) = match source {
            Source::Steps(steps) => (steps, Vec::new(), None),
            Source::Sample { samples, shown, snapshot } => {
                let tree = samples.tree(shown.sample)?;
                let sample = tree.current();
                subject.snapshot = snapshot.filter(|_| shown.part == Part::Steps);
                subject.one_connection = sample.one_connection;
                let valid =
                    if sample.twin.is_empty() { sample.steps[..1].to_vec() } else { sample.twin.clone() };
                (shown.part.of(&sample).to_vec(), valid, Some((tree, shown.part)))
            }
        };
        // Which of several calls at the same time is served, and whether a second one is, is chance.
        let is_race = steps.iter().any(|step| step.at_once) && difference.actual.starts_with('2');
        let repeats = if is_race { RACES } else { REPEATS };
        // What does not come each time is not worth making smaller.
        let Some(mut best) = self.comes_again(&mut subject, &steps, repeats) else {
            let last = self.play(&mut subject, &steps);
            if let Some(stop) = self.limits.stop().filter(|_| last.withheld) {
                return Some(Confirmed::Unlooked(stop));
            }
            if self.is_gone(&mut subject, &last, &valid) {
                return Some(Confirmed::Inconclusive);
            }
            if let Some(excuse) = subject.excuse {
                return Some(Confirmed::Excused(excuse));
            }
            return Some(Confirmed::Unstable(last.steps));
        };
        let (original, confirmed) = (steps.clone(), best.clone());
        let class = self.class(&best, difference);
        // A request of another class is no counterexample to this requirement.
        let shows = |played: &Played| shows(played, difference) && self.class(played, difference) == class;
        if let Some((tree, part)) = &mut tree {
            simplify(tree, |sample| {
                (!subject.spent(self.limits)).then(|| {
                    let candidate = part.of(sample).to_vec();
                    let played = self.play(&mut subject, &candidate);
                    let shows = shows(&played);
                    if shows {
                        (best, steps) = (played, candidate);
                    }
                    shows
                })
            });
        }
        if let Some(shown) = best.up_to(difference) {
            steps.truncate(shown.len());
        }
        // The snapshot speaks of the steps as they were.
        subject.snapshot = None;
        let whole = steps.clone();
        let parts = || self.player.world.fixtures.iter().flat_map(|fixture| fixture.parts.values());
        let given = |text: &str| parts().any(|part| part.is(text));
        let steps = reduce(steps, given, |candidate| {
            !subject.spent(self.limits) && {
                let played = self.play(&mut subject, candidate);
                shows(&played)
            }
        });
        // What comes now and then may have come while the sequence was reduced. If the run cannot look
        // again any more, it is left as it came each time.
        let again = if original.starts_with(&steps) {
            confirmed
        } else if let Some(again) = self.comes_again(&mut subject, &steps, repeats) {
            again
        } else if self.limits.stop().is_some() {
            confirmed
        } else if let Some(again) = self.comes_again(&mut subject, &whole, repeats) {
            again
        } else if let Some(excuse) = subject.excuse {
            return Some(Confirmed::Excused(excuse));
        } else {
            return Some(Confirmed::Unstable(best.steps));
        };
        if self.is_gone(&mut subject, &again, &valid) {
            return Some(Confirmed::Inconclusive);
        }
        Some(Confirmed::Violated(again.up_to(difference).map(<[PlayedStep]>::to_vec).unwrap_or_default()))
    }

    /// Whether a sequence got no answer, and a valid one gets none either.
    fn is_gone(&self, subject: &mut Subject<'_>, played: &Played, valid: &[Step]) -> bool {
        played.steps.iter().any(|step| step.exchange.observed.is_err())
            && !self.play(subject, valid).succeeded(valid)
    }

    /// Plays a sequence again while nothing else is sent, and gives it as last played if it shows the
    /// difference each time. Where calls are sent at the same time, once in many times is enough.
    fn comes_again(&self, subject: &mut Subject<'_>, steps: &[Step], repeats: usize) -> Option<Played> {
        if self.player.waits() {
            // Nobody could wait for all others.
            return self.look_again(subject, steps, 1);
        }
        let _alone = self.quiet.write().unwrap_or_else(PoisonError::into_inner);
        if repeats > REPEATS {
            return self.look_again_alone(subject, steps, repeats);
        }
        let mut last = None;
        for _ in 0..REPEATS {
            last = Some(self.look_again_alone(subject, steps, 1)?);
        }
        last
    }

    /// Plays a sequence until it shows the difference, so many times at the most.
    fn look_again(&self, subject: &mut Subject<'_>, steps: &[Step], times: usize) -> Option<Played> {
        let difference = subject.difference;
        (0..times).map(|_| self.play(subject, steps)).find(|played| shows(played, difference))
    }

    /// The same while nothing else is sent.
    fn look_again_alone(&self, subject: &mut Subject<'_>, steps: &[Step], times: usize) -> Option<Played> {
        let difference = subject.difference;
        (0..times).map(|_| self.send(subject, steps)).find(|played| shows(played, difference))
    }

    fn play(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Played {
        let _beside = self.quiet.read().unwrap_or_else(PoisonError::into_inner);
        self.send(subject, steps)
    }

    fn send(&self, subject: &mut Subject<'_>, steps: &[Step]) -> Played {
        let played =
            self.runtime.block_on(self.player.play_over(subject.snapshot, steps, subject.one_connection));
        subject.cost.requests += played.requests();
        subject.excuse = played.excuses().next().cloned().or(subject.excuse.take());
        played
    }

    /// The class of the request that shows the difference.
    fn class(&self, played: &Played, difference: &Difference) -> Option<Class> {
        let shown = played.up_to(difference)?.last()?;
        Some(classify(&self.player.world.contract, &shown.exchange.request).class)
    }
}

impl Subject<'_> {
    fn spent(&self, limits: &Limits) -> bool {
        self.cost.spent(limits)
    }
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
}

impl Cost {
    fn spent(&self, limits: &Limits) -> bool {
        self.requests >= self.most || Instant::now() >= self.deadline || limits.stop().is_some()
    }
}

fn shows(played: &Played, difference: &Difference) -> bool {
    played.differences().any(|other| other.is_like(difference))
}
