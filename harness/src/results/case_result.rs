//! What came of one case.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use cases::generate::Sample;
use cases::id::RequirementId;
use cases::oracle::Field;
use cases::requirement;
use serde::{Deserialize, Serialize};

use crate::execute::executed::Executed;
use crate::execute::samples::Variation;
use crate::execute::token_registry::{Origin, TokenRegistry};
use crate::judge::judgement::{Blockers, Difference, Explained, Judgement};
use crate::limits::StopReason;
use crate::results::blocked::{Blocked, blockers, explain};
use crate::results::occurrence;
use crate::results::occurrence::{Size, Witness};

/// What became of a case.
#[expect(clippy::large_enum_variant, reason = "there is one of them for each case")]
#[derive(Debug)]
pub enum Tried {
    /// It ran, maybe not to its end.
    Explored(Explored),
    /// It could not run, and why.
    Skipped(String),
    /// The user left it out.
    Unselected,
}

impl Tried {
    /// What a case showed, if it ran.
    pub fn explored(&self) -> Option<&Explored> {
        match self {
            Tried::Explored(explored) => Some(explored),
            Tried::Skipped(_) | Tried::Unselected => None,
        }
    }
}

/// What is to be said of a sample whose twin is refused.
pub(crate) const REFUSED: &str = "the same request without the deviation is not accepted";

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
    pub stopped: Option<StopReason>,
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
    pub part: Variation,
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
    pub(crate) fn range(self, boundaries: usize, random: usize) -> Range<usize> {
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

/// Which sample of a run is meant.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The index of the case.
    pub case: usize,
    /// The index of the sample.
    pub sample: usize,
}

impl Explored {
    /// Takes note of a sample that was played. `explained` are differences that count elsewhere.
    pub fn note_sample(
        &mut self,
        played: &Executed,
        sample: &Sample,
        place: Place,
        explained: &Explained,
        census: &TokenRegistry,
    ) {
        self.note(played, place, Variation::Mutated, explained, census);
        let excuse = played.not_attributable().next().map(ToString::to_string);
        let reason = excuse.or_else(|| played.refused_for_other_reason(explained));
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
    pub fn note_twin(
        &mut self,
        played: &Executed,
        sample: &Sample,
        place: Place,
        census: &TokenRegistry,
    ) -> bool {
        self.note(played, place, Variation::Control, &Explained::new(), census);
        let accepted = played.succeeded(&sample.twin);
        if !accepted && !played.withheld {
            let reason = match played.not_attributable().next() {
                Some(excuse) => excuse.to_string(),
                None => format!("{REFUSED}: {}", played.last_status()),
            };
            self.unproven.get_or_insert(reason);
        }
        accepted
    }

    /// Whether it is known for good what the samples so far show: each was played and proved something.
    pub fn is_settled(&self) -> bool {
        self.unproven.is_none() && !self.witnesses.keys().any(Difference::is_no_response)
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
            occurrence::note_capped(&mut self.witnesses, difference, witness);
        }
    }

    pub(crate) fn note(
        &mut self,
        played: &Executed,
        place: Place,
        part: Variation,
        explained: &Explained,
        census: &TokenRegistry,
    ) {
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
            let compared = issued.filter(|issued| census.insert(&issued.value, origin));
            let Judgement::Compared { differences, tested, silent } = &step.judgement else { continue };
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
                let Some(shown) = played.prefix_showing(difference) else { continue };
                let place = Shown { sample: place.sample, part };
                let witness = Witness { place, size: Size::of(shown), count: 1 };
                occurrence::note_capped(&mut self.witnesses, difference.clone(), witness);
            }
        }
    }
}

/// A map as a list of pairs, as keys of a JSON object are texts only.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
