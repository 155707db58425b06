//! The body as a whole is a JSON object.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::generate::{BodyEdit, BodyEdits};
use crate::id::{Level, RequirementId};

const fn edit(name: &'static str, apply: fn(&str) -> Vec<u8>) -> BodyEdit {
    BodyEdit { name, apply }
}

const TRUNCATED: &[BodyEdit] = &[
    edit("without the closing brace", |body| body.trim_end_matches('}').into()),
    edit("cut in the middle", |body| body.chars().take(body.chars().count() / 2).collect::<String>().into()),
    edit("the opening brace alone", |_| b"{".to_vec()),
];
const TRAILING_COMMA: &[BodyEdit] =
    &[edit("a comma before the closing brace", |body| body.replacen('}', ",}", 1).into())];
const TRAILING_TEXT: &[BodyEdit] = &[
    edit("a word after the object", |body| format!("{body}x").into()),
    edit("a second object", |body| format!("{body}{{}}").into()),
    edit("a second brace", |body| format!("{body}}}").into()),
];
const COMMENT: &[BodyEdit] = &[
    edit("a block comment", |body| body.replacen('{', "{/**/", 1).into()),
    edit("a line comment", |body| body.replacen('{', "{//\n", 1).into()),
];
const SINGLE_QUOTES: &[BodyEdit] = &[edit("single quotes", |body| body.replace('"', "'").into())];
const UNQUOTED_NAME: &[BodyEdit] =
    &[edit("a name without quotes", |body| body.replacen("{\"", "{", 1).replacen("\":", ":", 1).into())];
const MISSING_COLON: &[BodyEdit] =
    &[edit("no colon after a name", |body| body.replacen("\":", "\" ", 1).into())];
const NOT_A_NUMBER: &[BodyEdit] = &[
    edit("NaN as a value", |body| body.replacen('}', ",\"a\":NaN}", 1).into()),
    edit("Infinity as a value", |body| body.replacen('}', ",\"a\":Infinity}", 1).into()),
];
const CONTROL_CHARACTER: &[BodyEdit] =
    &[edit("a raw line feed in a string", |body| body.replacen(":\"", ":\"\n", 1).into())];
const INVALID_ESCAPE: &[BodyEdit] =
    &[edit("an escape that JSON does not have", |body| body.replacen(":\"", ":\"\\x", 1).into())];
const INVALID_UTF8: &[BodyEdit] = &[
    edit("a byte that UTF-8 never has", |body| in_string(body, b"\xff")),
    edit("a character cut short", |body| in_string(body, b"\xe6\xbc")),
];
const NOT_JSON: &[BodyEdit] = &[
    edit("a word", |_| b"a".to_vec()),
    edit("a form", |_| b"a=b&c=d".to_vec()),
    edit("XML", |_| b"<a/>".to_vec()),
];

const EMPTY: &[BodyEdit] = &[edit("nothing", |_| Vec::new())];
const ARRAY: &[BodyEdit] = &[
    edit("an empty array", |_| b"[]".to_vec()),
    edit("the object in an array", |body| format!("[{body}]").into()),
];
const STRING: &[BodyEdit] =
    &[edit("an empty string", |_| b"\"\"".to_vec()), edit("a string", |_| b"\"a\"".to_vec())];
const NUMBER: &[BodyEdit] = &[edit("a number", |_| b"5".to_vec())];
const BOOLEAN: &[BodyEdit] = &[edit("true", |_| b"true".to_vec()), edit("false", |_| b"false".to_vec())];
const NULL: &[BodyEdit] = &[edit("null", |_| b"null".to_vec())];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let id = |aspect| RequirementId::new([&section.operation.name, "body", aspect]);
    let refusal = section.refusal();
    let syntax = Entry {
        id: id("syntax"),
        level: Level::Must,
        text: format!("The body is JSON (RFC 8259): one that is not is refused with {refusal}."),
        source: "restJson1 › RestJsonInvalidJsonBody".to_owned(),
        partitions: partitions(&[
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
    };
    let mut documents =
        vec![("array", ARRAY), ("string", STRING), ("number", NUMBER), ("boolean", BOOLEAN), ("null", NULL)];
    if section.operation.body_members().any(|member| member.constraints.required) {
        documents.insert(0, ("empty", EMPTY));
    }
    let document = Entry {
        id: id("document"),
        level: Level::Must,
        text: format!("The body is a JSON object: any other document, or none, is refused with {refusal}."),
        source: "restJson1 › RestJsonTechnicallyValidJsonBody".to_owned(),
        partitions: partitions(&documents),
    };
    section.add(syntax);
    section.add(document);
}

fn partitions(edits: &[(&str, &'static [BodyEdit])]) -> Vec<Partition> {
    let partition = |(id, edits): &(&str, &'static [BodyEdit])| {
        let names: Vec<&str> = edits.iter().map(|edit| edit.name).collect();
        Partition::new(*id, format!("the body is {}", names.join(", or ")), BodyEdits(edits))
    };
    edits.iter().map(partition).collect()
}

/// The body with `bytes` at the beginning of its first string value.
fn in_string(body: &str, bytes: &[u8]) -> Vec<u8> {
    let position = body.find(":\"").map_or(body.len(), |position| position + 2);
    [&body.as_bytes()[..position], bytes, &body.as_bytes()[position..]].concat()
}
