//! What a target does not offer: its cases are not sent, but for one that tells when it is offered after
//! all. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::catalogue::{Case, Catalogue};
use cases::id::RequirementId;

use super::KnownFailures;
use crate::explore::Explored;
use crate::verdict::Tried;

/// The cases of a catalogue that are not sent, and those that are sent once in their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotOffered {
    reasons: BTreeMap<usize, String>,
    probes: BTreeSet<usize>,
    requirements: BTreeMap<RequirementId, String>,
}

impl NotOffered {
    /// Why the case with this index is not sent, if it is not.
    pub fn reason(&self, case: usize) -> Option<&str> {
        self.reasons.get(&case).filter(|_| !self.is_probe(case)).map(String::as_str)
    }

    /// What became of the case with this index: one that was sent to see whether it is offered, and proved
    /// nothing, is skipped like the others.
    pub(crate) fn judged(&self, case: usize, tried: Tried) -> Tried {
        let proves_nothing = |explored: &Explored| explored.proofs == 0 && explored.witnesses.is_empty();
        match (self.reasons.get(&case), tried) {
            (Some(reason), Tried::Explored(explored)) if proves_nothing(&explored) => {
                Tried::Skipped(reason.clone())
            }
            (_, tried) => tried,
        }
    }

    /// Why nothing tells of a requirement on every response, if it is not offered.
    pub fn of_requirement(&self, requirement: &RequirementId) -> Option<&str> {
        self.requirements.get(requirement).map(String::as_str)
    }

    /// Whether only the first sample of this case is sent, to see whether it is offered.
    pub fn is_probe(&self, case: usize) -> bool {
        self.probes.contains(&case)
    }
}

impl KnownFailures {
    /// What of the catalogue the target does not offer on the day of a time stamp. Of the cases of each
    /// entry one that `can_be_sent` is: a valid call, if there is one.
    pub fn not_offered(
        &self,
        catalogue: &Catalogue,
        started_at: &str,
        can_be_sent: impl Fn(usize, &Case) -> bool,
    ) -> NotOffered {
        let requirements = catalogue.requirements.iter().map(|requirement| requirement.id.to_string());
        let ids: Vec<String> =
            requirements.chain(catalogue.cases.iter().map(|case| case.id.to_string())).collect();
        let mut not_offered = NotOffered::default();
        for active in self.active(&ids, started_at) {
            if active.expired || !active.entry.not_offered {
                continue;
            }
            let matches = |case: &Case| {
                [case.id.as_str(), case.requirement.as_str()].into_iter().any(|id| active.pattern.matches(id))
            };
            let cases = || catalogue.cases.iter().enumerate().filter(|(_, case)| matches(case));
            let reason = format!("not offered: {} ({})", active.entry.reason, active.entry.place());
            for (index, _) in cases() {
                not_offered.reasons.entry(index).or_insert_with(|| reason.clone());
            }
            for requirement in
                catalogue.requirements.iter().filter(|it| active.pattern.matches(it.id.as_str()))
            {
                not_offered.requirements.entry(requirement.id.clone()).or_insert_with(|| reason.clone());
            }
            let probe = cases().filter(|(index, case)| can_be_sent(*index, case)).min_by_key(|(_, case)| {
                (!case.waiting_time().is_zero(), case.is_exclusive(), !case.is_valid_call())
            });
            not_offered.probes.extend(probe.map(|(index, _)| index));
        }
        not_offered
    }
}
