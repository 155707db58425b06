//! How the body is parsed.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::definition::{Mutant, mutant};
use crate::contract::Parameter;
use crate::protocol::{self, ApiError, JsonType, Members};
use crate::service::{Behavior, Reference};
use crate::toolkit::{MapsErrors, edit_outside_strings, max_depth, string_length};

pub(super) const ALL: &[Mutant] = &[
    mutant("numbers-coerced")
        .about("A number in place of an identifier is read as a string of its digits.")
        .must_fail(&["start-configuration-session/*-identifier/type/number"])
        .behavior(|| Box::new(Coerces(JsonType::Number))),
    mutant("booleans-coerced")
        .about("A boolean in place of an identifier is read as the string `true` or `false`.")
        .must_fail(&["start-configuration-session/*-identifier/type/boolean"])
        .behavior(|| Box::new(Coerces(JsonType::Boolean))),
    mutant("objects-fail")
        .about("An object in place of an identifier makes the server fail.")
        .must_fail(&["start-configuration-session/*-identifier/type/object"])
        .may_fail(&["start-configuration-session/body/duplicates*", "start-configuration-session/body/open*"])
        .behavior(|| Box::new(MapsErrors(|error| wrong_type_fails(error, JsonType::Object)))),
    mutant("arrays-fail")
        .about("An array in place of an identifier makes the server fail.")
        .must_fail(&["start-configuration-session/*-identifier/type/array"])
        .behavior(|| Box::new(MapsErrors(|error| wrong_type_fails(error, JsonType::Array)))),
    mutant("arrays-looked-up")
        .about("An array in place of an identifier is looked up as its text.")
        .must_fail(&["start-configuration-session/*-identifier/type/array"])
        .behavior(|| Box::new(Coerces(JsonType::Array))),
    mutant("trailing-comma-accepted")
        .about("A comma after the last member is accepted.")
        .must_fail(&["start-configuration-session/body/syntax/trailing-comma"])
        .behavior(|| Box::new(Repairs(without_trailing_commas))),
    mutant("comments-accepted")
        .about("Comments as in JavaScript are accepted.")
        .must_fail(&["start-configuration-session/body/syntax/comment"])
        .behavior(|| Box::new(Repairs(without_comments))),
    mutant("trailing-text-accepted")
        .about("Text after the JSON document is ignored.")
        .must_fail(&["start-configuration-session/body/syntax/trailing-text"])
        .behavior(|| Box::new(Repairs(first_document))),
    mutant("single-quotes-accepted")
        .about("Strings may be in single quotes.")
        .must_fail(&["start-configuration-session/body/syntax/single-quotes"])
        .behavior(|| Box::new(Repairs(with_double_quotes))),
    mutant("unquoted-names-accepted")
        .about("Names of members need no quotes.")
        .must_fail(&["start-configuration-session/body/syntax/unquoted-name"])
        .behavior(|| Box::new(Repairs(with_quoted_names))),
    mutant("truncated-repaired")
        .about("The server completes a truncated body.")
        .must_fail(&["start-configuration-session/body/syntax/truncated"])
        .behavior(|| Box::new(Repairs(completed))),
    mutant("invalid-utf-8-replaced")
        .about("Bytes that are not UTF-8 are read as replacement characters.")
        .must_fail(&["start-configuration-session/body/syntax/invalid-utf-8"])
        .behavior(|| Box::new(ReplacesInvalidUtf8)),
    mutant("malformed-json-fails")
        .about("A body that is not well-formed JSON makes the server fail.")
        .must_fail(&["start-configuration-session/body/syntax/*"])
        .may_fail(&["start-configuration-session/body/open*"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Malformed => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("array-document-fails")
        .about("An array as the document makes the server fail.")
        .must_fail(&["start-configuration-session/body/document/array"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::NotAnObject(JsonType::Array) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("scalar-document-fails")
        .about("A string, number, boolean or null as the document makes the server fail.")
        .must_fail(&[
            "start-configuration-session/body/document/string",
            "start-configuration-session/body/document/number",
            "start-configuration-session/body/document/boolean",
            "start-configuration-session/body/document/null",
        ])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::NotAnObject(JsonType::Array) => error,
                ApiError::NotAnObject(_) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("empty-body-fails")
        .about("An empty body makes the server fail.")
        .must_fail(&["start-configuration-session/body/document/empty"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::EmptyBody => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("unknown-members-refused")
        .about("A member that the contract does not know is refused.")
        .must_fail(&["start-configuration-session/body/unknown-members/*"])
        .behavior(|| Box::new(RefusesUnknownMembers)),
    mutant("deep-nesting-fails")
        .about("Arrays and objects nested deeper than 100 make the server fail.")
        .must_fail(&["start-configuration-session/body/limits/deep"])
        .behavior(|| Box::new(LimitsDepth)),
    mutant("large-bodies-fail")
        .about("A body of more than 64 KiB makes the server fail.")
        .must_fail(&[
            "start-configuration-session/body/limits/large",
            "start-configuration-session/*-identifier/length/far-above-max",
        ])
        .behavior(|| Box::new(LimitsSize)),
];

fn wrong_type_fails(error: ApiError, json_type: JsonType) -> ApiError {
    match error {
        ApiError::WrongType(Parameter::RequiredMinimumPollIntervalInSeconds, _) => error,
        ApiError::WrongType(_, found) if found == json_type => ApiError::Internal,
        other => other,
    }
}

/// Reads a value of this type as its own text.
struct Coerces(JsonType);

impl Behavior for Coerces {
    fn non_string_identifier(&self, parameter: Parameter, value: &RawValue) -> Result<String, ApiError> {
        let found = JsonType::of(value.get());
        if found == self.0 { Ok(value.get().to_owned()) } else { Err(ApiError::WrongType(parameter, found)) }
    }
}

/// Repairs a text that is not JSON, then parses it.
struct Repairs(fn(&str) -> String);

impl Behavior for Repairs {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        match protocol::members(text) {
            Err(ApiError::Malformed) => protocol::members(&(self.0)(text)),
            result => result,
        }
    }
}

fn without_trailing_commas(text: &str) -> String {
    edit_outside_strings(text, |outside| {
        let mut edited = String::new();
        for (index, c) in outside.char_indices() {
            let after = outside[index + c.len_utf8()..].trim_start();
            if !(c == ',' && after.starts_with(['}', ']'])) {
                edited.push(c);
            }
        }
        edited
    })
}

fn without_comments(text: &str) -> String {
    let mut edited = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
            continue;
        } else if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        } else if c == '"' {
            string_length(rest)
        } else {
            c.len_utf8()
        };
        edited.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    edited
}

fn first_document(text: &str) -> String {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Box<RawValue>>();
    match documents.next() {
        Some(Ok(document)) => document.get().to_owned(),
        _ => text.to_owned(),
    }
}

fn with_double_quotes(text: &str) -> String {
    edit_outside_strings(text, |outside| outside.replace('\'', "\""))
}

fn with_quoted_names(text: &str) -> String {
    edit_outside_strings(text, |outside| {
        let mut edited = String::new();
        let mut rest = outside;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
            let length = rest[start..].find(|c: char| !c.is_ascii_alphanumeric());
            let end = length.map_or(rest.len(), |length| start + length);
            let (before, word) = (&rest[..start], &rest[start..end]);
            edited.push_str(before);
            if rest[end..].trim_start().starts_with(':') {
                edited.extend(["\"", word, "\""]);
            } else {
                edited.push_str(word);
            }
            rest = &rest[end..];
        }
        edited.push_str(rest);
        edited
    })
}

fn completed(text: &str) -> String {
    ["}", "\"}"]
        .iter()
        .map(|end| format!("{text}{end}"))
        .find(|completed| protocol::members(completed).is_ok())
        .unwrap_or_else(|| text.to_owned())
}

struct ReplacesInvalidUtf8;

impl Behavior for ReplacesInvalidUtf8 {
    fn body_text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, ApiError> {
        Ok(String::from_utf8_lossy(body))
    }
}

struct RefusesUnknownMembers;

impl Behavior for RefusesUnknownMembers {
    fn unknown_member(&self, _: &str) -> Result<(), ApiError> {
        Err(ApiError::Malformed)
    }
}

struct LimitsDepth;

impl Behavior for LimitsDepth {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        if max_depth(text) > 100 { Err(ApiError::Internal) } else { protocol::members(text) }
    }
}

struct LimitsSize;

impl Behavior for LimitsSize {
    fn body_text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, ApiError> {
        if body.len() > 64 * 1024 { Err(ApiError::Internal) } else { Reference.body_text(body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_leave_strings_alone() {
        for (rewrite, before, after) in [
            (without_trailing_commas as fn(&str) -> String, r#"{"a,}":[1, ],}"#, r#"{"a,}":[1 ]}"#),
            (without_comments, "/*\"*/{\"//\": 1}// x\n", "{\"//\": 1}\n"),
            (with_double_quotes, r#"{'a':"it's"}"#, r#"{"a":"it's"}"#),
            (with_quoted_names, r#"{a:"b: c",d : true,"e":1e5}"#, r#"{"a":"b: c","d" : true,"e":1e5}"#),
            (first_document, r#" {"a":1} x"#, r#"{"a":1}"#),
            (completed, r#"{"a":"b"#, r#"{"a":"b"}"#),
            (completed, r#"{"a":1"#, r#"{"a":1}"#),
            (outside_quotes, r#"x"y\"z"w"#, r#"-"y\"z"-"#),
        ] {
            assert_eq!(rewrite(before), after);
        }
    }

    fn outside_quotes(text: &str) -> String {
        edit_outside_strings(text, |_| "-".to_owned())
    }
}
