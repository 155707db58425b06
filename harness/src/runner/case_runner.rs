//! Runs one case: draws its samples, plays each beside its valid twin, and notes what differs.
//!
//! Nothing shrinks here. A difference is noted with the smallest sample that showed it; which of
//! them becomes a finding is decided when all cases are done, so that the order in which cases
//! happen to run changes no report.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use cases::catalogue::Case;
use cases::generate::Sample;
use cases::generate::Step;
use cases::id::RequirementId;
use cases::oracle::{Class, classify};
use proptest::strategy::ValueTree;
use snapshots::Document;

use crate::client::exchange::TransportFailure;
use crate::client::transport::Transport;
use crate::execute::control_cache::ControlCache;
use crate::execute::executed::Executed;
use crate::execute::executor::Executor;
use crate::execute::samples::{Samples, Variation};
use crate::execute::token_registry::TokenRegistry;
use crate::judge::judgement::{Blockers, Explained};
use crate::limits::{Limits, StopReason};
use crate::results::blocked::blockers;
use crate::results::case_result::{Explored, Mark, Place, REFUSED, Round};
use crate::results::evidence::Evidence;

/// So many twins of a case are remembered.
const MOST_TWINS: usize = 1000;

/// A case between two rounds.
#[derive(Debug, Default)]
pub struct Exploration {
    /// What came of it so far.
    pub explored: Explored,
    /// How many rounds are done.
    pub rounds: usize,
    /// What was done by an earlier process, and is not known in full yet.
    past: Mark,
    /// Where the run was cut off in it.
    cut: Option<Mark>,
    /// The first valid twins that were played, by their hash, and whether the target accepts them. As texts
    /// they would take megabytes, and of a thousand two have one hash once in 10¹³ cases.
    twins: HashMap<u64, bool>,
    /// How many twins it refused.
    refused: u32,
    class: Option<Class>,
    /// Whether further samples would show nothing.
    pub ended: bool,
}

impl Exploration {
    /// A case of which an earlier process has done so much, and could settle all of it.
    pub fn past(explored: Explored, past: Mark) -> Self {
        Self { explored, rounds: past.rounds, past, ..Self::default() }
    }

    /// How far it is, if anything of it is done.
    pub fn mark(&self) -> Option<Mark> {
        let mark = self.cut.unwrap_or(Mark { rounds: self.rounds, within: 0 });
        Some(mark).filter(|mark| *mark != Mark::default())
    }

    /// Whether no round is to come.
    pub fn is_done(&self) -> bool {
        self.ended || self.rounds == Round::ALL.len()
    }
}

/// What exploring a case needs.
pub struct Explorer<'a, T> {
    /// Plays the sequences.
    pub player: Executor<'a, T>,
    /// Every single-use value of the run.
    pub census: &'a TokenRegistry,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// The smallest sequences that showed something.
    pub(crate) evidence: &'a Evidence,
    /// The seed of the run.
    pub seed: u64,
    /// Random samples for each case, after its boundaries.
    pub samples: usize,
    /// The twins that are played once for all cases, if requests are few.
    pub twins: Option<&'a ControlCache>,
}

/// A case whose samples are tried.
#[derive(Clone, Copy)]
struct Subject<'a> {
    number: usize,
    case: &'a Case,
    samples: &'a Samples,
    snapshot: Option<&'a Document>,
}

impl<T: Transport> Explorer<'_, T> {
    /// Goes on with a case, on one thread: value trees cannot move to another.
    pub async fn explore(
        &self,
        exploration: &mut Exploration,
        number: usize,
        case: &Case,
        snapshot: Option<&Document>,
        round: Round,
    ) {
        let samples = Samples::new(case, self.player.world, self.seed);
        let past = std::mem::take(&mut exploration.past);
        self.remember(past, exploration, case, &samples);
        exploration.rounds += 1;
        let range = round.range(samples.boundaries(), case.random_samples(self.samples));
        let here = Mark { rounds: round as usize, within: past.within };
        let subject = Subject { number, case, samples: &samples, snapshot };
        self.explore_samples(exploration, &subject, range, here).await;
    }

    /// Tries some samples of a case by themselves, on one thread: those of one case do not depend on each other.
    pub async fn explore_part(
        &self,
        number: usize,
        case: &Case,
        snapshot: Option<&Document>,
        part: Range<usize>,
    ) -> Exploration {
        let samples = Samples::new(case, self.player.world, self.seed);
        let mut exploration = Exploration { rounds: Round::ALL.len(), ..Exploration::default() };
        if case.is_uniform()
            && let Some(first) = samples.tree(0)
        {
            self.of_partition(&mut exploration.class, &first.current());
        }
        let subject = Subject { number, case, samples: &samples, snapshot };
        self.explore_samples(&mut exploration, &subject, part, Mark::default()).await;
        exploration
    }

    /// Tries samples of a range, beginning behind those that are done.
    async fn explore_samples(
        &self,
        exploration: &mut Exploration,
        subject: &Subject<'_>,
        range: Range<usize>,
        mut here: Mark,
    ) {
        let Exploration { explored, twins, refused, class, ended, cut, .. } = exploration;
        let Subject { number, case, samples, snapshot } = *subject;
        let begins = range.start;
        for index in range.skip(here.within) {
            here.within = index - begins;
            if let Some(stop) = self.limits.stop() {
                explored.stopped = Some(stop);
                break;
            }
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let place = Place { case: number, sample: index };
            if !sample.twin.is_empty() {
                let twin = hash(&sample.twin);
                let accepted = if let Some(accepted) = twins.get(&twin) {
                    *accepted
                } else {
                    let play = async {
                        let played = self.play(explored, None, &sample, Variation::Control).await;
                        let accepted = explored.note_twin(&played, &sample, place, self.census);
                        if accepted { Ok(()) } else { Err(blockers(&played)) }
                    };
                    let told = match self.twins {
                        Some(shared) => shared.get_or_execute(&sample.twin, play).await,
                        None => play.await,
                    };
                    let accepted = told.is_ok();
                    if !accepted && let Some(stop) = self.limits.stop() {
                        // It may not have been sent.
                        explored.stopped.get_or_insert(stop);
                    }
                    if explored.stopped.is_some() {
                        break;
                    }
                    if let Err(by) = told {
                        // Another case may have played it.
                        explored.unproven.get_or_insert_with(|| REFUSED.to_owned());
                        explored.unsent(&sample, by.as_ref());
                    }
                    if twins.len() < MOST_TWINS {
                        twins.insert(twin, accepted);
                    }
                    *refused += u32::from(!accepted);
                    accepted
                };
                if !accepted {
                    // Three refused twins are enough to see that this target cannot be tested so.
                    if *refused >= 3 {
                        *ended = true;
                        break;
                    }
                    continue;
                }
            }
            if case.is_uniform() && !self.of_partition(class, &sample) {
                continue;
            }
            let played = self.play(explored, snapshot, &sample, Variation::Mutated).await;
            let explained = self.explained(explored, &played, &sample, place, &case.requirement).await;
            explored.note_sample(&played, &sample, place, &explained, self.census);
            if explored.stopped.is_some() {
                break;
            }
            let fault = played.steps.last().and_then(|last| last.exchange.observed.as_ref().err());
            if fault.is_some_and(|fault| *fault != TransportFailure::NotConnected) {
                // One fault says what a hundred would, and each may cost the whole timeout.
                *ended = true;
                break;
            }
        }
        if explored.stopped.is_some() {
            // A sample that is cut off is played again.
            cut.get_or_insert(here);
        }
    }

    /// Takes the twins of samples that an earlier process has played for known: all of them were accepted,
    /// or the case would not be settled.
    fn remember(&self, past: Mark, exploration: &mut Exploration, case: &Case, samples: &Samples) {
        for (number, round) in Round::ALL.into_iter().enumerate().take(past.rounds + 1) {
            let played = round.range(samples.boundaries(), case.random_samples(self.samples));
            let played = played.take(if number < past.rounds { usize::MAX } else { past.within });
            for sample in played.filter_map(|index| samples.tree(index)).map(|tree| tree.current()) {
                if case.is_uniform() {
                    self.of_partition(&mut exploration.class, &sample);
                }
                if exploration.twins.len() < MOST_TWINS && !sample.twin.is_empty() {
                    exploration.twins.insert(hash(&sample.twin), true);
                }
            }
        }
    }

    /// Whether the request that a sample is about is of the same class as the case's first. What a
    /// fixture is called may make it another one.
    fn of_partition(&self, first: &mut Option<Class>, sample: &Sample) -> bool {
        let contract = &self.player.world.contract;
        let Some(last) = sample.steps.last() else { return false };
        // A placeholder keeps the constraints of what it stands for.
        let Ok(request) = last.call.request(contract, |output| Some(output.placeholder())) else {
            return false;
        };
        let class = classify(contract, &request).class;
        first.get_or_insert_with(|| class.clone()) == &class
    }

    /// The differences against the case's requirement in a field that is not right either if one of
    /// several deviations is there by itself. They are noted as what that one breaks.
    async fn explained(
        &self,
        explored: &mut Explored,
        played: &Executed,
        sample: &Sample,
        place: Place,
        requirement: &RequirementId,
    ) -> Explained {
        let mut explained = Explained::new();
        let own = || played.differences().filter(|difference| difference.requirement == *requirement);
        if own().next().is_none() {
            return explained;
        }
        for part in (0..).zip(&sample.alone).map(|(index, _)| Variation::Isolated(index)) {
            let alone = self.play(explored, None, sample, part).await;
            let mut is_shown = false;
            for difference in own() {
                let same = alone.differences().filter(|other| other.field == difference.field);
                let by: Blockers = same.cloned().collect();
                if !by.is_empty() {
                    is_shown = true;
                    explained.entry(difference.clone()).or_default().extend(by);
                }
            }
            if is_shown {
                explored.note(&alone, place, part, &Explained::new(), self.census);
            }
        }
        explained
    }

    async fn play(
        &self,
        explored: &mut Explored,
        snapshot: Option<&Document>,
        sample: &Sample,
        part: Variation,
    ) -> Executed {
        let played = self.player.execute_variation(snapshot, sample, part).await;
        self.evidence.note(&played);
        explored.held_to = explored.held_to.max(played.enforced_interval(&self.player.world.contract));
        if played.withheld {
            // What was not sent shows nothing: the case is not done.
            explored.stopped = explored.stopped.or(self.limits.stop()).or(Some(StopReason::Interrupted));
        }
        played
    }
}

fn hash(steps: &[Step]) -> u64 {
    let mut hasher = DefaultHasher::new();
    steps.hash(&mut hasher);
    hasher.finish()
}
