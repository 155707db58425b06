//! `boundstone list --coverage`, as a user runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;

use serde_json::Value;

use crate::support::{folder, run};

/// Standard output of a list that succeeds, in a folder and with an environment of its own.
fn list(folder: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(folder, &[&["list", "--coverage"], arguments].concat());
    assert_eq!(code, 0, "{stderr}");
    stdout
}

fn json(folder: &Path, contract: &str) -> Value {
    serde_json::from_str(&list(folder, &["--json", "--contract", contract])).unwrap()
}

/// The entry of a list in which `key` is `value`.
fn entry<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let list = list.as_array().unwrap();
    list.iter().find(|entry| entry[key] == value).unwrap_or_else(|| panic!("no {key} {value}"))
}

#[test]
fn people_see_what_tests_each_part_or_why_nothing_does() {
    let folder = folder("coverage/people");
    for contract in ["page", "model"] {
        let text = list(&folder, &["--contract", contract]);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let heading = |heading: &str| assert!(text.lines().any(|line| line == heading), "{heading}");
        heading("Traits: the service");
        heading("Traits: StartConfigurationSession");
        heading("Traits: several operations");
        heading("Statements: open");
        assert!(text.contains("\n    not from outside: no request makes a conformant server fail\n"));
        let closing = text.rsplit("\n\n").next().unwrap().replace('\n', " ");
        assert!(closing.starts_with("statements: ") && closing.contains("; traits: "), "{closing}");
    }
    let page = list(&folder, &[]);
    let required = "  StartConfigurationSessionRequest › ApplicationIdentifier: required\n    \
                    tested by start-configuration-session/application-identifier/required, 4 cases\n";
    assert!(page.contains(required), "{page}");
    assert!(page.contains("\nStatements: page › Request Body\n"), "{page}");
    assert!(page.contains("  Identifier: length max 64, min 1\n"), "{page}");
}

#[test]
fn machines_see_the_same_with_every_case() {
    let folder = folder("coverage/machines");
    let page = json(&folder, "page");
    assert_eq!(page["contract"], "page");
    let length = entry(&page["traits"], "trait", "smithy.api#length");
    assert_eq!(length["place"], "com.amazonaws.appconfigdata#Identifier");
    assert_eq!(length["value"], serde_json::json!({"min": 1, "max": 64}));
    assert_eq!(length["operations"], serde_json::json!(["StartConfigurationSession"]));
    let tested_by = length["tested_by"].as_array().unwrap();
    assert_eq!(tested_by.len(), 3);
    let case = "start-configuration-session/application-identifier/length/empty";
    assert!(tested_by[0]["cases"].as_array().unwrap().iter().any(|it| it == case), "{tested_by:?}");

    let lifetime = entry(&page["statements"], "id", "token-lifetime");
    assert_eq!(lifetime["status"], "untestable");
    assert!(lifetime["reason"].as_str().unwrap().contains("mock"), "{lifetime}");

    for (part, counted) in [("statements", &page["statements"]), ("traits", &page["traits"])] {
        for status in ["tested", "untestable", "not_covered"] {
            let count = counted.as_array().unwrap().iter().filter(|row| row["status"] == status).count();
            assert_eq!(page["totals"][part][status], count, "{part} {status}");
        }
    }
}

#[test]
fn what_nothing_tests_is_said_so() {
    let folder = folder("coverage/file");
    let mut model: Value = serde_json::from_str(cases::contract::embedded::MODEL).unwrap();
    let identifier = &mut model["shapes"]["com.amazonaws.appconfigdata#Identifier"];
    identifier["traits"]["vendor#\u{1b}odd"] = 7.into();
    let service = &mut model["shapes"]["com.amazonaws.appconfigdata#AppConfigData"];
    service["traits"]["smithy.api#documentation"] = "<p>Words.</p>".into();
    std::fs::write(folder.join("own.json"), model.to_string()).unwrap();

    let text = list(&folder, &["--contract", "own.json"]);
    assert!(text.contains("  Identifier: vendor#\\u{1b}odd 7\n    NOT COVERED\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    // The last line may be too long for one.
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.ends_with(&["1", "NOT", "COVERED"]), "{text}");
    let document = json(&folder, "own.json");
    assert_eq!(entry(&document["traits"], "trait", "vendor#\u{1b}odd")["status"], "not_covered");
    let documentation = entry(&document["traits"], "trait", "smithy.api#documentation");
    assert_eq!(documentation["reason"], "documentation: demands nothing");
}
