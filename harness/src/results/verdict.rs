//! Sums up what the cases showed: a verdict for each case and each requirement. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::catalogue::{Case, Catalogue};
use cases::generate::World;
use cases::id::RequirementId;
use cases::requirement::{Requirement, stability};
use reports::model::{
    BlockingFailure, CaseResult, Finding, RecordedRequest, RequirementResult, Totals, UNSELECTED, Verdict,
    VerdictCounts,
};
use reports::summary::{Explained, verdict_if_tested, verdict_of_cases};

use crate::judge::judgement::{Blockers, Difference, VARYING};
use crate::limits::Stop;
use crate::results::blocked::Blocked;
use crate::results::case_result::{Explored, Tried};
use crate::results::not_offered::NotOffered;

/// Why a requirement is open whose subject need not be there.
const UNCARRIED: &str = "no response carried what it is about";

/// What a difference amounts to, once looked at again.
#[derive(Debug, Clone)]
pub struct Found {
    /// Failed, flaky or inconclusive.
    pub verdict: Verdict,
    /// The finding, if it is one.
    pub finding: Option<Finding>,
    /// Why it is inconclusive.
    pub reason: Option<String>,
}

impl Found {
    /// The same with a sequence that may not be the smallest, and why.
    #[must_use]
    pub fn not_minimized(mut self, why: String) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.not_minimized = Some(why);
        }
        self
    }

    /// What proves nothing, and why.
    pub fn inconclusive(reason: String) -> Self {
        Self { verdict: Verdict::Inconclusive, finding: None, reason: Some(reason) }
    }
}

/// What a run comes to: its cases, what became of them, and what their differences amount to.
pub struct Summing<'a> {
    /// Contract and fixtures.
    pub world: &'a World,
    /// The catalogue of the contract.
    pub catalogue: &'a Catalogue,
    /// What became of each case; parallel to the catalogue's.
    pub tried: &'a [Tried],
    /// What each difference amounts to.
    pub found: &'a BTreeMap<Difference, Found>,
    /// What the target does not offer.
    pub not_offered: &'a NotOffered,
}

/// The sums over the results.
pub fn totals(results: &[RequirementResult], tried: &[Tried], requests: u64) -> Totals {
    let mut requirements = VerdictCounts::default();
    for result in results {
        requirements.add(result.verdict);
    }
    let explored = || tried.iter().filter_map(Tried::explored);
    Totals {
        requirements,
        cases: explored().filter(|explored| explored.requests > 0).count() as u64,
        requests,
        responses: explored().map(|explored| explored.judged).sum(),
    }
}

impl Summing<'_> {
    /// The results for every requirement, in the order of the catalogue.
    pub fn results(&self) -> Vec<RequirementResult> {
        self.catalogue.requirements.iter().map(|requirement| self.result(requirement)).collect()
    }

    /// The cases with what became of them.
    fn cases(&self) -> impl Iterator<Item = (&Case, &Tried)> {
        self.catalogue.cases.iter().zip(self.tried)
    }

    fn explored(&self) -> impl Iterator<Item = &Explored> {
        self.tried.iter().filter_map(Tried::explored)
    }

    fn result(&self, requirement: &Requirement) -> RequirementResult {
        let own = || self.cases().filter(|(case, _)| case.requirement == requirement.id);
        let cases: Vec<CaseResult> = own().map(|(case, tried)| self.case_result(case, tried)).collect();
        let responses = self.explored().filter_map(|explored| explored.tested.get(&requirement.id)).sum();
        let findings = self.findings(requirement);

        let (mut judged, mut depends_on) = if cases.is_empty() {
            self.by_answers(requirement, responses)
        } else {
            (verdict_of_cases(&cases, responses), of_cases(&cases))
        };
        if let Some(worst) =
            self.of_requirement(requirement).map(|(_, found)| found).min_by_key(|it| it.verdict)
            && worst.verdict < judged.0
        {
            judged = (worst.verdict, worst.reason.clone());
            depends_on.clear();
        }
        let (verdict, mut reason) = judged;
        if matches!(verdict, Verdict::Failed | Verdict::Flaky) {
            reason = None;
        }
        let mut observations: BTreeMap<String, u64> = BTreeMap::new();
        for (seen, count) in self.explored().filter_map(|it| it.observed.get(&requirement.id)).flatten() {
            *observations.entry(seen.clone()).or_default() += count;
        }
        RequirementResult {
            id: requirement.id.clone(),
            operation: requirement.operation.clone(),
            level: requirement.level,
            text: requirement.text.clone(),
            source: requirement.source.clone(),
            verdict,
            reason,
            requests: cases.iter().map(|case| case.requests).sum(),
            responses,
            depends_on,
            cases,
            findings,
            observations,
        }
    }

    /// What differs from a requirement.
    fn of_requirement(&self, requirement: &Requirement) -> impl Iterator<Item = (&Difference, &Found)> {
        self.found.iter().filter(|(difference, _)| difference.requirement == requirement.id)
    }

    fn findings(&self, requirement: &Requirement) -> Vec<Finding> {
        let own = || self.cases().filter(|(case, _)| case.requirement == requirement.id);
        let showed = |difference: &Difference| {
            let shows =
                |tried: &Tried| tried.explored().is_some_and(|it| it.witnesses.contains_key(difference));
            own().filter(|(_, tried)| shows(tried)).map(|(case, _)| case.id.clone()).collect()
        };
        let finding = |(difference, found): (&Difference, &Found)| {
            Some(Finding { cases: showed(difference), ..found.finding.clone()? })
        };
        let mut findings: Vec<Finding> = self.of_requirement(requirement).filter_map(finding).collect();
        findings.sort_by(|a, b| (a.verdict, &a.case).cmp(&(b.verdict, &b.case)));
        once(findings)
    }

    fn case_result(&self, case: &Case, tried: &Tried) -> CaseResult {
        let mut depends_on = Vec::new();
        let ((verdict, reason), requests) = match tried {
            Tried::Skipped(reason) => ((Verdict::Skipped, Some(reason.clone())), 0),
            Tried::Unselected => ((Verdict::Skipped, Some(UNSELECTED.to_owned())), 0),
            Tried::Explored(explored) => {
                let seen = explored.witnesses.keys().filter(|it| it.requirement == case.requirement);
                let worst = seen
                    .filter_map(|difference| self.found.get(difference))
                    .min_by_key(|found| found.verdict);
                let judged = if let Some(found) = worst {
                    (found.verdict, found.reason.clone())
                } else {
                    let judged = without_difference(explored, &case.requirement);
                    if judged.0 == Verdict::Inconclusive && !explored.blocked.otherwise {
                        depends_on = self.failures(&explored.blocked.samples);
                    }
                    judged
                };
                (judged, explored.requests)
            }
        };
        CaseResult { id: case.id.clone(), verdict, reason, requests, depends_on }
    }

    /// The verdict on a requirement that has no cases of its own, before findings, and the failures that it
    /// depends on if nothing tested it.
    fn by_answers(&self, requirement: &Requirement, responses: u64) -> (Explained, Vec<BlockingFailure>) {
        if responses > 0 {
            return (verdict_if_tested(responses, None), Vec::new());
        }
        if let Some(reason) = self.explored().find_map(|explored| explored.silent.get(&requirement.id)) {
            return ((Verdict::Skipped, Some(reason.clone())), Vec::new());
        }
        if let Some(lacks) = requirement.lacks(&self.world.contract, &self.world.fixtures) {
            return ((Verdict::Skipped, Some(lacks)), Vec::new());
        }
        let left_out = self.tried.iter().find_map(|tried| match tried {
            Tried::Unselected => Some((Verdict::Skipped, Some(UNSELECTED.to_owned()))),
            Tried::Explored(explored) => explored.stopped.map(stopped),
            Tried::Skipped(_) => None,
        });
        let is_unselected =
            left_out.as_ref().is_some_and(|(_, reason)| reason.as_deref() == Some(UNSELECTED));
        let not_offered = || {
            self.not_offered
                .of_requirement(&requirement.id)
                .map(|reason| (Verdict::Skipped, Some(reason.to_owned())))
        };
        let open = left_out
            .or_else(not_offered)
            .or_else(|| self.not_carried(requirement))
            .or_else(|| self.not_sent(requirement));
        match open {
            Some(open) if !is_unselected => (open, Vec::new()),
            // With the other shards of the run it may be known that nothing tested it.
            open => {
                let depends_on = self.failures(&self.blockers(requirement));
                (open.unwrap_or_else(|| verdict_if_tested(0, None)), depends_on)
            }
        }
    }

    /// What kept the responses from coming that would have tested a requirement; nothing if something else
    /// than a wrong response did so too.
    fn blockers(&self, requirement: &Requirement) -> Blockers {
        let mut all = Blockers::new();
        for (case, tried) in self.cases() {
            let Some(explored) = tried.explored() else { continue };
            let Blocked { otherwise, requirements, calls, .. } = &explored.blocked;
            if *otherwise && case.operation == requirement.operation {
                return Blockers::new();
            }
            let own = requirements.get(&requirement.id).into_iter().chain(calls.get(&requirement.operation));
            all.extend(own.flatten().cloned());
        }
        all
    }

    /// The failures that differences amount to; none if one of them was not confirmed.
    fn failures(&self, differences: &Blockers) -> Vec<BlockingFailure> {
        let failures: Option<BTreeSet<BlockingFailure>> =
            differences.iter().map(|it| self.failure(it)).collect();
        failures.unwrap_or_default().into_iter().collect()
    }

    /// The failure that a difference amounts to: what does not come again is one of the stability of the
    /// operation.
    fn failure(&self, difference: &Difference) -> Option<BlockingFailure> {
        let requirement = self.catalogue.requirement(&difference.requirement);
        let stability = requirement.map(|requirement| stability(&requirement.operation));
        let beside = |id: &RequirementId| {
            self.found.iter().find(|(other, _)| {
                other.requirement == *id
                    && other.field == difference.field
                    && [VARYING, &difference.actual].contains(&other.actual.as_str())
            })
        };
        let (key, found) = self
            .found
            .get_key_value(difference)
            .or_else(|| beside(&difference.requirement))
            .or_else(|| beside(&stability?))?;
        let shown = found.finding.as_ref()?.differences.first()?;
        let (field, actual) = (shown.field.clone(), shown.actual.clone());
        Some(BlockingFailure { requirement: key.requirement.clone(), field, actual })
    }

    /// Skipped, if responses need not carry what a requirement is about, and none did.
    fn not_carried(&self, requirement: &Requirement) -> Option<Explained> {
        let is_there = self.explored().any(|explored| explored.blocked.uncarried.contains(&requirement.id));
        is_there.then(|| (Verdict::Skipped, Some(UNCARRIED.to_owned())))
    }

    /// Skipped, if no call of the operation was sent since all its cases were skipped.
    fn not_sent(&self, requirement: &Requirement) -> Option<Explained> {
        let own = || self.cases().filter(|(case, _)| case.operation == requirement.operation);
        let skipped = |tried: &Tried| match tried {
            Tried::Skipped(reason) => Some(reason.clone()),
            Tried::Explored(_) | Tried::Unselected => None,
        };
        let reasons: Option<Vec<String>> = own().map(|(_, tried)| skipped(tried)).collect();
        reasons?.into_iter().next().map(|reason| (Verdict::Skipped, Some(reason)))
    }
}

/// The failures that a requirement depends on with all its cases that came to no end.
fn of_cases(cases: &[CaseResult]) -> Vec<BlockingFailure> {
    let open = || cases.iter().filter(|case| case.verdict == Verdict::Inconclusive);
    if open().any(|case| case.depends_on.is_empty()) {
        return Vec::new();
    }
    let all: BTreeSet<BlockingFailure> = open().flat_map(|case| case.depends_on.iter().cloned()).collect();
    all.into_iter().collect()
}

/// The findings, but those that are one: the same requests got the same answer, which is wrong in several
/// fields.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
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

/// The verdict on what was not tried any more: what the user did not ask for is skipped, what the
/// target does not let be tried is no proof of anything.
fn stopped(stop: Stop) -> Explained {
    let verdict = if stop.is_of_target() { Verdict::Inconclusive } else { Verdict::Skipped };
    (verdict, Some(stop.to_string()))
}

fn without_difference(explored: &Explored, requirement: &RequirementId) -> Explained {
    let responses = explored.tested.get(requirement).copied().unwrap_or_default();
    if explored.proofs > 0 && (responses > 0 || explored.stopped.is_none()) {
        let note = explored.left_out.as_ref().map(|reason| format!("some requests were not sent: {reason}"));
        verdict_if_tested(responses, note)
    } else if let Some(reason) = &explored.unproven {
        (Verdict::Inconclusive, Some(reason.clone()))
    } else if let Some(stop) = explored.stopped {
        stopped(stop)
    } else {
        (Verdict::Inconclusive, Some("an earlier answer is not what the next request needs".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cases::contract::Contract;
    use cases::oracle::Field;

    fn explored(proofs: u64) -> Tried {
        let tested = BTreeMap::from([(page().requirements[0].id.clone(), proofs)]);
        Tried::Explored(Explored { proofs, tested, requests: 3, judged: 2, ..Explored::default() })
    }

    fn page() -> Catalogue {
        Catalogue::of(&Contract::page().unwrap())
    }

    /// The results when the cases went so.
    fn results(tried: &[Tried], found: &BTreeMap<Difference, Found>) -> Vec<RequirementResult> {
        let contents = BTreeMap::from([("configuration".to_owned(), Vec::new())]);
        let fixtures = vec![cases::fixture::Fixture { contents, ..Default::default() }];
        let world = &World { contract: Contract::page().unwrap(), fixtures };
        let not_offered = &NotOffered::default();
        Summing { world, catalogue: &page(), tried, found, not_offered }.results()
    }

    fn unproven() -> Tried {
        Tried::Explored(Explored { unproven: Some("refused".to_owned()), ..Explored::default() })
    }

    /// The verdict on the first requirement (with three cases) when its cases went so.
    fn verdict(first: [Tried; 3], found: &BTreeMap<Difference, Found>) -> (Verdict, Option<String>) {
        let rest = page().cases.len() - 3;
        let tried: Vec<Tried> = first
            .into_iter()
            .chain(std::iter::repeat_with(|| Tried::Skipped("other".to_owned())).take(rest))
            .collect();
        let result = results(&tried, found).remove(0);
        (result.verdict, result.reason)
    }

    fn skipped() -> Tried {
        Tried::Skipped("needs a name".to_owned())
    }

    #[test]
    fn a_requirement_is_as_its_worst_case_that_ran() {
        let none = BTreeMap::new();
        assert_eq!(verdict([explored(1), explored(4), skipped()], &none), (Verdict::Passed, None));
        assert_eq!(
            verdict([explored(1), unproven(), skipped()], &none),
            (Verdict::Inconclusive, Some("refused".to_owned()))
        );
        assert_eq!(
            verdict([skipped(), skipped(), skipped()], &none),
            (Verdict::Skipped, Some("needs a name".to_owned()))
        );
    }

    #[test]
    fn a_case_without_a_proof_is_not_held() {
        let none = BTreeMap::new();
        let (verdict, _) = verdict([explored(0), explored(1), explored(1)], &none);
        assert_eq!(verdict, Verdict::Inconclusive);
    }

    #[test]
    fn a_case_that_tested_something_else_is_not_held() {
        let proofs = Explored { proofs: 3, requests: 3, ..Explored::default() };
        let judged = verdict([Tried::Explored(proofs), explored(1), explored(1)], &BTreeMap::new());
        assert_eq!(judged, (Verdict::Inconclusive, Some(reports::model::UNTESTED.to_owned())));
    }

    /// A difference against the requirement at this index of the catalogue.
    fn difference(requirement: usize, actual: &str) -> Difference {
        Difference {
            requirement: page().requirements[requirement].id.clone(),
            field: Field::Status,
            expected: "200".to_owned(),
            actual: actual.to_owned(),
        }
    }

    /// A finding of that difference.
    fn failed(difference: &Difference) -> Found {
        let shown = reports::model::Difference {
            field: difference.field.to_string(),
            expected: difference.expected.clone(),
            actual: difference.actual.clone(),
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
        Found { verdict: Verdict::Failed, finding: Some(finding), reason: None }
    }

    fn blocked(by: &[&Difference], otherwise: bool) -> Tried {
        let samples = by.iter().copied().cloned().collect();
        let blocked = Blocked { samples, otherwise, ..Blocked::default() };
        Tried::Explored(Explored { unproven: Some("refused".to_owned()), blocked, ..Explored::default() })
    }

    /// What the first case depends on, and what its requirement does.
    fn depend(first: Tried, found: &BTreeMap<Difference, Found>) -> [Vec<String>; 2] {
        let mut tried: Vec<Tried> = vec![first, explored(1), explored(1)];
        tried.resize_with(page().cases.len(), || Tried::Skipped("other".to_owned()));
        let result = results(&tried, found).remove(0);
        let names = |all: &[BlockingFailure]| -> Vec<String> {
            all.iter().map(|it| format!("{} {} {}", it.requirement, it.field, it.actual)).collect()
        };
        [names(&result.cases[0].depends_on), names(&result.depends_on)]
    }

    #[test]
    fn what_failures_alone_keep_from_being_tested_depends_on_them() {
        let (one, other) = (difference(1, "404"), difference(2, "500"));
        let found: BTreeMap<_, _> = [&one, &other].map(|it| (it.clone(), failed(it))).into();
        let id = |index: usize| page().requirements[index].id.to_string();
        let both = vec![format!("{} status 404", id(1)), format!("{} status 500", id(2))];
        assert_eq!(depend(blocked(&[&one, &other], false), &found), [both.clone(), both.clone()]);
        assert_eq!(depend(blocked(&[&one], false), &found), [vec![both[0].clone()], vec![both[0].clone()]]);
        // Something else did so too, or one of them was not seen again.
        let nothing: [Vec<String>; 2] = Default::default();
        assert_eq!(depend(blocked(&[&one], true), &found), nothing);
        let mut unconfirmed = found.clone();
        unconfirmed.insert(other.clone(), Found::inconclusive("once".to_owned()));
        assert_eq!(depend(blocked(&[&one, &other], false), &unconfirmed), nothing);
        // Values that are too many are one.
        let varying = BTreeMap::from([(one.clone().varying(), failed(&one.clone().varying()))]);
        let [_, of_requirement] = depend(blocked(&[&one], false), &varying);
        assert_eq!(of_requirement, [format!("{} status {VARYING}", id(1))]);
        // What did not come again is a matter of stability.
        let flaky = Difference {
            requirement: stability(&page().requirements[1].operation),
            expected: String::new(),
            ..one.clone()
        };
        let moved = BTreeMap::from([(flaky.clone(), failed(&one))]);
        let [_, of_requirement] = depend(blocked(&[&one], false), &moved);
        assert_eq!(of_requirement, [format!("{} status 404", flaky.requirement)]);
    }

    #[test]
    fn a_requirement_on_responses_that_none_tested_says_why() {
        let id = RequirementId::new(["start-configuration-session", "response", "content-type"]);
        let of = |blocked: Blocked, found: &BTreeMap<Difference, Found>| {
            let mut tried = vec![Tried::Explored(Explored { blocked, ..Explored::default() })];
            tried.resize_with(page().cases.len(), || Tried::Skipped("none".to_owned()));
            let result = results(&tried, found).into_iter().find(|it| it.id == id).unwrap();
            (result.verdict, result.reason.unwrap_or_default(), result.depends_on.len())
        };
        let one = difference(1, "404");
        let found = BTreeMap::from([(one.clone(), failed(&one))]);
        let by = Blockers::from([one]);
        let unanswered = reports::model::UNTESTED.to_owned();
        let requirements = BTreeMap::from([(id.clone(), by.clone())]);
        let open = (Verdict::Inconclusive, unanswered.clone(), 1);
        assert_eq!(of(Blocked { requirements, ..Blocked::default() }, &found), open);
        let calls = BTreeMap::from([("StartConfigurationSession".to_owned(), by)]);
        assert_eq!(of(Blocked { calls: calls.clone(), ..Blocked::default() }, &found), open);
        let otherwise = Blocked { calls, otherwise: true, ..Blocked::default() };
        assert_eq!(of(otherwise, &found), (Verdict::Inconclusive, unanswered, 0));
        let uncarried = Blocked { uncarried: BTreeSet::from([id.clone()]), ..Blocked::default() };
        assert_eq!(of(uncarried, &found), (Verdict::Skipped, UNCARRIED.to_owned(), 0));
        let mut tried = Vec::new();
        tried.resize_with(page().cases.len(), || Tried::Skipped("none".to_owned()));
        let none = results(&tried, &found).into_iter().find(|it| it.id == id).unwrap();
        assert_eq!((none.verdict, none.reason.as_deref()), (Verdict::Skipped, Some("none")));
    }

    #[test]
    fn a_difference_counts_against_its_requirement_whichever_case_saw_it() {
        let difference = Difference {
            requirement: page().requirements[0].id.clone(),
            field: Field::Status,
            expected: "200".to_owned(),
            actual: "500".to_owned(),
        };
        for worst in [Verdict::Failed, Verdict::Flaky, Verdict::Inconclusive] {
            let found =
                BTreeMap::from([(difference.clone(), Found { verdict: worst, finding: None, reason: None })]);
            assert_eq!(verdict([explored(1), explored(1), explored(1)], &found).0, worst);
        }
    }

    #[test]
    fn one_answer_that_is_wrong_in_two_fields_is_one_finding() {
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
        let kept = once(vec![one, same, other]);
        let counts: Vec<_> = kept.iter().map(|it| (it.differences[0].field.as_str(), it.count)).collect();
        assert_eq!(counts, [("status", 5), ("status", 1)]);
    }

    #[test]
    fn a_requirement_without_cases_is_held_by_any_answer_that_tests_it() {
        let id = RequirementId::new(["start-configuration-session", "response", "content-type"]);
        let of = |tried: &[Tried]| {
            let results = results(tried, &BTreeMap::new());
            results.into_iter().find(|result| result.id == id).unwrap().verdict
        };
        assert_eq!(of(&[explored(1)]), Verdict::Inconclusive);
        assert_eq!(of(&[explored(1), Tried::Unselected]), Verdict::Skipped);
        let silent = BTreeMap::from([(id.clone(), "no body".to_owned())]);
        let silent = || Tried::Explored(Explored { silent: silent.clone(), ..Explored::default() });
        assert_eq!(of(&[silent()]), Verdict::Skipped);
        let stopped = Explored { stopped: Some(Stop::Budget), ..Explored::default() };
        assert_eq!(of(&[explored(1), Tried::Explored(stopped)]), Verdict::Skipped);
        let tested = Explored { tested: BTreeMap::from([(id.clone(), 1)]), ..Explored::default() };
        assert_eq!(of(&[silent(), Tried::Explored(tested)]), Verdict::Passed);
    }
}
