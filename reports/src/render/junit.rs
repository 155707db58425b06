//! `junit.xml`: the report for CI services.
//!
//! There is one suite for each operation. Each case is a test; so is a requirement on every response, which
//! has no cases of its own. A test fails exactly if it makes the run fail: if a binding requirement failed or
//! is flaky, and the failure is not known. A known failure, and a SHOULD that is not binding, is a test that
//! passes, with its text as output. What keeps the run from a result is an error, of the requirement and of
//! the run. Each known failure is a test too, in a suite of its own.

use std::time::Duration;

use cases::id::CaseId;
use chrono::DateTime;
use quick_junit::{NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestSuite};

use crate::model::{CaseResult, Ending, EntryState, Finding, Report, RequirementResult, Triage, Verdict};
use crate::summary::{
    Group, Listed, Operation, Outcome, fails, groups, headline, known_failure_notes, known_mark, leaves_open,
    operations, outcome,
};

use super::escape::{line, visible};
use super::text::{self, clip};

/// The report as `JUnit` XML.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    let mut document = Document::new("boundstone");
    if let Ok(time) = Duration::try_from_secs_f64(report.seconds) {
        document.set_time(time);
    }
    document.add_test_suites(run_suite(report));
    let groups = groups(report);
    let failing = failing_kind(report);
    for operation in operations(report) {
        document.add_test_suite(operation_suite(report, &operation, &groups, failing));
    }
    if !report.known_failures.is_empty() {
        document.add_test_suite(known_failures_suite(report, failing));
    }
    // Fails only if writing fails, and writing into a string does not.
    let xml = document.to_string().expect("XML into a string");
    // The schema of Jenkins has this attribute at suites, but not at the root, whose tag comes first.
    xml.replacen(&format!(" skipped=\"{}\"", document.skipped), "", 1)
}

/// The kind of a test that fails: a failure only if the run fails.
fn failing_kind(report: &Report) -> NonSuccessKind {
    match outcome(report) {
        Outcome::Failed | Outcome::Outdated => NonSuccessKind::Failure,
        Outcome::Passed | Outcome::NotTested | Outcome::Interrupted => NonSuccessKind::Error,
    }
}

/// The run as a test, if it did not finish or tested too little.
fn run_suite(report: &Report) -> Option<TestSuite> {
    let is_open = matches!(outcome(report), Outcome::NotTested | Outcome::Interrupted);
    (is_open || report.ending != Ending::Complete).then(|| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(line(&clip(&headline(report), 1_000)));
        let mut test = TestCase::new("finishes", status);
        test.set_classname("run");
        let mut suite = TestSuite::new("run");
        suite.add_test_case(test);
        suite
    })
}

fn operation_suite(
    report: &Report,
    operation: &Operation<'_>,
    groups: &[Group<'_>],
    failing: NonSuccessKind,
) -> TestSuite {
    let mut suite = TestSuite::new(line(operation.name));
    if let Ok(start) = DateTime::parse_from_rfc3339(&report.started_at) {
        suite.set_timestamp(start);
    }
    for (name, value) in [
        ("headline", headline(report)),
        ("boundstone", report.boundstone.clone()),
        ("contract", report.contract.name.clone()),
        ("contract.digest", report.contract.digest.clone()),
        ("target", report.target.url.clone()),
        ("seed", report.seed.to_string()),
    ] {
        suite.add_property(Property::new(name, line(&value)));
    }
    for note in &report.target.notes {
        suite.add_property(Property::new("target.note", line(note)));
    }
    for requirement in &operation.requirements {
        let all = groups.iter().flat_map(Group::all);
        let own = all.filter(|listed| std::ptr::eq(listed.requirement, *requirement));
        let context = Context { report, requirement, findings: own.collect(), groups, failing };
        suite.add_test_cases(context.tests());
    }
    suite
}

/// One test for each known failure.
fn known_failures_suite(report: &Report, failing: NonSuccessKind) -> TestSuite {
    let mut suite = TestSuite::new("known failures");
    let notes = known_failure_notes(report);
    for entry in &report.known_failures {
        let note = notes.iter().find(|(noted, _)| std::ptr::eq(*noted, entry)).map(|(_, note)| note);
        let about = visible(&clip(&entry.about(), 2_000));
        let mut status = match entry.state {
            EntryState::Occurs => TestCaseStatus::success(),
            EntryState::NotRun | EntryState::NotSeen => TestCaseStatus::skipped(),
            EntryState::Changed | EntryState::Gone | EntryState::Expired | EntryState::Unmatched => {
                TestCaseStatus::non_success(failing)
            }
        };
        if let Some(note) = note {
            status.set_message(line(&clip(note, 1_000)));
            status.set_description(about.clone());
        }
        let mut test = TestCase::new(line(&entry.case), status);
        test.set_classname(line(&entry.place()));
        if note.is_none() {
            test.set_system_out(about);
        }
        suite.add_test_case(test);
    }
    suite
}

/// A requirement, and what its tests need to know.
struct Context<'a> {
    report: &'a Report,
    requirement: &'a RequirementResult,
    findings: Vec<&'a Listed<'a>>,
    groups: &'a [Group<'a>],
    failing: NonSuccessKind,
}

/// One test.
struct Test<'a> {
    name: &'a str,
    verdict: Verdict,
    reason: Option<&'a str>,
    /// The findings whose counterexamples belong to the test.
    own: Vec<&'a Listed<'a>>,
    /// Other findings that the case showed; other tests describe them.
    others: Vec<&'a Listed<'a>>,
    is_known: bool,
}

impl<'a> Context<'a> {
    /// A test for each case, and one for the requirement if it has no cases or if these do not cover all
    /// findings.
    fn tests(&self) -> Vec<TestCase> {
        let Self { report, requirement, .. } = *self;
        let cases: Vec<Test<'_>> = requirement.cases.iter().map(|case| self.case(case)).collect();
        let rest = self
            .findings
            .iter()
            .copied()
            .filter(|listed| requirement.cases.iter().all(|case| case.id != listed.finding.case));
        let rest: Vec<&Listed<'_>> = rest.collect();
        let is_failure_shown = cases.iter().any(|test| self.has_failed(test));
        let is_whole = !requirement.cases.is_empty() && rest.is_empty();
        let whole = (!is_whole || (fails(report, requirement) && !is_failure_shown)).then(|| Test {
            name: requirement.id.as_str(),
            verdict: requirement.verdict,
            reason: requirement.reason.as_deref(),
            own: rest,
            others: Vec::new(),
            is_known: requirement.triage() == Triage::Known,
        });
        cases.iter().chain(&whole).map(|test| self.test(test)).collect()
    }

    fn case(&self, case: &'a CaseResult) -> Test<'a> {
        let shows = |listed: &&Listed<'_>| listed.finding.cases.contains(&case.id);
        let is_own = |listed: &&Listed<'_>| listed.finding.case == case.id;
        let (own, rest): (Vec<&Listed<'_>>, Vec<&Listed<'_>>) =
            self.findings.iter().copied().partition(is_own);
        let others: Vec<&Listed<'_>> = rest.into_iter().filter(shows).collect();
        let mut seen = own.iter().chain(&others).peekable();
        let is_known = match seen.peek() {
            Some(_) => seen.all(|listed| is_known_in(listed.finding, &case.id)),
            None => self.requirement.triage() == Triage::Known,
        };
        let reason = case.reason.as_deref().or(self.requirement.reason.as_deref());
        Test { name: case.id.as_str(), verdict: case.verdict, reason, own, others, is_known }
    }

    /// Whether a test shows a failure that makes the run fail.
    fn has_failed(&self, test: &Test<'_>) -> bool {
        test.verdict.is_failure() && fails(self.report, self.requirement) && !test.is_known
    }

    /// Whether a test shows what keeps the run from a result.
    fn is_open(&self, test: &Test<'_>) -> bool {
        let counts = fails(self.report, self.requirement) || leaves_open(self.report, self.requirement);
        test.verdict == Verdict::Inconclusive && counts
    }

    fn test(&self, test: &Test<'_>) -> TestCase {
        let Self { requirement, failing, .. } = *self;
        let text = visible(&self.text(test));
        let mut status = match test.verdict {
            _ if self.has_failed(test) => TestCaseStatus::non_success(failing),
            _ if self.is_open(test) => TestCaseStatus::non_success(NonSuccessKind::Error),
            Verdict::Inconclusive | Verdict::Skipped => TestCaseStatus::skipped(),
            Verdict::Passed | Verdict::Failed | Verdict::Flaky => TestCaseStatus::success(),
        };
        let kind = test.kind(requirement);
        let message = line(&clip(&test.message(requirement), 1_000));
        let passes = matches!(status, TestCaseStatus::Success { .. });
        if !passes {
            status.set_type(kind.clone()).set_message(message.clone()).set_description(text.clone());
        }
        let mut out = TestCase::new(line(test.name), status);
        out.set_classname(line(requirement.id.as_str()));
        if passes && test.verdict != Verdict::Passed {
            out.set_system_out(format!("{kind}: {message}\n\n{text}"));
        }
        out
    }

    /// What a person needs to know about the test.
    fn text(&self, test: &Test<'_>) -> String {
        let others = test.others.iter().map(|listed| {
            let gist = text::gist(listed.finding).unwrap_or_else(|| listed.verdict());
            format!("Also shows: {gist}, see {}", listed.finding.case)
        });
        let texts: Vec<String> = test.own.iter().map(|listed| self.finding(listed)).chain(others).collect();
        if test.own.is_empty() {
            let of = format!("Requirement: {}\nSource: {}", self.requirement.text, self.requirement.source);
            return [vec![of], texts].concat().join("\n");
        }
        texts.join("\n\n")
    }

    /// A finding in full, and the other findings of its group.
    fn finding(&self, listed: &Listed<'_>) -> String {
        let mut sections = text::sections(listed, 2_000);
        let mut groups = self.groups.iter();
        let group = groups.find(|group| group.all().any(|other| other.number == listed.number));
        if let Some(group) = group.filter(|group| !group.others.is_empty()) {
            let names = group.all().map(|listed| format!("{}. {}", listed.number, listed.requirement.id));
            sections.push(("Same difference in", names.collect::<Vec<String>>().join("\n")));
        }
        let blocks: Vec<String> = sections.iter().map(|(title, text)| format!("{title}:\n{text}")).collect();
        blocks.join("\n\n")
    }
}

impl Test<'_> {
    /// `MUST failed, known`.
    fn kind(&self, requirement: &RequirementResult) -> String {
        let known = known_mark(self.verdict.is_failure() && self.is_known);
        format!("{} {}{known}", requirement.level, self.verdict)
    }

    /// Why it did not pass, in a line.
    fn message(&self, requirement: &RequirementResult) -> String {
        let mut shown = self.own.iter().chain(&self.others);
        if let (Verdict::Failed | Verdict::Flaky, true) = (self.verdict, self.is_known) {
            let known = shown.find_map(|listed| text::known(listed));
            return known.map_or_else(|| "known".to_owned(), |(_, text)| text.replace('\n', "; "));
        }
        match (self.reason, shown.next()) {
            (Some(reason), _) => reason.to_owned(),
            (None, Some(listed)) => text::expected_and_received(listed.finding).1.replace('\n', "; "),
            (None, None) => requirement.text.clone(),
        }
    }
}

/// Whether a finding is known in a case.
fn is_known_in(finding: &Finding, case: &CaseId) -> bool {
    finding.known.as_ref().is_some_and(|covered| !covered.uncovered.contains(case))
}

#[cfg(test)]
mod tests;
