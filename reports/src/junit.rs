//! `junit.xml`: the report for CI services.
//!
//! One suite for each operation. A case is a test; so is a requirement on every answer, which has
//! no cases of its own. Violated is a failure; unstable and an inconclusive MUST are errors, since
//! the run can say nothing firm about them; the rest of what is open is skipped, and so is what the
//! ledger knows, with its reason. Each entry of the ledger is a test too, in a suite of its own.

use std::time::Duration;

use cases::id::Level;
use chrono::DateTime;
use quick_junit::{
    FlakyOrRerun, NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestRerun,
    TestSuite,
};

use crate::escape::{line, visible};
use crate::report::{EntryState, Report, RequirementResult, Verdict};
use crate::show;
use crate::summary::{Listed, Operation, Standing, answer, charges, findings, ledger, operations};

/// The report as `JUnit` XML.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    let mut document = Document::new("boundstone");
    if let Ok(time) = Duration::try_from_secs_f64(report.seconds) {
        document.set_time(time);
    }
    let findings = findings(report);
    for operation in operations(report) {
        document.add_test_suite(suite(report, &operation, &findings));
    }
    if !report.ledger.is_empty() {
        document.add_test_suite(entries(report));
    }
    // Fails only where writing fails, and a string takes all.
    let xml = document.to_string().expect("XML into a string");
    // The schema of Jenkins has this sum at each suite, and not at the root, whose tag comes first.
    xml.replacen(&format!(" skipped=\"{}\"", document.skipped), "", 1)
}

fn suite(report: &Report, operation: &Operation<'_>, findings: &[Listed<'_>]) -> TestSuite {
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
    for charge in charges(report) {
        suite.add_property(Property::new("cost", line(&charge)));
    }
    for requirement in &operation.requirements {
        let mut own: Vec<&Listed<'_>> =
            findings.iter().filter(|f| std::ptr::eq(f.requirement, *requirement)).collect();
        for case in &requirement.cases {
            let (of_case, rest) = own.into_iter().partition(|f| f.finding.case == case.id);
            own = rest;
            let reason = case.reason.as_deref().or(requirement.reason.as_deref());
            let status = status(requirement, case.verdict, reason, &of_case);
            suite.add_test_case(test(case.id.as_str(), requirement, status));
        }
        if requirement.cases.is_empty() || !own.is_empty() {
            let reason = requirement.reason.as_deref();
            let status = status(requirement, requirement.verdict, reason, &own);
            suite.add_test_case(test(requirement.id.as_str(), requirement, status));
        }
    }
    suite
}

/// One test for each entry of the ledger.
fn entries(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("ledger");
    let notes = ledger(report);
    for entry in &report.ledger {
        let says = notes.iter().find(|(noted, _)| std::ptr::eq(*noted, entry));
        let mut status = match entry.state {
            EntryState::Occurs => TestCaseStatus::success(),
            EntryState::NotRun => TestCaseStatus::skipped(),
            EntryState::Gone | EntryState::Expired | EntryState::Unmatched => {
                TestCaseStatus::non_success(NonSuccessKind::Failure)
            }
        };
        if let Some((_, says)) = says {
            status.set_message(line(&show::clip(says, 1_000)));
            status.set_description(visible(&show::clip(&entry.about(), 2_000)));
        }
        let mut test = TestCase::new(line(&entry.case), status);
        test.set_classname(line(&entry.place()));
        suite.add_test_case(test);
    }
    suite
}

fn test(name: &str, requirement: &RequirementResult, status: TestCaseStatus) -> TestCase {
    let mut test = TestCase::new(line(name), status);
    test.set_classname(line(requirement.id.as_str()));
    test
}

fn status(
    requirement: &RequirementResult,
    verdict: Verdict,
    reason: Option<&str>,
    findings: &[&Listed<'_>],
) -> TestCaseStatus {
    // A case may have seen what is told where another one speaks for both.
    let is_known = match (verdict, findings) {
        (Verdict::Violated | Verdict::Unstable, []) => requirement.standing() == Standing::Known,
        (Verdict::Violated | Verdict::Unstable, all) => all.iter().all(|listed| listed.finding.is_known()),
        _ => false,
    };
    let known =
        findings.iter().find_map(|listed| show::known(listed)).map(|(_, text)| text.replace('\n', "; "));
    let reason = if is_known { known.as_deref().or(Some("known")) } else { reason };
    let mut status = match (verdict, requirement.level) {
        _ if is_known => TestCaseStatus::skipped(),
        (Verdict::Held, _) => return TestCaseStatus::success(),
        (Verdict::Violated, _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        (Verdict::Unstable, _) | (Verdict::Inconclusive, Level::Must) => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        (Verdict::Inconclusive, Level::Should) | (Verdict::Skipped, _) => TestCaseStatus::skipped(),
    };
    let fallback = match findings.first() {
        Some(listed) => show::expected_and_received(listed.finding).1.replace('\n', "; "),
        None => requirement.text.clone(),
    };
    status
        .set_type(format!("{} {verdict}{}", requirement.level, if is_known { ", known" } else { "" }))
        .set_message(line(&show::clip(reason.unwrap_or(&fallback), 1_000)));
    let text = if findings.is_empty() {
        format!("Requirement: {}\nSource: {}", requirement.text, requirement.source)
    } else {
        let texts: Vec<String> = findings.iter().map(|listed| text(listed)).collect();
        texts.join("\n\n")
    };
    let text = visible(&text);
    if verdict == Verdict::Unstable && !is_known {
        // What came once and not again is a failed run of a test that then passed.
        let mut first = TestRerun::new(NonSuccessKind::Failure);
        first.set_type("unstable").set_description(text.clone());
        status.set_rerun_kind(FlakyOrRerun::Flaky).add_rerun(first);
    }
    status.set_description(text);
    status
}

fn text(listed: &Listed<'_>) -> String {
    let sections = show::sections(listed, 2_000);
    let blocks: Vec<String> = sections.iter().map(|(title, text)| format!("{title}:\n{text}")).collect();
    blocks.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use roxmltree::{Document as Xml, Node};

    fn with_tag<'a>(xml: &'a Xml<'_>, tag: &str) -> Vec<Node<'a, 'a>> {
        xml.descendants().filter(|node| node.has_tag_name(tag)).collect()
    }

    #[test]
    fn every_report_is_well_formed() {
        for (name, report) in sample::all() {
            let text = render(&report);
            let xml = Xml::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            let tests: usize = report.requirements.iter().map(|r| r.cases.len().max(1)).sum();
            assert!(with_tag(&xml, "testcase").len() >= tests + report.ledger.len(), "{name}");
            let is_clean = |text: &str| text.chars().all(|c| c == '\n' || !c.is_control());
            assert!(is_clean(&text), "{name}");
        }
    }

    #[test]
    fn hostile_text_is_only_text() {
        let report = sample::violated();
        let text = render(&report);
        let xml = Xml::parse(&text).expect("well-formed");
        assert!(with_tag(&xml, "script").is_empty());
        let failures = with_tag(&xml, "failure");
        assert_eq!(failures.len(), 2);
        let failure = failures[0].text().expect("text");
        assert!(failure.contains("<script>alert(1)</script>]]>&amp;</failure>"), "{failure}");
        assert!(failure.contains("\\u{1b}[31mred\\u{9b}0m\\u{202e}@octocat"), "{failure}");
        assert!(failure.contains("\\u{fffe}"), "{failure}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
    }

    #[test]
    fn a_failure_tells_what_a_person_needs() {
        let text = render(&sample::violated());
        let xml = Xml::parse(&text).expect("well-formed");
        let failure = with_tag(&xml, "failure")
            .into_iter()
            .find(|node| node.attribute("type") == Some("MUST violated"))
            .expect("the violated MUST");
        let text = failure.text().expect("text");
        for part in ["Requirement:\n", "Source:\n", "Sent:\n", "Expected:\n", "Received:\n", "Replay:\n"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains("\"aaaa…\" (65 characters)"), "{text}");
    }

    #[test]
    fn what_is_known_does_not_fail_and_an_outdated_entry_does() {
        let text = render(&sample::known());
        let xml = Xml::parse(&text).expect("well-formed");
        assert!(with_tag(&xml, "failure").is_empty() && with_tag(&xml, "error").is_empty(), "{text}");
        let skipped = with_tag(&xml, "skipped");
        assert_eq!(skipped[0].attribute("type"), Some("MUST violated, known"));
        let message = skipped[0].attribute("message").expect("a message");
        assert!(
            message.starts_with("The limit comes with version 3. https://issues.example/7 "),
            "{message}"
        );

        let text = render(&sample::outdated());
        let xml = Xml::parse(&text).expect("well-formed");
        let failed: Vec<_> = with_tag(&xml, "failure")
            .iter()
            .map(|failure| failure.parent().and_then(|test| test.attribute("classname")).unwrap_or_default())
            .filter(|class| class.starts_with("known"))
            .collect();
        assert_eq!(failed, ["known.toml:9", "known.toml:14", "known.toml:20"]);
    }

    #[test]
    fn each_verdict_has_its_element() {
        let text = render(&sample::mixed());
        let xml = Xml::parse(&text).expect("well-formed");
        let message = |tag: &str| -> Vec<(&str, &str)> {
            with_tag(&xml, tag)
                .iter()
                .map(|n| (n.attribute("type").unwrap_or(""), n.attribute("message").unwrap_or("")))
                .collect()
        };
        assert_eq!(
            message("error"),
            [
                ("MUST unstable", "status: 200; error type: (none)"),
                ("MUST inconclusive", "the valid twin was refused with status 403"),
            ]
        );
        assert_eq!(with_tag(&xml, "flakyFailure").len(), 1);
        assert_eq!(
            message("skipped"),
            [("MUST skipped", "no fixture has a name; add `name` to [[resource]]"); 2]
        );
        let sums = |of: Node<'_, '_>| {
            ["tests", "failures", "errors", "skipped"].map(|name| of.attribute(name).map(str::to_owned))
        };
        let [tests, failures, errors, skipped] = ["5", "0", "2", "2"].map(|sum| Some(sum.to_owned()));
        let suite = with_tag(&xml, "testsuite")[0];
        assert_eq!(sums(suite), [tests.clone(), failures.clone(), errors.clone(), skipped]);
        assert_eq!(sums(xml.root_element()), [tests, failures, errors, None]);
    }
}
