//! What one case showed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use cases::generate::Sample;
use cases::id::RequirementId;
use cases::oracle::Field;
use cases::requirement;
use serde::{Deserialize, Serialize};

use crate::execute::executed::{Executed, ExecutedStep};
use crate::execute::samples::Variation;
use crate::execute::token_registry::{Origin, TokenRegistry};
use crate::judge::judgement::{Blockers, Difference, Explained, Judgement};
use crate::limits::StopReason;
use crate::results::blocked::{Blocked, blockers, explain};
use crate::results::occurrence;
use crate::results::occurrence::{Occurrence, Size};

/// The index of a case in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseIndex(pub usize);

/// The outcomes of the cases of a catalogue. A case without an outcome has not run.
#[derive(Debug, Default)]
pub struct CaseOutcomes(BTreeMap<CaseIndex, CaseOutcome>);

/// What became of a case.
#[expect(clippy::large_enum_variant, reason = "there is one of them for each case")]
#[derive(Debug)]
pub enum CaseOutcome {
    /// It ran, perhaps not to its end.
    Ran(CaseEvidence),
    /// It could not run, and why.
    Skipped(String),
    /// The user left it out.
    Unselected,
}

impl CaseOutcome {
    /// What the case showed, if it ran.
    pub fn evidence(&self) -> Option<&CaseEvidence> {
        match self {
            CaseOutcome::Ran(evidence) => Some(evidence),
            CaseOutcome::Skipped(_) | CaseOutcome::Unselected => None,
        }
    }
}

impl CaseOutcomes {
    /// The outcome of a case, if it has one.
    pub fn get(&self, case: CaseIndex) -> Option<&CaseOutcome> {
        self.0.get(&case)
    }

    /// Sets the outcome of a case.
    pub(crate) fn insert(&mut self, case: CaseIndex, outcome: CaseOutcome) {
        self.0.insert(case, outcome);
    }

    /// Removes the outcome of a case.
    pub(crate) fn take(&mut self, case: CaseIndex) -> Option<CaseOutcome> {
        self.0.remove(&case)
    }

    /// Removes the outcome of a case, so that it runs again, and returns what the case showed.
    pub(crate) fn take_evidence(&mut self, case: CaseIndex) -> Option<CaseEvidence> {
        match self.take(case) {
            Some(CaseOutcome::Ran(evidence)) => Some(evidence),
            _ => None,
        }
    }

    /// Adds what a case showed before it ran again. That counts even if it could not run again.
    pub(crate) fn add_before(&mut self, case: CaseIndex, before: CaseEvidence) {
        match self.0.get_mut(&case) {
            Some(CaseOutcome::Ran(evidence)) => evidence.add(before),
            _ if !before.occurrences.is_empty() => self.insert(case, CaseOutcome::Ran(before)),
            _ => {}
        }
    }

    /// All outcomes, in the order of the catalogue.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CaseOutcome> {
        self.0.values()
    }

    /// What a case showed, if it ran.
    pub(crate) fn evidence_of(&self, case: CaseIndex) -> Option<&CaseEvidence> {
        self.get(case)?.evidence()
    }

    /// What the cases showed that ran, in the order of the catalogue.
    pub(crate) fn evidence(&self) -> impl Iterator<Item = (CaseIndex, &CaseEvidence)> {
        self.0.iter().filter_map(|(case, outcome)| Some((*case, outcome.evidence()?)))
    }

    /// What the cases showed that ran, mutable.
    pub(crate) fn evidence_mut(&mut self) -> impl Iterator<Item = &mut CaseEvidence> {
        self.0.values_mut().filter_map(|outcome| match outcome {
            CaseOutcome::Ran(evidence) => Some(evidence),
            CaseOutcome::Skipped(_) | CaseOutcome::Unselected => None,
        })
    }

    /// How many responses tested a requirement.
    pub(crate) fn responses(&self, requirement: &RequirementId) -> u64 {
        self.evidence().filter_map(|(_, evidence)| evidence.tested.get(requirement)).sum()
    }
}

impl FromIterator<(CaseIndex, CaseOutcome)> for CaseOutcomes {
    fn from_iter<I: IntoIterator<Item = (CaseIndex, CaseOutcome)>>(outcomes: I) -> Self {
        Self(outcomes.into_iter().collect())
    }
}

/// Why a sample proves nothing if the target rejects its control.
pub(crate) const REJECTED: &str = "the same request without the mutation is not accepted";

/// What one case showed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CaseEvidence {
    /// Requests sent.
    pub requests: u64,
    /// Responses judged.
    pub judged: u64,
    /// Samples whose last step was judged, with an accepted control where they need one.
    pub proofs: u64,
    /// How many responses tested each requirement.
    pub tested: BTreeMap<RequirementId, u64>,
    /// Why responses that could have tested a requirement did not.
    pub silent: BTreeMap<RequirementId, String>,
    /// Every difference seen, with its smallest occurrence.
    #[serde(with = "pairs")]
    pub occurrences: BTreeMap<Difference, Occurrence<SequenceRef>>,
    /// The first reason why a sample proved nothing.
    pub unproven: Option<String>,
    /// What was not tested because a response was wrong.
    #[serde(default)]
    pub blocked: Blocked,
    /// Why some of its samples were not sent, though others were.
    pub left_out: Option<String>,
    /// Why the case ended early.
    #[serde(skip)]
    pub stopped: Option<StopReason>,
    /// The responses where the contract allows several, and how often each came.
    pub observed: BTreeMap<RequirementId, BTreeMap<String, u64>>,
    /// The longest poll interval that the target enforced on a session whose calls did not wait.
    pub enforced_interval: Option<Duration>,
}

/// One sequence of a case.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SequenceRef {
    /// The index of the sample.
    pub sample: usize,
    /// Which of its sequences.
    pub part: Variation,
}

/// A part of a case's samples. No case begins a round before every case has ended the previous one, so
/// that a run that ends early has tested as many requirements as it could.
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

/// How far a case has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunMark {
    /// How many rounds are done.
    pub rounds: usize,
    /// How many samples of the next round are done.
    pub within: usize,
}

/// One sample of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleRef {
    /// The case.
    pub case: CaseIndex,
    /// The index of the sample.
    pub sample: usize,
}

impl CaseEvidence {
    /// Records a sample that was sent. Differences in `explained` count elsewhere.
    pub fn record_sample(
        &mut self,
        executed: &Executed,
        sample: &Sample,
        sample_ref: SampleRef,
        explained: &Explained,
        registry: &TokenRegistry,
    ) {
        self.record_sequence(executed, sample_ref, Variation::Mutated, explained, registry);
        let excuse = executed.not_attributable().next().map(ToString::to_string);
        let reason = excuse.or_else(|| executed.refused_for_other_reason(explained));
        let is_whole = executed.missing.is_none() && executed.steps.len() == sample.steps.len();
        if reason.is_none() && is_whole {
            self.proofs += 1;
            return;
        }
        if let Some(reason) = reason {
            self.unproven.get_or_insert(reason);
        }
        if !executed.withheld {
            let by = blockers(executed).map(|by| explain(by, explained));
            self.blocked.record_sample(&sample.steps, executed.steps.len(), by.as_ref());
        }
    }

    /// Records that a sample is not sent since the target rejects its control. `by` are the differences
    /// that show why.
    pub fn record_unsent(&mut self, sample: &Sample, by: Option<&Blockers>) {
        self.blocked.record_sample(&sample.steps, sample.steps.len().saturating_sub(1), by);
    }

    /// Records the control of a sample, and returns whether the target accepts it.
    pub fn record_control(
        &mut self,
        executed: &Executed,
        sample: &Sample,
        sample_ref: SampleRef,
        registry: &TokenRegistry,
    ) -> bool {
        self.record_sequence(executed, sample_ref, Variation::Control, &Explained::new(), registry);
        let accepted = executed.succeeded(&sample.control);
        if !accepted && !executed.withheld {
            let reason = match executed.not_attributable().next() {
                Some(excuse) => excuse.to_string(),
                None => format!("{REJECTED}: {}", executed.last_status()),
            };
            self.unproven.get_or_insert(reason);
        }
        accepted
    }

    /// Whether sending the samples again would add nothing: each was sent and proved something.
    pub fn is_final(&self) -> bool {
        self.unproven.is_none() && !self.occurrences.keys().any(Difference::is_no_response)
    }

    /// Every number that this type counts.
    pub fn counts(&self) -> impl Iterator<Item = u64> {
        let observed = self.observed.values().flat_map(BTreeMap::values);
        let occurrences = self.occurrences.values().map(|occurrence| &occurrence.count);
        let lists = self.tested.values().chain(observed).chain(occurrences);
        [self.requests, self.judged, self.proofs].into_iter().chain(lists.copied())
    }

    /// Adds what other samples of the same case showed.
    pub fn join(&mut self, other: CaseEvidence) {
        self.proofs += other.proofs;
        self.unproven = self.unproven.take().or_else(|| other.unproven.clone());
        self.left_out = self.left_out.take().or_else(|| other.left_out.clone());
        self.stopped = self.stopped.or(other.stopped);
        self.enforced_interval = self.enforced_interval.max(other.enforced_interval);
        self.add(other);
    }

    /// Adds what the same samples showed before, when their calls did not wait.
    pub fn add(&mut self, before: CaseEvidence) {
        self.requests += before.requests;
        self.judged += before.judged;
        self.blocked.add(before.blocked);
        for (requirement, count) in before.tested {
            *self.tested.entry(requirement).or_default() += count;
        }
        self.silent.extend(before.silent);
        for (requirement, seen) in before.observed {
            let observed = self.observed.entry(requirement).or_default();
            for (response, count) in seen {
                *observed.entry(response).or_default() += count;
            }
        }
        for (difference, occurrence) in before.occurrences {
            occurrence::record_capped(&mut self.occurrences, difference, occurrence);
        }
    }

    /// Records one sequence of a sample.
    pub(crate) fn record_sequence(
        &mut self,
        executed: &Executed,
        sample_ref: SampleRef,
        part: Variation,
        explained: &Explained,
        registry: &TokenRegistry,
    ) {
        self.requests += executed.requests();
        if let Some((operation, failure)) = &executed.lost {
            self.observe(
                requirement::stability(operation),
                format!("{failure}, but a response when it was sent again"),
            );
        }
        self.blocked.record_sequence(executed, explained);
        for (index, step) in executed.steps.iter().enumerate() {
            let origin = Origin::new(sample_ref.case.0, sample_ref.sample, part, index);
            self.record_step(step, origin, registry);
        }
        for difference in executed.differences().filter(|difference| !explained.contains_key(*difference)) {
            let Some(shown) = executed.prefix_showing(difference) else { continue };
            let place = SequenceRef { sample: sample_ref.sample, part };
            let occurrence = Occurrence { place, size: Size::of(shown), count: 1 };
            occurrence::record_capped(&mut self.occurrences, difference.clone(), occurrence);
        }
    }

    /// Counts what one response tested.
    fn record_step(&mut self, step: &ExecutedStep, origin: Origin, registry: &TokenRegistry) {
        // A value that is issued by a success which should be a rejection is part of what is wrong with it.
        let issued = step.issued.as_ref().filter(|_| step.expectation.may_be_success());
        let compared = issued.filter(|issued| registry.insert(&issued.value, origin));
        let Judgement::Compared { tested, silent, .. } = &step.judgement else { return };
        self.judged += 1;
        if step.expectation.is_open() {
            let seen = format!("{}: {}", Field::Status, step.outcome.get(&Field::Status));
            self.observe(step.step.requirement.clone(), seen);
        }
        self.count_test(requirement::stability(&step.step.call.operation));
        let unique = compared.map(|issued| &issued.unique).filter(|unique| !tested.contains(*unique));
        for requirement in tested.iter().chain(unique) {
            self.count_test(requirement.clone());
        }
        for (requirement, reason) in silent {
            self.silent.entry(requirement.clone()).or_insert_with(|| (*reason).to_owned());
        }
    }

    fn observe(&mut self, requirement: RequirementId, seen: String) {
        *self.observed.entry(requirement).or_default().entry(seen).or_default() += 1;
    }

    fn count_test(&mut self, requirement: RequirementId) {
        *self.tested.entry(requirement).or_default() += 1;
    }
}

/// Serializes a map as a list of pairs, since the keys of a JSON object can only be strings.
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
