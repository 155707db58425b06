//! `report.json`: the report as it is, for programs.
//!
//! `schema_version` is the version of the layout. Within a version only optional members are added, such that
//! a reader may ignore them: readers ignore members that they do not know. Any other change of the layout
//! makes a new version. [`parse`] reads [`SCHEMA_VERSION`] only.

use serde::Deserialize;

use crate::model::{Report, SCHEMA_VERSION};

/// The report as JSON over several lines, in the order of its fields, with a line feed at the end.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    // Fails only for maps whose keys are not strings, and a report has none.
    let mut json = serde_json::to_string_pretty(report).expect("the keys of all maps are strings");
    json.push('\n');
    escaped(&json)
}

/// The same JSON with escapes for characters that control a terminal or change the direction of text. JSON
/// has such characters only in strings, and requires escapes only for some of them.
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

/// Why a text is not a report.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Another version of boundstone wrote it.
    #[error(
        "the report has schema_version {found}, but this boundstone reads only {SCHEMA_VERSION}: \
         use the boundstone that wrote it, or run again"
    )]
    OtherVersion {
        /// Its `schema_version`.
        found: u32,
    },
    /// A requirement passed that no response tested.
    #[error("not a valid report.json: `{requirement}` passed, but no response tested it")]
    PassedUntested {
        /// The requirement.
        requirement: String,
    },
    /// It is not JSON.
    #[error("not a valid report.json: {0}")]
    NotJson(serde_json::Error),
    /// A member is missing or invalid.
    #[error("not a valid report.json: at {path}: {source}")]
    Malformed {
        /// The path of the member, such as `requirements[3].level`; `.` for the whole report.
        path: String,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

/// Reads a report that [`render`] wrote. Ignores unknown members.
///
/// # Errors
/// The text is not a valid report of [`SCHEMA_VERSION`].
pub fn parse(json: &str) -> Result<Report, ParseError> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u32,
    }
    let Version { schema_version } = read(json)?;
    if schema_version != SCHEMA_VERSION {
        return Err(ParseError::OtherVersion { found: schema_version });
    }
    let report: Report = read(json)?;
    match report.passed_untested() {
        Some(requirement) => Err(ParseError::PassedUntested { requirement: requirement.id.to_string() }),
        None => Ok(report),
    }
}

fn read<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, ParseError> {
    let mut input = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut input).map_err(|error| {
        let path = error.path().to_string();
        match error.into_inner() {
            source if source.is_data() => ParseError::Malformed { path, source },
            syntax => ParseError::NotJson(syntax),
        }
    })?;
    input.end().map_err(ParseError::NotJson)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Verdict, sample};

    fn schema() -> Value {
        serde_json::from_str(include_str!("../../report.schema.json")).expect("the schema is JSON")
    }

    #[test]
    fn render_parse_round_trip() {
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
    fn schema_is_closed() {
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
                    // A condition names only some members.
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
    fn every_member_of_the_schema_has_a_sample() {
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
    fn control_characters_are_escaped() {
        for (name, report) in sample::all() {
            let json = render(&report);
            let odd = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!json.contains(odd), "{name}: {json}");
        }
        assert_eq!(escaped("\"a\u{9b}\u{e9}\u{e0001}\u{1f600}\""), "\"a\\u009bé\\udb40\\udc01😀\"");
    }

    #[test]
    fn untested_requirement_must_not_pass() {
        let mut report = sample::all_passed();
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
    fn report_of_another_version_is_refused() {
        for version in [0, 2] {
            let other = format!(r#"{{"schema_version": {version}, "all": "different"}}"#);
            let error = parse(&other).expect_err("another version");
            assert!(matches!(error, ParseError::OtherVersion { found } if found == version), "{error}");
            assert!(error.to_string().contains(&format!("schema_version {version}")), "{error}");
        }
    }

    #[test]
    fn unknown_members_are_ignored() {
        fn add_members(value: &mut Value) {
            match value {
                Value::Object(members) => {
                    members.values_mut().for_each(add_members);
                    members.insert("unknown".to_owned(), json!({ "members": [1] }));
                }
                Value::Array(items) => items.iter_mut().for_each(add_members),
                _ => {}
            }
        }
        let report = sample::blocked();
        let mut value = serde_json::to_value(&report).expect("JSON");
        // The keys of these maps are data.
        let maps = ["latency"].map(|name| value[name].take());
        add_members(&mut value);
        [value["latency"]] = maps;
        assert_eq!(parse(&value.to_string()).expect("a report"), report);
    }

    #[test]
    fn error_names_the_place() {
        let broken = render(&sample::all_passed()).replacen("\"MUST\"", "\"MAY\"", 1);
        let error = parse(&broken).expect_err("no such level").to_string();
        assert!(error.contains("requirements[0].level"), "{error}");
        assert!(error.contains("line "), "{error}");
        for text in ["", "{", "[]", "{} x", "{\"schema_version\":1} x"] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains("line 1"), "{text}: {error}");
        }
    }
}
