//! Tests fail exactly if the exit code says so, and hostile text stays text.

use cases::id::Level;
use proptest::prelude::*;
use proptest::sample::subsequence;
use roxmltree::{Document as Xml, Node};

use super::*;
use crate::model::{KnownBy, VERDICTS, sample};

fn with_tag<'a>(xml: &'a Xml<'_>, tag: &str) -> Vec<Node<'a, 'a>> {
    xml.descendants().filter(|node| node.has_tag_name(tag)).collect()
}

#[test]
fn every_report_is_well_formed() {
    for (name, report) in sample::all() {
        let text = render(&report);
        let xml = Xml::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let tests: usize = report.requirements.iter().map(|r| r.cases.len().max(1)).sum();
        assert!(with_tag(&xml, "testcase").len() >= tests + report.known_failures.len(), "{name}");
        let is_clean = |text: &str| text.chars().all(|c| c == '\n' || !c.is_control());
        assert!(is_clean(&text), "{name}");
    }
}

#[test]
fn hostile_text_is_only_text() {
    let report = Report { strict: true, ..sample::failed() };
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
fn failure_has_all_sections() {
    let text = render(&sample::failed());
    let xml = Xml::parse(&text).expect("well-formed");
    let failure = with_tag(&xml, "failure")
        .into_iter()
        .find(|node| node.attribute("type") == Some("MUST failed"))
        .expect("the failed MUST");
    let text = failure.text().expect("text");
    for part in ["Requirement:\n", "Source:\n", "Sent:\n", "Expected:\n", "Received:\n", "Replay:\n"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("\"aaaa…\" (65 characters)"), "{text}");
}

#[test]
fn known_failure_passes_and_outdated_entry_fails() {
    let text = render(&sample::known());
    let xml = Xml::parse(&text).expect("well-formed");
    for tag in ["failure", "error", "skipped"] {
        assert!(with_tag(&xml, tag).is_empty(), "{text}");
    }
    let said: Vec<&str> = with_tag(&xml, "system-out").iter().filter_map(Node::text).collect();
    let known = "MUST failed, known: The limit comes with version 3. https://issues.example/7 ";
    assert!(said[0].starts_with(known), "{said:?}");
    assert!(said[0].contains("\nReplay:\n"), "{said:?}");

    let text = render(&sample::outdated());
    let xml = Xml::parse(&text).expect("well-formed");
    let failed: Vec<_> = with_tag(&xml, "failure")
        .iter()
        .map(|failure| failure.parent().and_then(|test| test.attribute("classname")).unwrap_or_default())
        .collect();
    assert_eq!(failed, ["known.toml:9", "known.toml:14", "known.toml:20"]);
}

#[test]
fn one_difference_in_several_members_is_named_in_each() {
    let text = render(&sample::same());
    let xml = Xml::parse(&text).expect("well-formed");
    let failures = with_tag(&xml, "failure");
    let same = |node: &&Node<'_, '_>| {
        node.text().is_some_and(|text| text.contains("\n\nSame difference in:\n1. start-"))
    };
    assert_eq!((failures.len(), failures.iter().filter(same).count()), (4, 3), "{text}");
}

#[test]
fn should_that_is_not_binding_passes_with_its_text() {
    let mut report = sample::failed();
    report
        .requirements
        .retain(|requirement| requirement.level == Level::Should || requirement.findings.is_empty());
    let text = render(&report);
    let xml = Xml::parse(&text).expect("well-formed");
    assert!(with_tag(&xml, "failure").is_empty(), "{text}");
    assert!(with_tag(&xml, "error").is_empty(), "{text}");
    let said = with_tag(&xml, "system-out")[0].text().expect("text");
    assert!(said.starts_with("SHOULD failed: status: 500"), "{said}");
    assert!(said.contains("\nReplay:\n"), "{said}");
    let text = render(&Report { strict: true, ..report });
    let xml = Xml::parse(&text).expect("well-formed");
    assert_eq!(with_tag(&xml, "failure")[0].attribute("type"), Some("SHOULD failed"));
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
    assert_eq!(message("failure"), [("MUST flaky", "status: 200; error type: (none)")]);
    assert_eq!(message("error"), [("MUST inconclusive", "the control was refused with status 403")]);
    assert_eq!(
        message("skipped"),
        [("MUST skipped", "no fixture has a name; add `name` to [[resource]]"); 2]
    );
    let sums = |of: Node<'_, '_>| {
        ["tests", "failures", "errors", "skipped"].map(|name| of.attribute(name).map(str::to_owned))
    };
    let [tests, failures, errors, skipped] = ["5", "1", "1", "2"].map(|sum| Some(sum.to_owned()));
    let suite = with_tag(&xml, "testsuite")[0];
    assert_eq!(sums(suite), [tests.clone(), failures.clone(), errors.clone(), skipped]);
    assert_eq!(sums(xml.root_element()), [tests, failures, errors, None]);
}

#[test]
fn run_without_a_result_is_an_error() {
    for (report, reason) in [
        (sample::not_tested(), "is the URL right?"),
        (sample::interrupted(), "Stopped by Ctrl-C."),
        (Report { ending: sample::not_tested().ending, ..sample::failed() }, "is the URL right?"),
    ] {
        let text = render(&report);
        let xml = Xml::parse(&text).expect("well-formed");
        let errors = with_tag(&xml, "error");
        let message = errors[0].attribute("message").expect("a message");
        assert!(errors.len() == 1, "{message}");
        assert!(message.ends_with(reason), "{message}");
    }
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop::sample::select(VERDICTS.to_vec())
}

/// The known failures that cover a finding of these cases, if any.
fn covered(cases: Vec<CaseId>) -> impl Strategy<Value = Option<KnownBy>> {
    let most = cases.len();
    let covered = subsequence(cases, 0..=most).prop_map(|uncovered| KnownBy { entries: vec![0], uncovered });
    prop::option::weighted(0.7, covered)
}

fn requirements() -> impl Strategy<Value = RequirementResult> {
    let level = prop::sample::select(vec![Level::Must, Level::Should]);
    let cases = prop::collection::vec(verdicts(), 0..4);
    let requirement = |(level, verdict, cases): (Level, Verdict, Vec<Verdict>)| {
        let mut requirement = sample::requirement("Token", level, verdict);
        let one = requirement.cases.remove(0);
        for (nth, verdict) in cases.into_iter().enumerate() {
            let id = requirement.id.case(&format!("case-{nth}"));
            requirement.cases.push(CaseResult { id, verdict, ..one.clone() });
        }
        let other = RequirementResult {
            id: serde_json::from_value("other".into()).expect("an id"),
            ..requirement.clone()
        };
        let own: Vec<CaseId> = requirement.cases.iter().map(|case| case.id.clone()).collect();
        let shown_by = [own.clone(), vec![other.id.case("case")]].concat();
        let most = own.len();
        let finding = (prop::sample::select(shown_by), subsequence(own, 0..=most))
            .prop_flat_map(|(case, cases)| (Just(case), Just(cases.clone()), covered(cases)));
        let findings = prop::collection::vec(finding, 0..3);
        (Just(requirement), findings)
    };
    (level, verdicts(), cases).prop_flat_map(requirement).prop_map(|(mut requirement, findings)| {
        if matches!(requirement.verdict, Verdict::Failed | Verdict::Flaky) {
            let plain = sample::failed().requirements[2].findings[0].clone();
            let of = |(case, cases, known)| Finding { case, cases, known, ..plain.clone() };
            requirement.findings = findings.into_iter().map(of).collect();
        }
        requirement
    })
}

/// Any reports, including ones that no run makes.
fn reports() -> impl Strategy<Value = Report> {
    let endings = prop::sample::select(vec![
        Ending::Complete,
        Ending::Complete,
        Ending::Complete,
        sample::not_tested().ending,
        sample::interrupted().ending,
    ]);
    let states = prop::sample::select(vec![
        EntryState::Occurs,
        EntryState::Occurs,
        EntryState::NotRun,
        EntryState::Gone,
        EntryState::Expired,
        EntryState::Unmatched,
    ]);
    let passed = any::<bool>()
        .prop_map(|passed| passed.then(|| sample::requirement("Passed", Level::Must, Verdict::Passed)));
    let requirements = (prop::collection::vec(requirements(), 0..4), passed)
        .prop_map(|(requirements, passed)| requirements.into_iter().chain(passed).collect::<Vec<_>>());
    (requirements, endings, prop::collection::vec(states, 0..3), any::<bool>()).prop_map(
        |(requirements, ending, states, strict)| {
            let entry = sample::known().known_failures.remove(0);
            let known_failures =
                states.into_iter().map(|state| crate::model::KnownFailure { state, ..entry.clone() });
            Report {
                ending,
                strict,
                known_failures: known_failures.collect(),
                ..sample::report(requirements)
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn failures_agree_with_the_exit_code(report in reports()) {
        let text = render(&report);
        let xml = Xml::parse(&text).expect("well-formed");
        let counts = ["failure", "error"].map(|tag| with_tag(&xml, tag).len());
        let code = outcome(&report).code();
        prop_assert_eq!(code == 1, counts[0] > 0, "exit code {}, {:?}: {}", code, counts, text);
        prop_assert!(code != 0 || counts[1] == 0, "exit code 0, {:?}: {}", counts, text);
        prop_assert!(code <= 1 || counts[1] > 0, "exit code {}, {:?}: {}", code, counts, text);
        for failure in with_tag(&xml, "failure") {
            let class = failure.parent().and_then(|test| test.attribute("classname")).unwrap_or_default();
            let mut of = report.requirements.iter().filter(|requirement| requirement.id.as_str() == class);
            prop_assert!(class.starts_with("known.toml") || of.any(|it| fails(&report, it)), "{}", class);
        }
    }
}
