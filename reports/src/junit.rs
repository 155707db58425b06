//! `junit.xml`: the report for CI services.
//!
//! One suite for each operation. A case is a test; so is a requirement on every answer, which has
//! no cases of its own. A test fails exactly where the exit code of the run says so: where a
//! requirement that binds is failed or flaky, and the user does not know of it. A known
//! failure, and a SHOULD that does not bind, is a test that passes, with its text as its
//! output. What keeps the run from an answer is an error, at the requirement and for the run as a
//! whole. Each known failure is a test too, in a suite of its own.

use std::time::Duration;

use cases::id::CaseId;
use chrono::DateTime;
use quick_junit::{NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestSuite};

use crate::escape::{line, visible};
use crate::exit::{Outcome, fails, leaves_open, outcome};
use crate::group::{Group, groups};
use crate::report::{CaseResult, Ending, EntryState, Finding, Report, RequirementResult, Verdict};
use crate::show;
use crate::summary::{Listed, Operation, Standing, answer, known_failures, operations};

/// The report as `JUnit` XML.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    let mut document = Document::new("boundstone");
    if let Ok(time) = Duration::try_from_secs_f64(report.seconds) {
        document.set_time(time);
    }
    document.add_test_suites(whole(report));
    let groups = groups(report);
    let failing = failing(report);
    for operation in operations(report) {
        document.add_test_suite(suite(report, &operation, &groups, failing));
    }
    if !report.known_failures.is_empty() {
        document.add_test_suite(entries(report, failing));
    }
    // Fails only where writing fails, and a string takes all.
    let xml = document.to_string().expect("XML into a string");
    // The schema of Jenkins has this sum at each suite, and not at the root, whose tag comes first.
    xml.replacen(&format!(" skipped=\"{}\"", document.skipped), "", 1)
}

/// What a test is that fails. Of a run that does not end as a failure none may be one.
fn failing(report: &Report) -> NonSuccessKind {
    match outcome(report) {
        Outcome::Failed | Outcome::Outdated => NonSuccessKind::Failure,
        Outcome::Passed | Outcome::NotJudged | Outcome::Interrupted => NonSuccessKind::Error,
    }
}

/// The run as a test, if it gave no answer or not the whole one.
fn whole(report: &Report) -> Option<TestSuite> {
    let is_open = matches!(outcome(report), Outcome::NotJudged | Outcome::Interrupted);
    (is_open || report.ending != Ending::Complete).then(|| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(line(&show::clip(&answer(report), 1_000)));
        let mut test = TestCase::new("comes to its end", status);
        test.set_classname("run");
        let mut suite = TestSuite::new("run");
        suite.add_test_case(test);
        suite
    })
}

fn suite(
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
        ("answer", answer(report)),
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
        let of = Tested { report, requirement, findings: own.collect(), groups, failing };
        suite.add_test_cases(of.tests());
    }
    suite
}

/// One test for each known failure.
fn entries(report: &Report, failing: NonSuccessKind) -> TestSuite {
    let mut suite = TestSuite::new("known failures");
    let notes = known_failures(report);
    for entry in &report.known_failures {
        let says = notes.iter().find(|(noted, _)| std::ptr::eq(*noted, entry)).map(|(_, says)| says);
        let about = visible(&show::clip(&entry.about(), 2_000));
        let mut status = match entry.state {
            EntryState::Occurs => TestCaseStatus::success(),
            EntryState::NotRun | EntryState::NotSeen => TestCaseStatus::skipped(),
            EntryState::Changed | EntryState::Gone | EntryState::Expired | EntryState::Unmatched => {
                TestCaseStatus::non_success(failing)
            }
        };
        if let Some(says) = says {
            status.set_message(line(&show::clip(says, 1_000)));
            status.set_description(about.clone());
        }
        let mut test = TestCase::new(line(&entry.case), status);
        test.set_classname(line(&entry.place()));
        if says.is_none() {
            test.set_system_out(about);
        }
        suite.add_test_case(test);
    }
    suite
}

/// A requirement with all that its tests tell.
struct Tested<'a> {
    report: &'a Report,
    requirement: &'a RequirementResult,
    findings: Vec<&'a Listed<'a>>,
    groups: &'a [Group<'a>],
    failing: NonSuccessKind,
}

/// What a test tells.
struct Told<'a> {
    name: &'a str,
    verdict: Verdict,
    reason: Option<&'a str>,
    /// The findings whose counterexamples are its own.
    own: Vec<&'a Listed<'a>>,
    /// Those that it shows as well, told elsewhere.
    others: Vec<&'a Listed<'a>>,
    is_known: bool,
}

impl<'a> Tested<'a> {
    /// A test for each case, and one for the requirement if it has none or if they do not tell all.
    fn tests(&self) -> Vec<TestCase> {
        let Self { report, requirement, .. } = *self;
        let told: Vec<Told<'_>> = requirement.cases.iter().map(|case| self.case(case)).collect();
        let rest = self
            .findings
            .iter()
            .copied()
            .filter(|listed| requirement.cases.iter().all(|case| case.id != listed.finding.case));
        let rest: Vec<&Listed<'_>> = rest.collect();
        let is_told = told.iter().any(|told| self.has_failed(told));
        let is_whole = !requirement.cases.is_empty() && rest.is_empty();
        let whole = (!is_whole || fails(report, requirement) && !is_told).then(|| Told {
            name: requirement.id.as_str(),
            verdict: requirement.verdict,
            reason: requirement.reason.as_deref(),
            own: rest,
            others: Vec::new(),
            is_known: requirement.standing() == Standing::Known,
        });
        told.iter().chain(&whole).map(|told| self.test(told)).collect()
    }

    fn case(&self, case: &'a CaseResult) -> Told<'a> {
        let shows = |listed: &&Listed<'_>| listed.finding.cases.contains(&case.id);
        let is_own = |listed: &&Listed<'_>| listed.finding.case == case.id;
        let (own, rest): (Vec<&Listed<'_>>, Vec<&Listed<'_>>) =
            self.findings.iter().copied().partition(is_own);
        let others: Vec<&Listed<'_>> = rest.into_iter().filter(shows).collect();
        let mut seen = own.iter().chain(&others).peekable();
        let is_known = match seen.peek() {
            Some(_) => seen.all(|listed| is_known_in(listed.finding, &case.id)),
            None => self.requirement.standing() == Standing::Known,
        };
        let reason = case.reason.as_deref().or(self.requirement.reason.as_deref());
        Told { name: case.id.as_str(), verdict: case.verdict, reason, own, others, is_known }
    }

    /// Whether a test tells of what makes the run fail.
    fn has_failed(&self, told: &Told<'_>) -> bool {
        matches!(told.verdict, Verdict::Failed | Verdict::Flaky)
            && fails(self.report, self.requirement)
            && !told.is_known
    }

    /// Whether a test tells of what keeps the run from an answer.
    fn is_open(&self, told: &Told<'_>) -> bool {
        let counts = fails(self.report, self.requirement) || leaves_open(self.report, self.requirement);
        told.verdict == Verdict::Inconclusive && counts
    }

    fn test(&self, told: &Told<'_>) -> TestCase {
        let Self { requirement, failing, .. } = *self;
        let text = visible(&self.text(told));
        let mut status = match told.verdict {
            _ if self.has_failed(told) => TestCaseStatus::non_success(failing),
            _ if self.is_open(told) => TestCaseStatus::non_success(NonSuccessKind::Error),
            Verdict::Inconclusive | Verdict::Skipped => TestCaseStatus::skipped(),
            Verdict::Passed | Verdict::Failed | Verdict::Flaky => TestCaseStatus::success(),
        };
        let kind = told.kind(requirement);
        let message = line(&show::clip(&told.message(requirement), 1_000));
        let passes = matches!(status, TestCaseStatus::Success { .. });
        if !passes {
            status.set_type(kind.clone()).set_message(message.clone()).set_description(text.clone());
        }
        let mut test = TestCase::new(line(told.name), status);
        test.set_classname(line(requirement.id.as_str()));
        if passes && told.verdict != Verdict::Passed {
            test.set_system_out(format!("{kind}: {message}\n\n{text}"));
        }
        test
    }

    /// All that a person needs to know of the test.
    fn text(&self, told: &Told<'_>) -> String {
        let others = told.others.iter().map(|listed| {
            let gist = show::gist(listed.finding).unwrap_or_else(|| listed.verdict());
            format!("Shows as well: {gist}, see {}", listed.finding.case)
        });
        let texts: Vec<String> = told.own.iter().map(|listed| self.told(listed)).chain(others).collect();
        if told.own.is_empty() {
            let of = format!("Requirement: {}\nSource: {}", self.requirement.text, self.requirement.source);
            return [vec![of], texts].concat().join("\n");
        }
        texts.join("\n\n")
    }

    /// A finding in full, and where else the same shows.
    fn told(&self, listed: &Listed<'_>) -> String {
        let mut sections = show::sections(listed, 2_000);
        let is_of = |group: &&Group<'_>| group.all().any(|other| other.number == listed.number);
        if let Some(group) = self.groups.iter().find(is_of).filter(|group| !group.others.is_empty()) {
            let name = |listed: &Listed<'_>| format!("{}. {}", listed.number, listed.requirement.id);
            let names: Vec<String> = group.all().map(name).collect();
            sections.push(("One difference in", names.join("\n")));
        }
        let blocks: Vec<String> = sections.iter().map(|(title, text)| format!("{title}:\n{text}")).collect();
        blocks.join("\n\n")
    }
}

impl Told<'_> {
    /// `MUST failed, known`.
    fn kind(&self, requirement: &RequirementResult) -> String {
        let is_bad = matches!(self.verdict, Verdict::Failed | Verdict::Flaky);
        let known = if is_bad && self.is_known { ", known" } else { "" };
        format!("{} {}{known}", requirement.level, self.verdict)
    }

    /// Why it did not hold, in a line.
    fn message(&self, requirement: &RequirementResult) -> String {
        let mut shown = self.own.iter().chain(&self.others);
        if let (Verdict::Failed | Verdict::Flaky, true) = (self.verdict, self.is_known) {
            let known =
                shown.find_map(|listed| show::known(listed)).map(|(_, text)| text.replace('\n', "; "));
            return known.unwrap_or_else(|| "known".to_owned());
        }
        match (self.reason, shown.next()) {
            (Some(reason), _) => reason.to_owned(),
            (None, Some(listed)) => show::expected_and_received(listed.finding).1.replace('\n', "; "),
            (None, None) => requirement.text.clone(),
        }
    }
}

/// Whether a finding is known as far as a case shows it.
fn is_known_in(finding: &Finding, case: &CaseId) -> bool {
    finding.known.as_ref().is_some_and(|covered| !covered.uncovered.contains(case))
}

#[cfg(test)]
mod tests;
