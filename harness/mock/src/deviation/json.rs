//! Reading the body.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Deviation, Reports, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, JsonType, Parameter};
use crate::read::{self, Members};
use crate::text::{deepest, outside_strings, string_length};

pub(super) const ALL: &[Deviation] = &[
    deviation("numbers-coerced")
        .about("A number in place of an identifier is read as its digits.")
        .must_fail(&["start-configuration-session/*-identifier/type/number"])
        .behaviour(|| Box::new(Coerces(JsonType::Number))),
    deviation("booleans-coerced")
        .about("A boolean in place of an identifier is read as the text true or false.")
        .must_fail(&["start-configuration-session/*-identifier/type/boolean"])
        .behaviour(|| Box::new(Coerces(JsonType::Boolean))),
    deviation("objects-fail")
        .about("An object in place of an identifier makes the server fail.")
        .must_fail(&["start-configuration-session/*-identifier/type/object"])
        .may_fail(&["start-configuration-session/body/duplicates*", "start-configuration-session/body/open*"])
        .behaviour(|| Box::new(Reports(|fault| wrong_type_fails(fault, JsonType::Object)))),
    deviation("arrays-fail")
        .about("An array in place of an identifier makes the server fail.")
        .must_fail(&["start-configuration-session/*-identifier/type/array"])
        .behaviour(|| Box::new(Reports(|fault| wrong_type_fails(fault, JsonType::Array)))),
    deviation("arrays-looked-up")
        .about("An array in place of an identifier is looked up as its text.")
        .must_fail(&["start-configuration-session/*-identifier/type/array"])
        .behaviour(|| Box::new(Coerces(JsonType::Array))),
    deviation("trailing-comma-accepted")
        .about("A comma after the last member is accepted.")
        .must_fail(&["start-configuration-session/body/syntax/trailing-comma"])
        .behaviour(|| Box::new(Lenient(without_trailing_commas))),
    deviation("comments-accepted")
        .about("Comments as in JavaScript are skipped.")
        .must_fail(&["start-configuration-session/body/syntax/comment"])
        .behaviour(|| Box::new(Lenient(without_comments))),
    deviation("trailing-text-accepted")
        .about("Text after the JSON document is not looked at.")
        .must_fail(&["start-configuration-session/body/syntax/trailing-text"])
        .behaviour(|| Box::new(Lenient(first_document))),
    deviation("single-quotes-accepted")
        .about("Strings may stand in single quotes.")
        .must_fail(&["start-configuration-session/body/syntax/single-quotes"])
        .behaviour(|| Box::new(Lenient(with_double_quotes))),
    deviation("unquoted-names-accepted")
        .about("Names of members need no quotes.")
        .must_fail(&["start-configuration-session/body/syntax/unquoted-name"])
        .behaviour(|| Box::new(Lenient(with_quoted_names))),
    deviation("truncated-repaired")
        .about("A body that breaks off is closed by the server.")
        .must_fail(&["start-configuration-session/body/syntax/truncated"])
        .behaviour(|| Box::new(Lenient(closed))),
    deviation("invalid-utf-8-replaced")
        .about("Bytes that are not UTF-8 are read as replacement characters.")
        .must_fail(&["start-configuration-session/body/syntax/invalid-utf-8"])
        .behaviour(|| Box::new(Lossy)),
    deviation("malformed-json-fails")
        .about("A body that is not well-formed makes the server fail.")
        .must_fail(&["start-configuration-session/body/syntax/*"])
        .may_fail(&["start-configuration-session/body/open*"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Malformed => Fault::Internal,
                other => other,
            }))
        }),
    deviation("array-document-fails")
        .about("An array as the document makes the server fail.")
        .must_fail(&["start-configuration-session/body/document/array"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::NotAnObject(JsonType::Array) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("scalar-document-fails")
        .about("A string, number, boolean or null as the document makes the server fail.")
        .must_fail(&[
            "start-configuration-session/body/document/string",
            "start-configuration-session/body/document/number",
            "start-configuration-session/body/document/boolean",
            "start-configuration-session/body/document/null",
        ])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::NotAnObject(JsonType::Array) => fault,
                Fault::NotAnObject(_) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("empty-body-fails")
        .about("An empty body makes the server fail.")
        .must_fail(&["start-configuration-session/body/document/empty"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::EmptyBody => Fault::Internal,
                other => other,
            }))
        }),
    deviation("unknown-members-refused")
        .about("A member that the contract does not know is refused.")
        .must_fail(&["start-configuration-session/body/unknown-members/*"])
        .behaviour(|| Box::new(StrictMembers)),
    deviation("deep-nesting-fails")
        .about("Arrays and objects nested deeper than 100 make the server fail.")
        .must_fail(&["start-configuration-session/body/limits/deep"])
        .behaviour(|| Box::new(Shallow)),
    deviation("large-bodies-fail")
        .about("A body of more than 64 KiB makes the server fail.")
        .must_fail(&[
            "start-configuration-session/body/limits/large",
            "start-configuration-session/*-identifier/length/far-above-max",
        ])
        .behaviour(|| Box::new(Small)),
];

fn wrong_type_fails(fault: Fault, json_type: JsonType) -> Fault {
    match fault {
        Fault::WrongType(Parameter::RequiredMinimumPollIntervalInSeconds, _) => fault,
        Fault::WrongType(_, found) if found == json_type => Fault::Internal,
        other => other,
    }
}

/// Reads a value of this type as its own text.
struct Coerces(JsonType);

impl Behaviour for Coerces {
    fn not_a_string(&self, parameter: Parameter, value: &RawValue) -> Result<String, Fault> {
        let found = JsonType::of(value.get());
        if found == self.0 { Ok(value.get().to_owned()) } else { Err(Fault::WrongType(parameter, found)) }
    }
}

/// Rewrites what is not JSON to JSON, then reads it.
struct Lenient(fn(&str) -> String);

impl Behaviour for Lenient {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        match read::members(text) {
            Err(Fault::Malformed) => read::members(&(self.0)(text)),
            result => result,
        }
    }
}

fn without_trailing_commas(text: &str) -> String {
    outside_strings(text, |outside| {
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
    outside_strings(text, |outside| outside.replace('\'', "\""))
}

fn with_quoted_names(text: &str) -> String {
    outside_strings(text, |outside| {
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

fn closed(text: &str) -> String {
    ["}", "\"}"]
        .iter()
        .map(|end| format!("{text}{end}"))
        .find(|closed| read::members(closed).is_ok())
        .unwrap_or_else(|| text.to_owned())
}

struct Lossy;

impl Behaviour for Lossy {
    fn text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
        Ok(String::from_utf8_lossy(body))
    }
}

struct StrictMembers;

impl Behaviour for StrictMembers {
    fn unknown_member(&self, _: &str) -> Result<(), Fault> {
        Err(Fault::Malformed)
    }
}

struct Shallow;

impl Behaviour for Shallow {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        if deepest(text) > 100 { Err(Fault::Internal) } else { read::members(text) }
    }
}

struct Small;

impl Behaviour for Small {
    fn text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
        if body.len() > 64 * 1024 { Err(Fault::Internal) } else { Reference.text(body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewriting_spares_strings() {
        for (rewrite, before, after) in [
            (without_trailing_commas as fn(&str) -> String, r#"{"a,}":[1, ],}"#, r#"{"a,}":[1 ]}"#),
            (without_comments, "/*\"*/{\"//\": 1}// x\n", "{\"//\": 1}\n"),
            (with_double_quotes, r#"{'a':"it's"}"#, r#"{"a":"it's"}"#),
            (with_quoted_names, r#"{a:"b: c",d : true,"e":1e5}"#, r#"{"a":"b: c","d" : true,"e":1e5}"#),
            (first_document, r#" {"a":1} x"#, r#"{"a":1}"#),
            (closed, r#"{"a":"b"#, r#"{"a":"b"}"#),
            (closed, r#"{"a":1"#, r#"{"a":1}"#),
            (outside_quotes, r#"x"y\"z"w"#, r#"-"y\"z"-"#),
        ] {
            assert_eq!(rewrite(before), after);
        }
    }

    fn outside_quotes(text: &str) -> String {
        outside_strings(text, |_| "-".to_owned())
    }
}
