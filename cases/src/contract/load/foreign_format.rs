//! Identifies files that are often mistaken for a Smithy JSON AST.

use std::collections::BTreeMap;

use serde_json::Value;

/// How to get a Smithy JSON AST.
pub(super) const REMEDY: &str = "a Smithy 2.0 JSON AST is expected: `smithy ast model.smithy > model.json` writes one, and \
                                 https://github.com/aws/api-models-aws has those of AWS";

/// What a text is, if it is one of the formats that are often mistaken for a model.
pub(super) fn identify(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("the file is empty".to_owned());
    }
    if text.trim_start().starts_with('{') {
        // For a text that is not JSON, the error names the position.
        return json(&serde_json::from_str(text).ok()?);
    }
    if text.trim_start().starts_with('<') {
        let is_page = text.get(..2048).unwrap_or(text).to_ascii_lowercase().contains("<html");
        return Some(if is_page {
            "an HTML page; download the file itself".to_owned()
        } else {
            "XML".to_owned()
        });
    }
    idl(text).or_else(|| yaml(text))
}

/// What an object is.
fn json(members: &BTreeMap<String, Value>) -> Option<String> {
    if members.contains_key("smithy") {
        return None;
    }
    let version = |name: &str| members.get(name).map(|value| value.as_str().unwrap_or_default().to_owned());
    by_keys(|name| members.contains_key(name), version, "")
}

/// What a document is that has these keys at its top level. `version` is the value of one of them.
fn by_keys(
    has: impl Fn(&str) -> bool,
    version: impl Fn(&str) -> Option<String>,
    form: &str,
) -> Option<String> {
    for (key, name) in [
        ("openapi", "an OpenAPI description"),
        ("swagger", "a Swagger description"),
        ("asyncapi", "an AsyncAPI description"),
    ] {
        if let Some(version) = version(key) {
            let version: String =
                version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(16).collect();
            let version = if version.is_empty() { version } else { format!(" (version {version})") };
            return Some(format!("{name}{version}{form}"));
        }
    }
    let all = |names: &[&str]| names.iter().all(|name| has(name));
    let name = if all(&["metadata", "operations"]) {
        "a service description of botocore (service-2.json)"
    } else if has("pagination") || has("waiters") {
        "a description of botocore that has no operations"
    } else if has("$schema") {
        "a JSON Schema"
    } else if all(&["info", "item"]) {
        "a Postman collection"
    } else if has("version") && (has("sources") || has("projections") || has("maven")) {
        "the configuration of a Smithy build (smithy-build.json)"
    } else if has("Resources") {
        "a CloudFormation template"
    } else {
        return None;
    };
    Some(format!("{name}{form}"))
}

/// What a text is that is written in Smithy's IDL, or in another language for interfaces.
fn idl(text: &str) -> Option<String> {
    let code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let first = text.lines().map(str::trim).find(code)?;
    let begins = |word: &str| {
        first.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', ':']))
    };
    if first.starts_with('$') && first.contains(':') || begins("namespace") {
        return Some("Smithy IDL, from which the JSON AST is made".to_owned());
    }
    // A file that begins with metadata has its namespace later.
    if begins("metadata") && text.lines().any(|line| line.trim_start().starts_with("namespace ")) {
        return Some("Smithy IDL, from which the JSON AST is made".to_owned());
    }
    (begins("syntax") && first.contains("proto")).then(|| "a description of Protocol Buffers".to_owned())
}

/// What a YAML document is, by the keys at the beginning of its lines.
fn yaml(text: &str) -> Option<String> {
    let entry = |line: &str| -> Option<(String, String)> {
        let (key, value) = line.split_once(':')?;
        let is_key = !key.is_empty() && !key.contains([' ', '\t', '{', '[', '#']);
        let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
        is_key.then(|| (bare(key), bare(value.split(" #").next().unwrap_or_default())))
    };
    let entries: BTreeMap<String, String> = text.lines().filter_map(entry).collect();
    if entries.contains_key("smithy") && entries.contains_key("shapes") {
        return Some("a Smithy AST in YAML; write it as JSON".to_owned());
    }
    by_keys(|name| entries.contains_key(name), |name| entries.get(name).cloned(), ", in YAML")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_are_mistaken_for_a_model_are_identified() {
        for (text, expected) in [
            ("", "the file is empty"),
            (" \n", "the file is empty"),
            (r#"{"openapi": "3.0.1", "paths": {}}"#, "an OpenAPI description (version 3.0.1)"),
            (r#"{"swagger": "2.0"}"#, "a Swagger description (version 2.0)"),
            (
                "# mine\nopenapi: '3.1.0' # new\npaths:\n  /: {}\n",
                "an OpenAPI description (version 3.1.0), in YAML",
            ),
            ("---\nswagger: \"2.0\"\n", "a Swagger description (version 2.0), in YAML"),
            (
                r#"{"version": "2.0", "metadata": {}, "operations": {}, "shapes": {}}"#,
                "a service description of botocore (service-2.json)",
            ),
            (
                "version: '2.0'\nmetadata:\n  a: b\noperations:\n  c: {}\n",
                "a service description of botocore (service-2.json), in YAML",
            ),
            (r#"{"pagination": {}}"#, "a description of botocore that has no operations"),
            ("$version: \"2.0\"\nnamespace a.b\n", "Smithy IDL, from which the JSON AST is made"),
            ("// a model\n\nnamespace a.b\n", "Smithy IDL, from which the JSON AST is made"),
            ("metadata suppressions = []\nnamespace a.b\n", "Smithy IDL, from which the JSON AST is made"),
            (
                r#"{"version": "1.0", "sources": ["a"]}"#,
                "the configuration of a Smithy build (smithy-build.json)",
            ),
            ("smithy: \"2.0\"\nshapes:\n  a#B: {}\n", "a Smithy AST in YAML; write it as JSON"),
            ("<!DOCTYPE html>\n<html>", "an HTML page; download the file itself"),
            ("<definitions/>", "XML"),
            ("syntax = \"proto3\";", "a description of Protocol Buffers"),
            (r#"{"$schema": "a", "type": "object"}"#, "a JSON Schema"),
        ] {
            assert_eq!(identify(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            [r#"{"smithy": "2.0", "openapi": ""}"#, "{}", "{\"openapi\"", "[]", "5", "words of a text"]
        {
            assert_eq!(identify(text), None, "{text}");
        }
    }
}
