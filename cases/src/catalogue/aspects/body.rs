//! The body as a whole is a JSON object.

use crate::catalogue::section::Section;
use crate::generate::{BodyFault, Deviation};
use crate::id::{Level, RequirementId};

macro_rules! fault {
    ($name:literal, $apply:expr) => {
        BodyFault { name: $name, apply: $apply }
    };
}

const TRUNCATED: &[BodyFault] = &[
    fault!("without the closing brace", |body| body.trim_end_matches('}').into()),
    fault!("cut in the middle", |body| body
        .chars()
        .take(body.chars().count() / 2)
        .collect::<String>()
        .into()),
    fault!("the opening brace alone", |_| b"{".to_vec()),
];
const TRAILING_COMMA: &[BodyFault] =
    &[fault!("a comma before the closing brace", |body| body.replacen('}', ",}", 1).into())];
const TRAILING_TEXT: &[BodyFault] = &[
    fault!("a word after the object", |body| format!("{body}x").into()),
    fault!("a second object", |body| format!("{body}{{}}").into()),
    fault!("a second brace", |body| format!("{body}}}").into()),
];
const COMMENT: &[BodyFault] = &[
    fault!("a block comment", |body| body.replacen('{', "{/**/", 1).into()),
    fault!("a line comment", |body| body.replacen('{', "{//\n", 1).into()),
];
const SINGLE_QUOTES: &[BodyFault] = &[fault!("single quotes", |body| body.replace('"', "'").into())];
const UNQUOTED_NAME: &[BodyFault] =
    &[fault!("a name without quotes", |body| body.replacen("{\"", "{", 1).replacen("\":", ":", 1).into())];
const MISSING_COLON: &[BodyFault] =
    &[fault!("no colon after a name", |body| body.replacen("\":", "\" ", 1).into())];
const NOT_A_NUMBER: &[BodyFault] = &[
    fault!("NaN as a value", |body| body.replacen('}', ",\"a\":NaN}", 1).into()),
    fault!("Infinity as a value", |body| body.replacen('}', ",\"a\":Infinity}", 1).into()),
];
const CONTROL_CHARACTER: &[BodyFault] =
    &[fault!("a raw line feed in a string", |body| body.replacen(":\"", ":\"\n", 1).into())];
const INVALID_ESCAPE: &[BodyFault] =
    &[fault!("an escape that JSON does not have", |body| body.replacen(":\"", ":\"\\x", 1).into())];
const INVALID_UTF8: &[BodyFault] = &[
    fault!("a byte that UTF-8 never has", |body| in_string(body, b"\xff")),
    fault!("a character cut short", |body| in_string(body, b"\xe6\xbc")),
];
const NOT_JSON: &[BodyFault] = &[
    fault!("a word", |_| b"a".to_vec()),
    fault!("a form", |_| b"a=b&c=d".to_vec()),
    fault!("XML", |_| b"<a/>".to_vec()),
];

const EMPTY: &[BodyFault] = &[fault!("nothing", |_| Vec::new())];
const ARRAY: &[BodyFault] = &[
    fault!("an empty array", |_| b"[]".to_vec()),
    fault!("the object in an array", |body| format!("[{body}]").into()),
];
const STRING: &[BodyFault] =
    &[fault!("an empty string", |_| b"\"\"".to_vec()), fault!("a string", |_| b"\"a\"".to_vec())];
const NUMBER: &[BodyFault] = &[fault!("a number", |_| b"5".to_vec())];
const BOOLEAN: &[BodyFault] = &[fault!("true", |_| b"true".to_vec()), fault!("false", |_| b"false".to_vec())];
const NULL: &[BodyFault] = &[fault!("null", |_| b"null".to_vec())];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let id = |aspect| RequirementId::new([&section.operation.name, "body", aspect]);
    let cases = |cases: &[(&str, &'static [BodyFault])]| -> Vec<(String, String, Deviation)> {
        cases
            .iter()
            .map(|(partition, faults)| {
                let names: Vec<&str> = faults.iter().map(|fault| fault.name).collect();
                (
                    (*partition).to_owned(),
                    format!("the body is {}", names.join(", or ")),
                    Deviation::Body(faults),
                )
            })
            .collect()
    };
    let refusal = section.refusal();
    section.requirement(
        id("syntax"),
        Level::Must,
        format!("The body is JSON (RFC 8259): one that is not is refused with {refusal}."),
        "restJson1 › RestJsonInvalidJsonBody".to_owned(),
        cases(&[
            ("truncated", TRUNCATED),
            ("trailing-comma", TRAILING_COMMA),
            ("trailing-text", TRAILING_TEXT),
            ("comment", COMMENT),
            ("single-quotes", SINGLE_QUOTES),
            ("unquoted-name", UNQUOTED_NAME),
            ("missing-colon", MISSING_COLON),
            ("not-a-number", NOT_A_NUMBER),
            ("control-character", CONTROL_CHARACTER),
            ("invalid-escape", INVALID_ESCAPE),
            ("invalid-utf-8", INVALID_UTF8),
            ("not-json", NOT_JSON),
        ]),
    );
    let mut documents =
        vec![("array", ARRAY), ("string", STRING), ("number", NUMBER), ("boolean", BOOLEAN), ("null", NULL)];
    if section.operation.body_members().any(|member| member.constraints.required) {
        documents.insert(0, ("empty", EMPTY));
    }
    section.requirement(
        id("document"),
        Level::Must,
        format!("The body is a JSON object: any other document, or none, is refused with {refusal}."),
        "restJson1 › RestJsonTechnicallyValidJsonBody".to_owned(),
        cases(&documents),
    );
}

/// The body with `bytes` at the beginning of its first string value.
fn in_string(body: &str, bytes: &[u8]) -> Vec<u8> {
    let position = body.find(":\"").map_or(body.len(), |position| position + 2);
    [&body.as_bytes()[..position], bytes, &body.as_bytes()[position..]].concat()
}
