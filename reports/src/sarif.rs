//! `report.sarif`: the findings for code scanning, as SARIF 2.1.0.
//!
//! A requirement with a finding is a rule, a finding is a result. No line of source is at fault, since
//! a server was tried from outside: the place of a result is the expected answer of its case, and its
//! logical places are the requirement and the case.

use cases::id::Level;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::escape::line;
use crate::exit::{Outcome, outcome};
use crate::group::groups;
use crate::json::escaped;
use crate::merge::Key;
use crate::report::{Ending, KnownFailure, Report, RequirementResult, TargetKind};
use crate::show::{clip, expected_and_received};
use crate::summary::{Listed, known_failures};

/// The name of the folder that places are relative to, where they lie in boundstone's own source.
const SOURCE: &str = "BOUNDSTONE";

/// What stands for itself in the path of a URI.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The findings as SARIF, with a line feed at the end.
pub fn render(report: &Report) -> String {
    let groups = groups(report);
    let listed = groups.iter().flat_map(|group| group.all().map(|listed| (listed, group.first.number)));
    let mut rules: Vec<&RequirementResult> = Vec::new();
    let results: Vec<Value> = listed
        .map(|(listed, group)| {
            let at = rules.iter().position(|rule| rule.id == listed.requirement.id);
            let index = at.unwrap_or_else(|| {
                rules.push(listed.requirement);
                rules.len() - 1
            });
            result(report, listed, group, index)
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "boundstone",
                "version": line(&report.boundstone),
                "rules": rules.into_iter().map(rule).collect::<Vec<_>>(),
            }},
            // Runs by different contracts do not replace each other.
            "automationDetails": {"id": format!("boundstone/{}/", line(&report.contract.name))},
            "originalUriBaseIds": {SOURCE: {"description": {
                "text": "The source of boundstone, which holds the expected answer of each case."
            }}},
            "invocations": [invocation(report)],
            "results": results,
            "properties": {
                "contract": {"name": line(&report.contract.name), "digest": line(&report.contract.digest)},
                "target": match report.target.kind {
                    TargetKind::Mock => "mock".to_owned(),
                    TargetKind::Url => line(&report.target.url),
                },
                "seed": report.seed,
            },
        }],
    });
    escaped(&format!("{log:#}\n"))
}

fn rule(requirement: &RequirementResult) -> Value {
    let text = prose(&requirement.text);
    json!({
        "id": line(requirement.id.as_str()),
        "shortDescription": text,
        "fullDescription": text,
        "help": prose(&format!("{} {}\nSource: {}", requirement.level, requirement.text, requirement.source)),
        "defaultConfiguration": {"level": level(requirement)},
        "properties": {"tags": [requirement.level.to_string(), line(&requirement.operation)]},
    })
}

fn level(requirement: &RequirementResult) -> &'static str {
    match requirement.level {
        Level::Must => "error",
        Level::Should => "warning",
    }
}

fn result(report: &Report, listed: &Listed<'_>, group: usize, rule: usize) -> Value {
    let Listed { requirement, finding, .. } = listed;
    let (expected, received) = expected_and_received(finding);
    let known = finding.is_known();
    let fingerprint = fingerprint(listed);
    let mut result = json!({
        "ruleId": line(requirement.id.as_str()),
        "ruleIndex": rule,
        "level": if known { "note" } else { level(requirement) },
        "message": prose(&format!("{}\nExpected: {expected}\nReceived: {received}", requirement.text)),
        "locations": [{
            "physicalLocation": {"artifactLocation": artifact(report, listed), "region": {"startLine": 1}},
            "logicalLocations": [
                {"fullyQualifiedName": line(requirement.id.as_str()), "kind": "requirement"},
                {"fullyQualifiedName": line(finding.case.as_str()), "kind": "case"},
            ],
        }],
        "partialFingerprints": {
            "boundstoneFinding/v1": fingerprint,
            // The only one by which GitHub tells that a result was there before.
            "primaryLocationLineHash": format!("{fingerprint}:1"),
        },
        "occurrenceCount": finding.count.max(1),
        "properties": {
            "case": line(finding.case.as_str()),
            "verdict": finding.verdict.to_string(),
            "group": group,
            "replay": line(&finding.replay),
            "curl": finding.curl,
        },
    });
    if let Some(target) = &finding.target {
        result["properties"]["target"] = line(target).into();
    }
    if known {
        result["suppressions"] = listed.entries().map(suppression).collect();
    }
    result
}

/// The committed answer of the case, or the file of a contract that is not built in.
fn artifact(report: &Report, listed: &Listed<'_>) -> Value {
    let contract = report.contract.name.as_str();
    let uri = |path: &str| utf8_percent_encode(path, PATH).to_string();
    if matches!(contract, "page" | "model") {
        json!({"uri": uri(&format!("snapshots/{contract}/{}.snap", listed.finding.case)), "uriBaseId": SOURCE})
    } else {
        json!({"uri": uri(contract)})
    }
}

fn suppression(entry: &KnownFailure) -> Value {
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": line(&clip(&entry.about(), 1_000)),
        "location": {"physicalLocation": {
            "artifactLocation": {"uri": utf8_percent_encode(&entry.file, PATH).to_string()},
            "region": {"startLine": entry.line.max(1)},
        }},
    })
}

/// The same for the same finding of another run: see [`crate::diff`].
fn fingerprint(listed: &Listed<'_>) -> String {
    let key = Key::of(listed.finding);
    let mut hash = Sha256::new().chain_update(listed.requirement.id.as_str());
    for part in key.parts() {
        // No part holds the byte that parts them.
        hash.update([0xff]);
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the run came to its end, and what else is to be said of it.
fn invocation(report: &Report) -> Value {
    let outcome = outcome(report);
    let ending = match &report.ending {
        Ending::Complete => None,
        Ending::Interrupted { reason } | Ending::NotJudged { reason } => Some(reason.clone()),
    };
    let outdated = known_failures(report).into_iter().filter(|(entry, _)| entry.state.is_outdated());
    let outdated = outdated.map(|(entry, says)| format!("{}: {} {says}", entry.place(), entry.case));
    let notifications: Vec<Value> = ending
        .into_iter()
        .chain(outdated)
        .map(|text| json!({"level": "error", "message": prose(&text)}))
        .collect();
    let mut invocation = json!({
        "executionSuccessful": !matches!(outcome, Outcome::NotJudged | Outcome::Interrupted),
        "exitCode": outcome.code(),
        "toolExecutionNotifications": notifications,
    });
    if chrono::DateTime::parse_from_rfc3339(&report.started_at).is_ok() {
        invocation["startTimeUtc"] = report.started_at.as_str().into();
    }
    invocation
}

/// A message, without the form `[text](address)` that viewers make a link of.
fn prose(text: &str) -> Value {
    let lines = text.lines().map(|text| line(&clip(text, 1_000)).replace("](", "] ("));
    json!({"text": lines.collect::<Vec<_>>().join("\n")})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Diff;
    use crate::sample;
    use crate::summary::findings;

    fn run(report: &Report) -> Value {
        let log: Value = serde_json::from_str(&render(report)).expect("JSON");
        assert_eq!(log["version"], "2.1.0");
        log["runs"][0].clone()
    }

    fn list(value: &Value) -> &[Value] {
        value.as_array().map(Vec::as_slice).expect("an array")
    }

    #[test]
    fn each_finding_is_a_result_of_its_rule() {
        for (name, report) in sample::all() {
            let run = run(&report);
            let rules = list(&run["tool"]["driver"]["rules"]);
            let results = list(&run["results"]);
            let listed = findings(&report);
            assert_eq!(results.len(), listed.len(), "{name}");
            assert_eq!(rules.len(), report.requirements.iter().filter(|it| !it.findings.is_empty()).count());
            for (result, listed) in results.iter().zip(&listed) {
                let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
                assert_eq!(rules[index]["id"], result["ruleId"], "{name}");
                assert_eq!(result["ruleId"], line(listed.requirement.id.as_str()), "{name}");
                assert_eq!(result["properties"]["curl"], listed.finding.curl.as_str(), "{name}");
                let suppressed = result.get("suppressions").is_some_and(|all| !list(all).is_empty());
                assert_eq!(suppressed, listed.finding.is_known(), "{name}");
                assert_eq!(result["level"] == "note", listed.finding.is_known(), "{name}");
            }
        }
    }

    #[test]
    fn a_must_is_an_error_and_a_should_a_warning() {
        let run = run(&sample::violated());
        let levels: Vec<_> = list(&run["results"]).iter().map(|result| &result["level"]).collect();
        assert_eq!(levels, ["error", "warning"]);
        let rules = list(&run["tool"]["driver"]["rules"]);
        assert_eq!(rules[0]["defaultConfiguration"]["level"], "error");
        let message = list(&run["results"])[0]["message"]["text"].as_str().expect("text");
        assert!(message.contains("\nExpected: status: 400\n"), "{message}");
        assert!(message.contains("\nReceived: status: 200\n"), "{message}");
    }

    #[test]
    fn what_is_known_is_suppressed_with_its_reason() {
        let run = run(&sample::known());
        let suppression = &list(&run["results"])[0]["suppressions"][0];
        assert_eq!(suppression["kind"], "external");
        let reason = suppression["justification"].as_str().expect("text");
        assert!(reason.starts_with("The limit comes with version 3. "), "{reason}");
        assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 3);
    }

    #[test]
    fn a_place_is_the_expected_answer_or_the_contract() {
        let place = |report: &Report| {
            list(&run(report)["results"])[0]["locations"][0]["physicalLocation"]["artifactLocation"].clone()
        };
        let mut report = sample::known();
        let case = &report.requirements[0].findings[0].case;
        let snapshot = json!({"uri": format!("snapshots/page/{case}.snap"), "uriBaseId": "BOUNDSTONE"});
        assert_eq!(place(&report), snapshot);
        report.contract.name = "own model#1.json".into();
        assert_eq!(place(&report), json!({"uri": "own%20model%231.json"}));
    }

    #[test]
    fn a_fingerprint_is_the_same_just_where_a_diff_says_so() {
        let of = |report: &Report| -> Vec<String> { findings(report).iter().map(fingerprint).collect() };
        let base = sample::violated();
        let mut head = base.clone();
        head.seed += 1;
        head.requirements[0].findings[0].count += 5;
        head.requirements[0].findings[0].curl.clear();
        assert!(Diff::of(&base, &head).new.is_empty());
        assert_eq!(of(&base), of(&head));
        head.requirements[2].findings[0].differences[0].actual = "201".into();
        assert_eq!(Diff::of(&base, &head).new.len(), 1);
        assert_ne!(of(&base)[0], of(&head)[0]);
        assert_eq!(of(&base)[1], of(&head)[1]);
    }

    #[test]
    fn what_the_run_could_not_do_is_said() {
        let run = |report| run(&report)["invocations"][0].clone();
        assert_eq!(run(sample::all_held())["executionSuccessful"], true);
        let failed = run(sample::not_judged());
        assert_eq!((&failed["executionSuccessful"], &failed["exitCode"]), (&false.into(), &3.into()));
        let says = |at: &Value| list(&at["toolExecutionNotifications"]).len();
        assert_eq!((says(&failed), says(&run(sample::outdated()))), (1, 3));
    }

    #[test]
    fn hostile_text_is_only_text() {
        fn messages<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
            match value {
                Value::Object(members) => members.values().for_each(|value| messages(value, into)),
                Value::Array(items) => items.iter().for_each(|item| messages(item, into)),
                Value::String(text) => into.push(text),
                _ => {}
            }
        }
        for (name, report) in sample::all() {
            let mut run = run(&report);
            let odd = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!render(&report).contains(odd), "{name}");
            // The command is quoted for a shell, and is no message.
            for result in run["results"].as_array_mut().expect("results") {
                result["properties"].as_object_mut().expect("members").remove("curl");
            }
            let mut texts = Vec::new();
            messages(&run, &mut texts);
            assert!(texts.iter().all(|text| !text.contains(odd)), "{name}");
            let linked = list(&run["results"]).iter().map(|result| &result["message"]["text"]);
            assert!(linked.filter_map(Value::as_str).all(|text| !text.contains("](")), "{name}");
        }
    }
}
