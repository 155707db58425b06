//! What a target does not offer: its cases are not sent, except for one that shows whether it is offered
//! after all. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::catalogue::{Case, Catalogue};
use cases::id::RequirementId;

use crate::config::known_failures::KnownFailures;
use crate::results::case_result::{CaseEvidence, CaseIndex, CaseOutcome};

/// The cases of a catalogue that are not sent, and the probes that are sent once instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotOffered {
    reasons: BTreeMap<CaseIndex, String>,
    probes: BTreeSet<CaseIndex>,
    requirements: BTreeMap<RequirementId, String>,
}

impl NotOffered {
    /// Why a case is not sent, if it is not.
    pub fn reason(&self, case: CaseIndex) -> Option<&str> {
        self.reasons.get(&case).filter(|_| !self.is_probe(case)).map(String::as_str)
    }

    /// The final outcome of a case: a probe that proved nothing is skipped like the
    /// others.
    pub(crate) fn final_outcome(&self, case: CaseIndex, outcome: CaseOutcome) -> CaseOutcome {
        let proves_nothing =
            |evidence: &CaseEvidence| evidence.proofs == 0 && evidence.occurrences.is_empty();
        match (self.reasons.get(&case), outcome) {
            (Some(reason), CaseOutcome::Ran(evidence)) if proves_nothing(&evidence) => {
                CaseOutcome::Skipped(reason.clone())
            }
            (_, outcome) => outcome,
        }
    }

    /// Why a requirement on every response is not tested, if it is not offered.
    pub fn requirement_reason(&self, requirement: &RequirementId) -> Option<&str> {
        self.requirements.get(requirement).map(String::as_str)
    }

    /// Whether only the first sample of this case is sent, as a probe.
    pub fn is_probe(&self, case: CaseIndex) -> bool {
        self.probes.contains(&case)
    }
}

impl KnownFailures {
    /// What of the catalogue the target does not offer on the day of a time stamp. One case of each entry is
    /// a probe: one that `can_be_sent`, a valid call if there is one.
    pub fn not_offered(
        &self,
        catalogue: &Catalogue,
        started_at: &str,
        can_be_sent: impl Fn(CaseIndex, &Case) -> bool,
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
            let cases = || (0..).map(CaseIndex).zip(&catalogue.cases).filter(|(_, case)| matches(case));
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn known(text: &str) -> KnownFailures {
        KnownFailures::parse(text, Path::new("known.toml")).unwrap()
    }

    fn entry(case: &str) -> String {
        format!("[[known]]\ncase = {case:?}\nreason = \"r\"\n")
    }

    #[test]
    fn only_probe_is_sent_of_what_is_not_offered() {
        let contract = cases::contract::Contract::model().unwrap();
        let catalogue = Catalogue::of(&contract);
        let id = |index: CaseIndex| catalogue.cases[index.0].id.as_str();
        let sort = |text: &str, sent: fn(&str) -> bool| {
            let started = "2026-03-01T12:00:00Z";
            let of = known(text).not_offered(&catalogue, started, |_, case| sent(case.id.as_str()));
            let all = (0..catalogue.cases.len()).map(CaseIndex);
            let skipped: Vec<&str> = all.clone().filter(|it| of.reason(*it).is_some()).map(id).collect();
            let probes: Vec<&str> = all.filter(|it| of.is_probe(*it)).map(id).collect();
            (skipped, probes, of)
        };
        let operation = entry("get-latest-configuration") + "not_offered = true\n";
        let (skipped, probes, of) = sort(&operation, |_| true);
        assert_eq!(probes, ["get-latest-configuration/accepts/first-call"]);
        let all = catalogue.cases.iter().filter(|case| case.operation == "GetLatestConfiguration").count();
        assert_eq!(skipped.len(), all - 1);
        assert!(skipped.iter().all(|id| id.starts_with("get-latest-configuration/")));
        let first =
            catalogue.cases.iter().position(|case| case.id.as_str() == skipped[0]).map(CaseIndex).unwrap();
        assert_eq!(of.reason(first), Some("not offered: r (known.toml:1)"));
        let errors = RequirementId::new(["get-latest-configuration", "errors", "type"]);
        assert_eq!(of.requirement_reason(&errors), of.reason(first));
        // The probe is one that can be sent.
        let (_, probes, _) = sort(&operation, |id| id.contains("/configuration-token/required/"));
        assert_eq!(probes.len(), 1, "{probes:?}");
        assert!(probes[0].contains("/configuration-token/required/"), "{probes:?}");
        let expired = operation + "expires = 2026-02-28\n";
        assert_eq!(sort(&expired, |_| true).2, NotOffered::default());
        assert_eq!(sort(&entry("get-latest-configuration"), |_| true).2, NotOffered::default());
    }
}
