//! `report.json`: the report as it is, for programs.
//!
//! What readers may rely on is said by the number `schema_version`. Within a number only optional members
//! are added, such that a reader who ignores them is not misled; readers ignore members that they do not
//! know. A member that goes, becomes required, or changes its form or meaning raises the number, and so
//! does a new value of an enumeration. [`parse`] reads reports of all numbers up to [`SCHEMA_VERSION`];
//! of a later one it says in one error what to do. `tests/versions` holds reports of the first
//! boundstone of each number.

use serde::Deserialize;

use crate::report::{Report, SCHEMA_VERSION};

/// The report as JSON over several lines, in the order of its fields, with a line feed at the end.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    // Fails only on a map whose keys are no strings; a report has none.
    let mut json = serde_json::to_string_pretty(report).expect("the keys of all maps are strings");
    json.push('\n');
    escaped(&json)
}

/// The same JSON, but that characters of its strings which control a terminal or turn the direction of
/// writing are escapes. JSON has no need of them outside of strings, and asks for escapes of a few only.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' || !c.escape_debug().to_string().starts_with('\\') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// It was written by a newer boundstone.
    #[error(
        "the report has schema_version {found}, this boundstone reads up to {SCHEMA_VERSION}: \
         use the version that wrote it"
    )]
    Newer {
        /// Its `schema_version`.
        found: u32,
    },
    /// No boundstone writes this version.
    #[error("the report has schema_version 0: they begin with 1")]
    None,
    /// A requirement passes that nothing tested.
    #[error("no report.json of boundstone: `{requirement}` passed, but no response tested it")]
    Unseen {
        /// The requirement.
        requirement: String,
    },
    /// It is no JSON, or a field is missing or wrong.
    #[error("no report.json of boundstone: at {path}: {source}")]
    Malformed {
        /// The path of the field, such as `requirements[3].level`; `.` for the whole.
        path: String,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

/// Reads what [`render`] wrote, also by an older boundstone. Unknown fields are ignored.
pub fn parse(json: &str) -> Result<Report, ParseError> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u32,
    }
    let Version { schema_version } = read(json)?;
    if schema_version > SCHEMA_VERSION {
        return Err(ParseError::Newer { found: schema_version });
    }
    if schema_version == 0 {
        return Err(ParseError::None);
    }
    let report: Report = read(json)?;
    match report.passes_unseen() {
        Some(requirement) => Err(ParseError::Unseen { requirement: requirement.id.to_string() }),
        None => Ok(report),
    }
}

fn read<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, ParseError> {
    let mut input = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut input).map_err(|error| {
        let path = error.path().to_string();
        ParseError::Malformed { path, source: error.into_inner() }
    })?;
    input.end().map_err(|source| ParseError::Malformed { path: ".".to_owned(), source })?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;
    use crate::sample;
    use serde_json::{Value, json};

    fn schema() -> Value {
        serde_json::from_str(include_str!("../report.schema.json")).expect("the schema is JSON")
    }

    #[test]
    fn a_report_survives_the_round_trip() {
        for (name, report) in sample::all() {
            let json = render(&report);
            assert_eq!(parse(&json).expect(name), report);
            assert!(json.ends_with("}\n"));
        }
    }

    #[test]
    fn reports_are_valid_by_the_schema() {
        let schema = schema();
        jsonschema::meta::validate(&schema).expect("a JSON Schema");
        let validator = jsonschema::validator_for(&schema).expect("a JSON Schema");
        for (name, report) in sample::all() {
            let value: Value = serde_json::from_str(&render(&report)).expect("JSON");
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }

    #[test]
    fn the_schema_knows_every_field_and_no_other() {
        fn closed(at: &str, schema: &Value) {
            if let Some(properties) = schema.get("properties") {
                assert_eq!(schema["additionalProperties"], json!(false), "{at}");
                for required in schema["required"].as_array().into_iter().flatten() {
                    let name = required.as_str().expect("a name");
                    assert!(properties.get(name).is_some(), "{at}: {name}");
                }
            }
            match schema {
                Value::Object(members) => {
                    // A condition speaks of some fields only.
                    let members = members.iter().filter(|(name, _)| !matches!(name.as_str(), "if" | "then"));
                    members.for_each(|(name, value)| closed(&format!("{at}/{name}"), value));
                }
                Value::Array(items) => items.iter().for_each(|item| closed(at, item)),
                _ => {}
            }
        }
        closed("", &schema());
    }

    #[test]
    fn every_field_of_the_schema_stands_in_some_sample() {
        fn fields(value: &Value, into: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    for (name, value) in members {
                        into.push(name.clone());
                        fields(value, into);
                    }
                }
                Value::Array(items) => items.iter().for_each(|item| fields(item, into)),
                _ => {}
            }
        }
        fn declared(schema: &Value, into: &mut Vec<String>) {
            if let Some(Value::Object(properties)) = schema.get("properties") {
                into.extend(properties.keys().cloned());
            }
            match schema {
                Value::Object(members) => members.values().for_each(|value| declared(value, into)),
                Value::Array(items) => items.iter().for_each(|item| declared(item, into)),
                _ => {}
            }
        }
        let mut seen = Vec::new();
        for (_, report) in sample::all() {
            fields(&serde_json::to_value(report).expect("JSON"), &mut seen);
        }
        let mut names = Vec::new();
        declared(&schema(), &mut names);
        for name in names {
            assert!(seen.contains(&name), "no sample has {name}");
        }
    }

    #[test]
    fn nothing_in_it_controls_a_terminal() {
        for (name, report) in sample::all() {
            let json = render(&report);
            let odd = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!json.contains(odd), "{name}: {json}");
        }
        assert_eq!(escaped("\"a\u{9b}\u{e9}\u{e0001}\u{1f600}\""), "\"a\\u009bé\\udb40\\udc01😀\"");
    }

    #[test]
    fn nothing_passes_unseen() {
        let mut report = sample::all_held();
        report.requirements[1].responses = 0;
        let text = render(&report);
        let error = parse(&text).expect_err("nothing tested it").to_string();
        assert!(error.contains(&format!("`{}` passed, but", report.requirements[1].id)), "{error}");
        let validator = jsonschema::validator_for(&schema()).expect("a JSON Schema");
        assert!(!validator.is_valid(&serde_json::from_str(&text).expect("JSON")));
        report.requirements[1].verdict = Verdict::Inconclusive;
        assert!(parse(&render(&report)).is_ok());
    }

    #[test]
    fn a_newer_report_is_refused() {
        let newer = r#"{"schema_version": 2, "all": "different"}"#;
        let error = parse(newer).expect_err("version 2");
        assert!(matches!(error, ParseError::Newer { found: 2 }));
        assert!(error.to_string().contains("schema_version 2"), "{error}");
        let none = parse(r#"{"schema_version": 0}"#).expect_err("version 0");
        assert!(matches!(none, ParseError::None), "{none}");
    }

    #[test]
    fn an_error_names_the_place() {
        let broken = render(&sample::all_held()).replacen("\"MUST\"", "\"MAY\"", 1);
        let error = parse(&broken).expect_err("no such level").to_string();
        assert!(error.contains("requirements[0].level"), "{error}");
        assert!(error.contains("line "), "{error}");
        for text in ["", "{", "[]", "{} x", "{\"schema_version\":1} x"] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains("line 1"), "{text}: {error}");
        }
    }
}
