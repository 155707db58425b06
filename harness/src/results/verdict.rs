//! Sums up what the cases showed: a verdict on each case and each requirement. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::catalogue::{Case, Catalogue};
use cases::generate::World;
use cases::id::RequirementId;
use cases::oracle::Value;
use cases::requirement::{Requirement, stability};
use reports::model::{
    BlockingFailure, CaseResult, Finding, RecordedRequest, RequirementResult, Totals, UNSELECTED, Verdict,
    VerdictCounts,
};
use reports::summary::{Explained, verdict_if_tested, verdict_of_cases};

use crate::judge::judgement::{Blockers, Difference};
use crate::limits::StopReason;
use crate::results::blocked::Blocked;
use crate::results::case_result::{CaseEvidence, CaseIndex, CaseOutcome, CaseOutcomes};
use crate::results::not_offered::NotOffered;

/// Why a requirement on an optional part of a response was not tested.
const UNCARRIED: &str = "no response carried what the requirement is about";

/// What each difference amounts to.
pub type Confirmed = BTreeMap<Difference, ConfirmedDifference>;

/// What a difference amounts to after it was reproduced, or could not be.
#[derive(Debug, Clone)]
pub struct ConfirmedDifference {
    /// Failed, flaky or inconclusive.
    pub verdict: Verdict,
    /// The finding, if there is one.
    pub finding: Option<Finding>,
    /// Why it is inconclusive.
    pub reason: Option<String>,
}

impl ConfirmedDifference {
    /// Notes in the finding why its sequence may not be the smallest.
    #[must_use]
    pub fn not_minimized(mut self, why: String) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.not_minimized = Some(why);
        }
        self
    }

    /// A difference that proves nothing, and why.
    pub fn inconclusive(reason: String) -> Self {
        Self { verdict: Verdict::Inconclusive, finding: None, reason: Some(reason) }
    }
}

/// All that the results of a run are made of: its cases, their outcomes, and what the differences amount to.
pub struct Summary<'a> {
    /// Contract and fixtures.
    pub world: &'a World,
    /// The catalogue of the contract.
    pub catalogue: &'a Catalogue,
    /// The outcome of each case.
    pub outcomes: &'a CaseOutcomes,
    /// What each difference amounts to.
    pub confirmed: &'a Confirmed,
    /// What the target does not offer.
    pub not_offered: &'a NotOffered,
}

/// The totals of a run that sent this number of requests.
pub fn totals(results: &[RequirementResult], outcomes: &CaseOutcomes, requests: u64) -> Totals {
    let mut requirements = VerdictCounts::default();
    for result in results {
        requirements.add(result.verdict);
    }
    Totals {
        requirements,
        cases: outcomes.evidence().filter(|(_, evidence)| evidence.requests > 0).count() as u64,
        requests,
        responses: outcomes.evidence().map(|(_, evidence)| evidence.judged).sum(),
    }
}

impl Summary<'_> {
    /// The result of every requirement, in the order of the catalogue.
    pub fn results(&self) -> Vec<RequirementResult> {
        self.catalogue.requirements.iter().map(|requirement| self.result(requirement)).collect()
    }

    /// The cases with their outcomes.
    fn cases(&self) -> impl Iterator<Item = (&Case, &CaseOutcome)> {
        let cases = (0..).map(CaseIndex).zip(&self.catalogue.cases);
        cases.filter_map(|(index, case)| Some((case, self.outcomes.get(index)?)))
    }

    fn evidence(&self) -> impl Iterator<Item = &CaseEvidence> {
        self.outcomes.evidence().map(|(_, evidence)| evidence)
    }

    fn result(&self, requirement: &Requirement) -> RequirementResult {
        let own = self.cases().filter(|(case, _)| case.requirement == requirement.id);
        let cases: Vec<CaseResult> = own.map(|(case, outcome)| self.case_result(case, outcome)).collect();
        let responses = self.outcomes.responses(&requirement.id);
        let ((verdict, reason), depends_on) = self.judged(requirement, &cases, responses);
        let is_shown_by_findings = matches!(verdict, Verdict::Failed | Verdict::Flaky);
        RequirementResult {
            id: requirement.id.clone(),
            operation: requirement.operation.clone(),
            level: requirement.level,
            text: requirement.text.clone(),
            source: requirement.source.clone(),
            verdict,
            reason: reason.filter(|_| !is_shown_by_findings),
            requests: cases.iter().map(|case| case.requests).sum(),
            responses,
            depends_on,
            cases,
            findings: self.findings(requirement),
            observations: self.observations(requirement),
        }
    }

    /// The verdict on a requirement, and the failures that it depends on if nothing tested it.
    fn judged(
        &self,
        requirement: &Requirement,
        cases: &[CaseResult],
        responses: u64,
    ) -> (Explained, Vec<BlockingFailure>) {
        let (judged, depends_on) = if cases.is_empty() {
            self.judged_without_cases(requirement, responses)
        } else {
            (verdict_of_cases(cases, responses), shared_dependencies(cases))
        };
        let worst = self.differences_of(requirement).map(|(_, it)| it).min_by_key(|it| it.verdict);
        match worst.filter(|worst| worst.verdict < judged.0) {
            Some(worst) => ((worst.verdict, worst.reason.clone()), Vec::new()),
            None => (judged, depends_on),
        }
    }

    /// The responses where the contract allows several, and how often each came.
    fn observations(&self, requirement: &Requirement) -> BTreeMap<String, u64> {
        let mut observations: BTreeMap<String, u64> = BTreeMap::new();
        for (seen, count) in self.evidence().filter_map(|it| it.observed.get(&requirement.id)).flatten() {
            *observations.entry(seen.clone()).or_default() += count;
        }
        observations
    }

    /// The differences against a requirement.
    fn differences_of(
        &self,
        requirement: &Requirement,
    ) -> impl Iterator<Item = (&Difference, &ConfirmedDifference)> {
        self.confirmed.iter().filter(|(difference, _)| difference.requirement == requirement.id)
    }

    fn findings(&self, requirement: &Requirement) -> Vec<Finding> {
        let own = || self.cases().filter(|(case, _)| case.requirement == requirement.id);
        let showed = |difference: &Difference| {
            let shows = |outcome: &CaseOutcome| {
                outcome.evidence().is_some_and(|it| it.occurrences.contains_key(difference))
            };
            own().filter(|(_, outcome)| shows(outcome)).map(|(case, _)| case.id.clone()).collect()
        };
        let finding = |(difference, confirmed): (&Difference, &ConfirmedDifference)| {
            Some(Finding { cases: showed(difference), ..confirmed.finding.clone()? })
        };
        let mut findings: Vec<Finding> = self.differences_of(requirement).filter_map(finding).collect();
        findings.sort_by(|a, b| (a.verdict, &a.case).cmp(&(b.verdict, &b.case)));
        merge_findings(findings)
    }

    fn case_result(&self, case: &Case, outcome: &CaseOutcome) -> CaseResult {
        let skipped = |reason: &str| ((Verdict::Skipped, Some(reason.to_owned())), Vec::new());
        let ((verdict, reason), depends_on) = match outcome {
            CaseOutcome::Skipped(reason) => skipped(reason),
            CaseOutcome::Unselected => skipped(UNSELECTED),
            CaseOutcome::Ran(evidence) => self.judged_case(case, evidence),
        };
        let requests = outcome.evidence().map_or(0, |evidence| evidence.requests);
        CaseResult { id: case.id.clone(), verdict, reason, requests, depends_on }
    }

    /// The verdict on a case that ran, and the failures that it depends on if nothing tested it.
    fn judged_case(&self, case: &Case, evidence: &CaseEvidence) -> (Explained, Vec<BlockingFailure>) {
        let own = evidence.occurrences.keys().filter(|it| it.requirement == case.requirement);
        let worst = own.filter_map(|difference| self.confirmed.get(difference)).min_by_key(|it| it.verdict);
        if let Some(worst) = worst {
            return ((worst.verdict, worst.reason.clone()), Vec::new());
        }
        let judged = judged_without_difference(evidence, &case.requirement);
        let is_blocked = judged.0 == Verdict::Inconclusive && !evidence.blocked.otherwise;
        let depends_on = if is_blocked { self.failures(&evidence.blocked.samples) } else { Vec::new() };
        (judged, depends_on)
    }

    /// The verdict on a requirement without cases of its own, before findings, and the failures that it
    /// depends on if nothing tested it.
    fn judged_without_cases(
        &self,
        requirement: &Requirement,
        responses: u64,
    ) -> (Explained, Vec<BlockingFailure>) {
        if responses > 0 {
            return (verdict_if_tested(responses, None), Vec::new());
        }
        if let Some(reason) = self.evidence().find_map(|evidence| evidence.silent.get(&requirement.id)) {
            return ((Verdict::Skipped, Some(reason.clone())), Vec::new());
        }
        if let Some(missing) = requirement.missing_prerequisite(&self.world.contract, &self.world.fixtures) {
            return ((Verdict::Skipped, Some(missing)), Vec::new());
        }
        match self.first_left_out().or_else(|| self.untested_reason(requirement)) {
            Some(open) if open.1.as_deref() != Some(UNSELECTED) => (open, Vec::new()),
            // Together with the other shards of the run it may be known that nothing tested it.
            open => {
                let depends_on = self.failures(&self.blockers(requirement));
                (open.unwrap_or_else(|| verdict_if_tested(0, None)), depends_on)
            }
        }
    }

    /// Why the first case that was not selected or not run to its end was left out.
    fn first_left_out(&self) -> Option<Explained> {
        self.outcomes.all().find_map(|outcome| match outcome {
            CaseOutcome::Unselected => Some((Verdict::Skipped, Some(UNSELECTED.to_owned()))),
            CaseOutcome::Ran(evidence) => evidence.stopped.map(judged_when_stopped),
            CaseOutcome::Skipped(_) => None,
        })
    }

    /// Why no response could test a requirement, if the target or the selection of cases is the reason.
    fn untested_reason(&self, requirement: &Requirement) -> Option<Explained> {
        let not_offered = self.not_offered.requirement_reason(&requirement.id);
        not_offered
            .map(|reason| (Verdict::Skipped, Some(reason.to_owned())))
            .or_else(|| self.not_carried(requirement))
            .or_else(|| self.not_sent(requirement))
    }

    /// The differences that are the reason why no response tested a requirement; empty if something other
    /// than a wrong response is a reason too.
    fn blockers(&self, requirement: &Requirement) -> Blockers {
        let mut all = Blockers::new();
        for (case, outcome) in self.cases() {
            let Some(evidence) = outcome.evidence() else { continue };
            let Blocked { otherwise, requirements, calls, .. } = &evidence.blocked;
            if *otherwise && case.operation == requirement.operation {
                return Blockers::new();
            }
            let own = requirements.get(&requirement.id).into_iter().chain(calls.get(&requirement.operation));
            all.extend(own.flatten().cloned());
        }
        all
    }

    /// The failures that the differences amount to; empty if one of them was not confirmed.
    fn failures(&self, differences: &Blockers) -> Vec<BlockingFailure> {
        let failures: Option<BTreeSet<BlockingFailure>> =
            differences.iter().map(|it| self.failure(it)).collect();
        failures.unwrap_or_default().into_iter().collect()
    }

    /// The failure that a difference amounts to. A flaky one may be a failure of the operation's stability.
    fn failure(&self, difference: &Difference) -> Option<BlockingFailure> {
        let requirement = self.catalogue.requirement(&difference.requirement);
        let stability = requirement.map(|requirement| stability(&requirement.operation));
        let similar = |id: &RequirementId| {
            self.confirmed.iter().find(|(other, _)| {
                other.requirement == *id
                    && other.field == difference.field
                    && [&Value::Varying, &difference.actual].contains(&&other.actual)
            })
        };
        let (key, confirmed) = self
            .confirmed
            .get_key_value(difference)
            .or_else(|| similar(&difference.requirement))
            .or_else(|| similar(&stability?))?;
        let shown = confirmed.finding.as_ref()?.differences.first()?;
        let (field, actual) = (shown.field.clone(), shown.actual.clone());
        Some(BlockingFailure { requirement: key.requirement.clone(), field, actual })
    }

    /// Skipped, if the requirement is about an optional part of a response that none carried.
    fn not_carried(&self, requirement: &Requirement) -> Option<Explained> {
        let is_uncarried =
            self.evidence().any(|evidence| evidence.blocked.uncarried.contains(&requirement.id));
        is_uncarried.then(|| (Verdict::Skipped, Some(UNCARRIED.to_owned())))
    }

    /// Skipped, if no call of the operation was sent because all its cases were skipped.
    fn not_sent(&self, requirement: &Requirement) -> Option<Explained> {
        let own = || self.cases().filter(|(case, _)| case.operation == requirement.operation);
        let skipped = |outcome: &CaseOutcome| match outcome {
            CaseOutcome::Skipped(reason) => Some(reason.clone()),
            CaseOutcome::Ran(_) | CaseOutcome::Unselected => None,
        };
        let reasons: Option<Vec<String>> = own().map(|(_, outcome)| skipped(outcome)).collect();
        reasons?.into_iter().next().map(|reason| (Verdict::Skipped, Some(reason)))
    }
}

/// The failures that a requirement depends on, if each of its inconclusive cases depends on some.
fn shared_dependencies(cases: &[CaseResult]) -> Vec<BlockingFailure> {
    let open = || cases.iter().filter(|case| case.verdict == Verdict::Inconclusive);
    if open().any(|case| case.depends_on.is_empty()) {
        return Vec::new();
    }
    let all: BTreeSet<BlockingFailure> = open().flat_map(|case| case.depends_on.iter().cloned()).collect();
    all.into_iter().collect()
}

/// Merges findings of one response that is wrong in several fields: the same requests got the same response.
fn merge_findings(findings: Vec<Finding>) -> Vec<Finding> {
    fn requests(finding: &Finding) -> impl Iterator<Item = &RecordedRequest> {
        finding.counterexample.iter().map(|exchange| &exchange.request)
    }
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |other: &&mut Finding| {
            other.verdict == finding.verdict
                && other.cases == finding.cases
                && requests(other).eq(requests(&finding))
                && other.differences.len() == finding.differences.len()
                && other.differences.iter().all(|difference| finding.differences.contains(difference))
        };
        match kept.iter_mut().find(same) {
            Some(other) => other.count = other.count.max(finding.count),
            None => kept.push(finding),
        }
    }
    kept
}

/// The verdict on what was not sent since the run stopped: skipped because of a limit that the user set,
/// inconclusive because of the target.
fn judged_when_stopped(stop: StopReason) -> Explained {
    let verdict = if stop.is_caused_by_target() { Verdict::Inconclusive } else { Verdict::Skipped };
    (verdict, Some(stop.to_string()))
}

fn judged_without_difference(evidence: &CaseEvidence, requirement: &RequirementId) -> Explained {
    let responses = evidence.tested.get(requirement).copied().unwrap_or_default();
    if evidence.proofs > 0 && (responses > 0 || evidence.stopped.is_none()) {
        let note = evidence.left_out.as_ref().map(|reason| format!("some requests were not sent: {reason}"));
        verdict_if_tested(responses, note)
    } else if let Some(reason) = &evidence.unproven {
        (Verdict::Inconclusive, Some(reason.clone()))
    } else if let Some(stop) = evidence.stopped {
        judged_when_stopped(stop)
    } else {
        (Verdict::Inconclusive, Some("an earlier response lacks what the next request needs".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use cases::contract::Contract;
    use cases::oracle::Field;

    use super::*;

    fn ran(proofs: u64) -> CaseOutcome {
        let tested = BTreeMap::from([(page().requirements[0].id.clone(), proofs)]);
        CaseOutcome::Ran(CaseEvidence { proofs, tested, requests: 3, judged: 2, ..CaseEvidence::default() })
    }

    fn page() -> Catalogue {
        Catalogue::of(&Contract::page().unwrap())
    }

    /// The results of cases with these outcomes.
    fn results(outcomes: Vec<CaseOutcome>, confirmed: &Confirmed) -> Vec<RequirementResult> {
        let contents = BTreeMap::from([("configuration".to_owned(), Vec::new())]);
        let fixtures = vec![cases::fixture::Fixture { contents, ..Default::default() }];
        let world = &World::new(Contract::page().unwrap(), fixtures);
        let not_offered = &NotOffered::default();
        let outcomes = &(0..).map(CaseIndex).zip(outcomes).collect();
        Summary { world, catalogue: &page(), outcomes, confirmed, not_offered }.results()
    }

    fn unproven() -> CaseOutcome {
        CaseOutcome::Ran(CaseEvidence { unproven: Some("refused".to_owned()), ..CaseEvidence::default() })
    }

    /// The verdict on the first requirement, which has three cases, with these outcomes.
    fn verdict(first: [CaseOutcome; 3], confirmed: &Confirmed) -> (Verdict, Option<String>) {
        let rest = page().cases.len() - 3;
        let outcomes: Vec<CaseOutcome> = first
            .into_iter()
            .chain(std::iter::repeat_with(|| CaseOutcome::Skipped("other".to_owned())).take(rest))
            .collect();
        let result = results(outcomes, confirmed).remove(0);
        (result.verdict, result.reason)
    }

    fn skipped() -> CaseOutcome {
        CaseOutcome::Skipped("needs a name".to_owned())
    }

    #[test]
    fn requirement_takes_worst_verdict_of_its_cases() {
        let none = BTreeMap::new();
        assert_eq!(verdict([ran(1), ran(4), skipped()], &none), (Verdict::Passed, None));
        assert_eq!(
            verdict([ran(1), unproven(), skipped()], &none),
            (Verdict::Inconclusive, Some("refused".to_owned()))
        );
        assert_eq!(
            verdict([skipped(), skipped(), skipped()], &none),
            (Verdict::Skipped, Some("needs a name".to_owned()))
        );
    }

    #[test]
    fn case_without_proof_is_inconclusive() {
        let none = BTreeMap::new();
        let (verdict, _) = verdict([ran(0), ran(1), ran(1)], &none);
        assert_eq!(verdict, Verdict::Inconclusive);
    }

    #[test]
    fn case_that_tested_something_else_is_inconclusive() {
        let proofs = CaseEvidence { proofs: 3, requests: 3, ..CaseEvidence::default() };
        let judged = verdict([CaseOutcome::Ran(proofs), ran(1), ran(1)], &BTreeMap::new());
        assert_eq!(judged, (Verdict::Inconclusive, Some(reports::model::UNTESTED.to_owned())));
    }

    /// A difference against the requirement at this index of the catalogue.
    fn difference(requirement: usize, actual: &str) -> Difference {
        Difference {
            requirement: page().requirements[requirement].id.clone(),
            field: Field::Status,
            expected: Value::code(200),
            actual: Value::read(&Field::Status, actual),
        }
    }

    /// A finding of that difference.
    fn failed(difference: &Difference) -> ConfirmedDifference {
        let shown = reports::model::Difference {
            field: difference.field.to_string(),
            expected: difference.expected.to_string(),
            actual: difference.actual.to_string(),
        };
        let finding = Finding {
            number: 0,
            group: 0,
            not_minimized: None,
            verdict: Verdict::Failed,
            case: difference.requirement.case("x"),
            cases: Vec::new(),
            known: None,
            count: 1,
            expected: String::new(),
            actual: String::new(),
            differences: vec![shown],
            counterexample: Vec::new(),
            replay: String::new(),
            reach: String::new(),
            curl: String::new(),
            target: None,
            of: None,
        };
        ConfirmedDifference { verdict: Verdict::Failed, finding: Some(finding), reason: None }
    }

    fn blocked(by: &[&Difference], otherwise: bool) -> CaseOutcome {
        let samples = by.iter().copied().cloned().collect();
        let blocked = Blocked { samples, otherwise, ..Blocked::default() };
        CaseOutcome::Ran(CaseEvidence {
            unproven: Some("refused".to_owned()),
            blocked,
            ..CaseEvidence::default()
        })
    }

    /// What the first case depends on, and what its requirement depends on.
    fn dependencies(first: CaseOutcome, confirmed: &Confirmed) -> [Vec<String>; 2] {
        let mut outcomes: Vec<CaseOutcome> = vec![first, ran(1), ran(1)];
        outcomes.resize_with(page().cases.len(), || CaseOutcome::Skipped("other".to_owned()));
        let result = results(outcomes, confirmed).remove(0);
        let names = |all: &[BlockingFailure]| -> Vec<String> {
            all.iter().map(|it| format!("{} {} {}", it.requirement, it.field, it.actual)).collect()
        };
        [names(&result.cases[0].depends_on), names(&result.depends_on)]
    }

    #[test]
    fn untested_case_depends_on_the_failures_that_block_it() {
        let (one, other) = (difference(1, "404"), difference(2, "500"));
        let confirmed: BTreeMap<_, _> = [&one, &other].map(|it| (it.clone(), failed(it))).into();
        let id = |index: usize| page().requirements[index].id.to_string();
        let both = vec![format!("{} status 404", id(1)), format!("{} status 500", id(2))];
        assert_eq!(dependencies(blocked(&[&one, &other], false), &confirmed), [both.clone(), both.clone()]);
        assert_eq!(
            dependencies(blocked(&[&one], false), &confirmed),
            [vec![both[0].clone()], vec![both[0].clone()]]
        );
        // Something else blocks it too, or one of the failures was not reproduced.
        let nothing: [Vec<String>; 2] = Default::default();
        assert_eq!(dependencies(blocked(&[&one], true), &confirmed), nothing);
        let mut unconfirmed = confirmed.clone();
        unconfirmed.insert(other.clone(), ConfirmedDifference::inconclusive("once".to_owned()));
        assert_eq!(dependencies(blocked(&[&one, &other], false), &unconfirmed), nothing);
        // Too many values are one failure.
        let varying = BTreeMap::from([(one.clone().varying(), failed(&one.clone().varying()))]);
        let [_, of_requirement] = dependencies(blocked(&[&one], false), &varying);
        assert_eq!(of_requirement, [format!("{} status <varying>", id(1))]);
        // A flaky difference may be a failure of stability.
        let flaky = Difference {
            requirement: stability(&page().requirements[1].operation),
            expected: Value::fixed(""),
            ..one.clone()
        };
        let moved = BTreeMap::from([(flaky.clone(), failed(&one))]);
        let [_, of_requirement] = dependencies(blocked(&[&one], false), &moved);
        assert_eq!(of_requirement, [format!("{} status 404", flaky.requirement)]);
    }

    #[test]
    fn untested_requirement_on_responses_says_why() {
        let id = RequirementId::new(["start-configuration-session", "response", "content-type"]);
        let of = |blocked: Blocked, confirmed: &Confirmed| {
            let mut outcomes = vec![CaseOutcome::Ran(CaseEvidence { blocked, ..CaseEvidence::default() })];
            outcomes.resize_with(page().cases.len(), || CaseOutcome::Skipped("none".to_owned()));
            let result = results(outcomes, confirmed).into_iter().find(|it| it.id == id).unwrap();
            (result.verdict, result.reason.unwrap_or_default(), result.depends_on.len())
        };
        let one = difference(1, "404");
        let confirmed = BTreeMap::from([(one.clone(), failed(&one))]);
        let by = Blockers::from([one]);
        let untested = reports::model::UNTESTED.to_owned();
        let requirements = BTreeMap::from([(id.clone(), by.clone())]);
        let open = (Verdict::Inconclusive, untested.clone(), 1);
        assert_eq!(of(Blocked { requirements, ..Blocked::default() }, &confirmed), open);
        let calls = BTreeMap::from([("StartConfigurationSession".to_owned(), by)]);
        assert_eq!(of(Blocked { calls: calls.clone(), ..Blocked::default() }, &confirmed), open);
        let otherwise = Blocked { calls, otherwise: true, ..Blocked::default() };
        assert_eq!(of(otherwise, &confirmed), (Verdict::Inconclusive, untested, 0));
        let uncarried = Blocked { uncarried: BTreeSet::from([id.clone()]), ..Blocked::default() };
        assert_eq!(of(uncarried, &confirmed), (Verdict::Skipped, UNCARRIED.to_owned(), 0));
        let mut outcomes = Vec::new();
        outcomes.resize_with(page().cases.len(), || CaseOutcome::Skipped("none".to_owned()));
        let none = results(outcomes, &confirmed).into_iter().find(|it| it.id == id).unwrap();
        assert_eq!((none.verdict, none.reason.as_deref()), (Verdict::Skipped, Some("none")));
    }

    #[test]
    fn difference_counts_against_its_requirement_in_any_case() {
        let difference = Difference {
            requirement: page().requirements[0].id.clone(),
            field: Field::Status,
            expected: Value::code(200),
            actual: Value::code(500),
        };
        for worst in [Verdict::Failed, Verdict::Flaky, Verdict::Inconclusive] {
            let confirmed = BTreeMap::from([(
                difference.clone(),
                ConfirmedDifference { verdict: worst, finding: None, reason: None },
            )]);
            assert_eq!(verdict([ran(1), ran(1), ran(1)], &confirmed).0, worst);
        }
    }

    #[test]
    fn one_response_wrong_in_two_fields_is_one_finding() {
        let field = |field: &str| reports::model::Difference {
            field: field.to_owned(),
            expected: "right".to_owned(),
            actual: "wrong".to_owned(),
        };
        let finding = |case: &str, count, differences: [&str; 2]| Finding {
            number: 0,
            group: 0,
            verdict: Verdict::Failed,
            case: RequirementId::new(["start", "length"]).case(case),
            cases: Vec::new(),
            known: None,
            count,
            expected: String::new(),
            actual: String::new(),
            differences: differences.map(field).to_vec(),
            counterexample: Vec::new(),
            replay: String::new(),
            reach: String::new(),
            curl: String::new(),
            target: None,
            of: None,
            not_minimized: None,
        };
        let one = finding("far", 2, ["status", "error type"]);
        let same = finding("far", 5, ["error type", "status"]);
        let other = finding("far", 1, ["status", "Message"]);
        let kept = merge_findings(vec![one, same, other]);
        let counts: Vec<_> = kept.iter().map(|it| (it.differences[0].field.as_str(), it.count)).collect();
        assert_eq!(counts, [("status", 5), ("status", 1)]);
    }

    #[test]
    fn requirement_without_cases_passes_by_any_tested_response() {
        let id = RequirementId::new(["start-configuration-session", "response", "content-type"]);
        let of = |outcomes: Vec<CaseOutcome>| {
            let results = results(outcomes, &BTreeMap::new());
            results.into_iter().find(|result| result.id == id).unwrap().verdict
        };
        assert_eq!(of(vec![ran(1)]), Verdict::Inconclusive);
        assert_eq!(of(vec![ran(1), CaseOutcome::Unselected]), Verdict::Skipped);
        let silent = BTreeMap::from([(id.clone(), "no body".to_owned())]);
        let silent = || CaseOutcome::Ran(CaseEvidence { silent: silent.clone(), ..CaseEvidence::default() });
        assert_eq!(of(vec![silent()]), Verdict::Skipped);
        let stopped = CaseEvidence { stopped: Some(StopReason::Budget), ..CaseEvidence::default() };
        assert_eq!(of(vec![ran(1), CaseOutcome::Ran(stopped)]), Verdict::Skipped);
        let tested = CaseEvidence { tested: BTreeMap::from([(id.clone(), 1)]), ..CaseEvidence::default() };
        assert_eq!(of(vec![silent(), CaseOutcome::Ran(tested)]), Verdict::Passed);
    }
}
