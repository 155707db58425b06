//! Reports that older versions of boundstone wrote are read for ever, and so are those with members that
//! a later one adds.
//!
//! Each file of `versions` was written by the first boundstone of its `schema_version`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test")]

use reports::human::Style;
use reports::json::parse;
use reports::report::{Report, SCHEMA_VERSION, Verdict};
use reports::{annotations, html, human, json, junit, markdown, summary};
use serde_json::Value;

const OLD: [(&str, &str, [u64; 5]); 2] = [
    ("1-first-mixed", include_str!("versions/1-first-mixed.json"), [0, 1, 1, 2, 1]),
    ("1-first-violated", include_str!("versions/1-first-violated.json"), [2, 0, 0, 0, 1]),
];

fn renderings(report: &Report) -> Vec<String> {
    vec![
        human::render(report, Style { color: false, width: 80 }),
        markdown::render(report),
        html::render(report),
        junit::render(report),
        json::render(report),
        annotations::render(report),
    ]
}

#[test]
fn old_reports_are_read_and_say_what_they_said() {
    for (name, text, counts) in OLD {
        let report = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(report.schema_version <= SCHEMA_VERSION, "{name}");
        let verdicts = summary::VERDICTS.map(|verdict| report.totals.requirements.of(verdict));
        assert_eq!(verdicts, counts, "{name}");
        let bad = report.requirements.iter().filter(|it| it.verdict == Verdict::Violated);
        assert_eq!(bad.count() as u64, counts[0], "{name}");
        let findings = summary::findings(&report);
        for rendering in renderings(&report) {
            assert!(!rendering.is_empty() || findings.is_empty(), "{name}");
        }
        let text = human::render(&report, Style { color: false, width: 80 });
        assert!(findings.iter().all(|listed| text.contains(&format!("{}. ", listed.number))), "{text}");
    }
}

#[test]
fn old_reports_are_valid_by_the_schema_of_today() {
    let schema: Value = serde_json::from_str(include_str!("../report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, text, _) in OLD {
        let report: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        assert!(
            validator.is_valid(&serde_json::from_str(&json::render(&parse(text).unwrap())).unwrap()),
            "{name}"
        );
    }
}

#[test]
fn members_that_a_later_version_adds_are_passed_over() {
    fn add(value: &mut Value) {
        match value {
            Value::Object(members) => {
                // The one member of `from` says what it is.
                members.iter_mut().filter(|(name, _)| *name != "from").for_each(|(_, value)| add(value));
                members.insert("of-a-later-version".to_owned(), serde_json::json!({"a": [null]}));
            }
            Value::Array(items) => items.iter_mut().for_each(add),
            _ => {}
        }
    }
    for (name, text, _) in OLD {
        let mut report: Value = serde_json::from_str(text).unwrap();
        // By their names, observations are counted: a later version has no other members there.
        for requirement in report["requirements"].as_array_mut().unwrap() {
            requirement.as_object_mut().unwrap().remove("observations");
        }
        let before = parse(&report.to_string()).unwrap();
        add(&mut report);
        assert_eq!(parse(&report.to_string()).expect(name), before, "{name}");
    }
}
