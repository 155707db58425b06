//! Runs one case: draws its samples, plays each beside its valid twin, and notes what differs.
//!
//! Nothing shrinks here. A difference is noted with the smallest sample that showed it; which of
//! them becomes a finding is decided when all cases are done, so that the order in which cases
//! happen to run changes no report.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cases::catalogue::{Case, CaseSeed};
use cases::generate::Step;
use cases::generate::{Sample, World};
use cases::id::RequirementId;
use cases::oracle::{Class, Field, classify};
use cases::requirement;
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use snapshots::Document;
use tokio::sync::OnceCell;

use crate::blocked::{Blocked, Blockers, Explained, blockers, explain};
use crate::census::{Census, Origin};
use crate::evidence::Evidence;
use crate::exchange::Fault;
use crate::judge::{Difference, Judgement};
use crate::limits::{Limits, Stop};
use crate::play::{Played, Player};
use crate::transport::Transport;
use crate::varying;
use crate::witness::{Size, Witness};

/// So many twins of a case are remembered.
const MOST_TWINS: usize = 1000;
/// What is to be said of a sample whose twin is refused.
const REFUSED: &str = "the same request without the deviation is not accepted";

/// What came of one case.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Explored {
    /// Requests sent.
    pub requests: u64,
    /// Answers judged.
    pub judged: u64,
    /// Samples whose last step was judged, with an accepted twin where they need one.
    pub proofs: u64,
    /// How many answers tested a requirement.
    pub tested: BTreeMap<RequirementId, u64>,
    /// Why answers that could have tested a requirement did not.
    pub silent: BTreeMap<RequirementId, String>,
    /// Every difference seen, with its smallest witness.
    #[serde(with = "pairs")]
    pub witnesses: BTreeMap<Difference, Witness<Shown>>,
    /// Why samples proved nothing, the first reason.
    pub unproven: Option<String>,
    /// What was not tested because a response was wrong.
    #[serde(default)]
    pub blocked: Blocked,
    /// Why some of its samples were not tried, though others were.
    pub left_out: Option<String>,
    /// Why the case ended early.
    #[serde(skip)]
    pub stopped: Option<Stop>,
    /// What was answered where the contract leaves it open, and how often.
    pub observed: BTreeMap<RequirementId, BTreeMap<String, u64>>,
    /// The longest interval that a session was held to, though calls did not wait for it.
    pub held_to: Option<Duration>,
}

/// The sequence of a case that showed a difference.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Shown {
    /// The index of the sample.
    pub sample: usize,
    /// Which of its sequences.
    pub part: Part,
}

/// One of the sequences of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The sample itself.
    Steps,
    /// The same with one of its deviations only.
    Alone(u16),
    /// Its valid twin.
    Twin,
}

impl Part {
    /// The steps of this part of a sample.
    pub fn of(self, sample: &Sample) -> &[Step] {
        match self {
            Part::Steps => &sample.steps,
            Part::Alone(index) => {
                sample.isolated.get(usize::from(index)).map(Vec::as_slice).unwrap_or_default()
            }
            Part::Twin => &sample.control,
        }
    }
}

/// The samples of a case by their index, each drawn from a seed of its own.
pub struct Samples {
    strategies: Vec<BoxedStrategy<Sample>>,
    seed: CaseSeed,
}

impl Samples {
    /// The samples of `case` in the run with the seed `run`.
    pub fn new(case: &Case, world: &Arc<World>, run: u64) -> Self {
        Self { strategies: case.strategies(world), seed: case.seed(run) }
    }

    /// How many samples are boundaries, which come first.
    pub fn boundaries(&self) -> usize {
        self.strategies.len().saturating_sub(1)
    }

    /// The sample at `index` as a tree that can shrink.
    pub fn tree(&self, index: usize) -> Option<Box<dyn ValueTree<Value = Sample>>> {
        let strategy = self.strategies.get(index).or(self.strategies.last())?;
        let seed = Sha256::new().chain_update(self.seed.0).chain_update(index.to_be_bytes()).finalize();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let config = Config { failure_persistence: None, ..Config::default() };
        strategy.new_tree(&mut TestRunner::new_with_rng(config, rng)).ok()
    }
}

/// A part of a case's samples. Every case has its turn in a round before the next one begins, so that
/// a run that ends early has seen as much as it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// The first boundary value.
    First,
    /// All other boundary values.
    Boundaries,
    /// Random samples.
    Random,
}

impl Round {
    /// All rounds, in order.
    pub const ALL: [Self; 3] = [Self::First, Self::Boundaries, Self::Random];

    /// The samples of this round, given how many boundary and random samples there are.
    fn range(self, boundaries: usize, random: usize) -> Range<usize> {
        let first = boundaries.min(1);
        match self {
            Self::First => 0..first,
            Self::Boundaries => first..boundaries,
            Self::Random => boundaries..boundaries + random,
        }
    }
}

/// How far a case is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// How many rounds are done.
    pub rounds: usize,
    /// How many samples of the next one are.
    pub within: usize,
}

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

/// The valid twins that cases share where requests are few, and whether the target accepts each, once
/// that is known.
#[derive(Debug, Default)]
pub struct Twins(Mutex<HashMap<Vec<Step>, Arc<OnceCell<Twin>>>>);

/// Whether the target accepts a twin, and what is wrong if it does not.
type Twin = Result<(), Option<Blockers>>;

impl Twins {
    /// Whether a twin is accepted, as is known already or as `play` tells. Who comes meanwhile waits.
    async fn accepted(&self, steps: &[Step], play: impl Future<Output = Twin>) -> Twin {
        let answer = {
            let mut twins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(twins.entry(steps.to_vec()).or_default())
        };
        answer.get_or_init(|| play).await.clone()
    }
}

/// What exploring a case needs.
pub struct Explorer<'a, T> {
    /// Plays the sequences.
    pub player: Player<'a, T>,
    /// Every single-use value of the run.
    pub census: &'a Census,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// The smallest sequences that showed something.
    pub(crate) evidence: &'a Evidence,
    /// The seed of the run.
    pub seed: u64,
    /// Random samples for each case, after its boundaries.
    pub samples: usize,
    /// The twins that are played once for all cases, if requests are few.
    pub twins: Option<&'a Twins>,
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
            if !sample.control.is_empty() {
                let twin = hash(&sample.control);
                let accepted = if let Some(accepted) = twins.get(&twin) {
                    *accepted
                } else {
                    let play = async {
                        let played = self.play(explored, None, &sample, Part::Twin).await;
                        let accepted = explored.note_twin(&played, &sample, place, self.census);
                        if accepted { Ok(()) } else { Err(blockers(&played)) }
                    };
                    let told = match self.twins {
                        Some(shared) => shared.accepted(&sample.control, play).await,
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
            let played = self.play(explored, snapshot, &sample, Part::Steps).await;
            let explained = self.explained(explored, &played, &sample, place, &case.requirement).await;
            explored.note_sample(&played, &sample, place, &explained, self.census);
            if explored.stopped.is_some() {
                break;
            }
            let fault = played.steps.last().and_then(|last| last.exchange.observed.as_ref().err());
            if fault.is_some_and(|fault| *fault != Fault::NotConnected) {
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
                if exploration.twins.len() < MOST_TWINS && !sample.control.is_empty() {
                    exploration.twins.insert(hash(&sample.control), true);
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
        played: &Played,
        sample: &Sample,
        place: Place,
        requirement: &RequirementId,
    ) -> Explained {
        let mut explained = Explained::new();
        let own = || played.differences().filter(|difference| difference.requirement == *requirement);
        if own().next().is_none() {
            return explained;
        }
        for part in (0..).zip(&sample.isolated).map(|(index, _)| Part::Alone(index)) {
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
        part: Part,
    ) -> Played {
        let played = self.player.play_part(snapshot, sample, part).await;
        self.evidence.note(&played);
        explored.held_to = explored.held_to.max(played.held_to(&self.player.world.contract));
        if played.withheld {
            // What was not sent shows nothing: the case is not done.
            explored.stopped = explored.stopped.or(self.limits.stop()).or(Some(Stop::Interrupted));
        }
        played
    }
}

fn hash(steps: &[Step]) -> u64 {
    let mut hasher = DefaultHasher::new();
    steps.hash(&mut hasher);
    hasher.finish()
}

/// Which sample of a run is meant.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The index of the case.
    pub case: usize,
    /// The index of the sample.
    pub sample: usize,
}

impl<T: Transport> Player<'_, T> {
    /// Plays one sequence of a sample, once more if it is lost on its way.
    pub async fn play_part(&self, snapshot: Option<&Document>, sample: &Sample, part: Part) -> Played {
        self.insist(snapshot, part.of(sample), sample.one_connection).await
    }
}

impl Explored {
    /// Takes note of a sample that was played. `explained` are differences that count elsewhere.
    pub fn note_sample(
        &mut self,
        played: &Played,
        sample: &Sample,
        place: Place,
        explained: &Explained,
        census: &Census,
    ) {
        self.note(played, place, Part::Steps, explained, census);
        let excuse = played.excuses().next().map(ToString::to_string);
        let reason = excuse.or_else(|| played.other_reason(explained));
        let is_whole = played.missing.is_none() && played.steps.len() == sample.steps.len();
        if reason.is_none() && is_whole {
            self.proofs += 1;
            return;
        }
        if let Some(reason) = reason {
            self.unproven.get_or_insert(reason);
        }
        if !played.withheld {
            let by = blockers(played).map(|by| explain(by, explained));
            self.blocked.sample(&sample.steps, played.steps.len(), by.as_ref());
        }
    }

    /// Takes note that a sample is not sent since its twin is refused: `by` says which differences show it.
    pub fn unsent(&mut self, sample: &Sample, by: Option<&Blockers>) {
        self.blocked.sample(&sample.steps, sample.steps.len().saturating_sub(1), by);
    }

    /// Takes note of the valid twin of a sample, and says whether the target accepts it.
    pub fn note_twin(&mut self, played: &Played, sample: &Sample, place: Place, census: &Census) -> bool {
        self.note(played, place, Part::Twin, &Explained::new(), census);
        let accepted = played.succeeded(&sample.control);
        if !accepted && !played.withheld {
            let reason = match played.excuses().next() {
                Some(excuse) => excuse.to_string(),
                None => format!("{REFUSED}: {}", played.last_status()),
            };
            self.unproven.get_or_insert(reason);
        }
        accepted
    }

    /// Whether it is known for good what the samples so far show: each was played and proved something.
    pub fn is_settled(&self) -> bool {
        self.unproven.is_none() && !self.witnesses.keys().any(Difference::is_fault)
    }

    /// All that is counted in it.
    pub fn counts(&self) -> impl Iterator<Item = u64> {
        let observed = self.observed.values().flat_map(BTreeMap::values);
        let witnesses = self.witnesses.values().map(|witness| &witness.count);
        let lists = self.tested.values().chain(observed).chain(witnesses);
        [self.requests, self.judged, self.proofs].into_iter().chain(lists.copied())
    }

    /// Adds what other samples of the same case showed.
    pub fn join(&mut self, other: Explored) {
        self.proofs += other.proofs;
        self.unproven = self.unproven.take().or_else(|| other.unproven.clone());
        self.left_out = self.left_out.take().or_else(|| other.left_out.clone());
        self.stopped = self.stopped.or(other.stopped);
        self.held_to = self.held_to.max(other.held_to);
        self.add(other);
    }

    /// Adds what the same case showed before, when its calls did not wait.
    pub fn add(&mut self, before: Explored) {
        self.requests += before.requests;
        self.judged += before.judged;
        self.blocked.add(before.blocked);
        for (requirement, count) in before.tested {
            *self.tested.entry(requirement).or_default() += count;
        }
        self.silent.extend(before.silent);
        for (requirement, seen) in before.observed {
            let observed = self.observed.entry(requirement).or_default();
            for (answer, count) in seen {
                *observed.entry(answer).or_default() += count;
            }
        }
        for (difference, witness) in before.witnesses {
            varying::note(&mut self.witnesses, difference, witness);
        }
    }

    fn note(&mut self, played: &Played, place: Place, part: Part, explained: &Explained, census: &Census) {
        self.requests += played.requests();
        if let Some((operation, fault)) = &played.lost {
            let seen = format!("{fault}, but an answer when it was sent once more");
            *self.observed.entry(requirement::stability(operation)).or_default().entry(seen).or_default() +=
                1;
        }
        self.blocked.note(played, explained);
        for (index, step) in played.steps.iter().enumerate() {
            let origin = Origin::new(place.case, place.sample, part, index);
            // What a success issues that should be a refusal is a part of what is wrong with it.
            let issued = step.issued.as_ref().filter(|_| step.expectation.may_be_success());
            let compared = issued.filter(|issued| census.note(&issued.value, origin));
            let Judgement::Judged { differences, tested, silent } = &step.judgement else { continue };
            self.judged += 1;
            if step.expectation.is_open() {
                let seen = format!("{}: {}", Field::Status, step.outcome.get(&Field::Status));
                let observed = self.observed.entry(step.step.requirement.clone()).or_default();
                *observed.entry(seen).or_default() += 1;
            }
            *self.tested.entry(requirement::stability(&step.step.call.operation)).or_default() += 1;
            let unique = compared.map(|issued| &issued.unique).filter(|unique| !tested.contains(*unique));
            for requirement in tested.iter().chain(unique) {
                *self.tested.entry(requirement.clone()).or_default() += 1;
            }
            for (requirement, reason) in silent {
                self.silent.entry(requirement.clone()).or_insert_with(|| (*reason).to_owned());
            }
            for difference in differences.iter().filter(|difference| !explained.contains_key(*difference)) {
                let Some(shown) = played.up_to(difference) else { continue };
                let place = Shown { sample: place.sample, part };
                let witness = Witness { place, size: Size::of(shown), count: 1 };
                varying::note(&mut self.witnesses, difference.clone(), witness);
            }
        }
    }
}

/// A map as a list of pairs, as keys of a JSON object are texts only.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
