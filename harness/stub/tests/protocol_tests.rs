//! Smithy's tests of the protocol: requests that a server accepts, and requests that it refuses.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use cases::contract::Contract;
use http::{Request, Response};
use serde_json::Value;
use stub::Stub;

/// Names a folder of models with Smithy's tests, such as `RestJson.json`.
const VARIABLE: &str = "BOUNDSTONE_PROTOCOL_TESTS";

/// Tests that the stub does not pass, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "RestJsonMalformedEnum",
        "the contract does not say which values of an enum are internal, and the message has all",
    ),
    ("RestJsonEndpointTraitWithHostLabel", "its body has no media type, which other tests refuse"),
    ("RestJsonWithoutBody", "the body of an operation that has none is not read, whatever its media type"),
];

/// A request of a test, and the response that it demands.
struct Sample {
    id: String,
    request: Request<Bytes>,
    status: Option<u64>,
    error_type: Option<String>,
    body: Option<Value>,
}

#[test]
fn tests_of_the_protocol_pass() {
    let Some(folder) = std::env::var_os(VARIABLE) else {
        println!("skipped: {VARIABLE} does not name a folder of models with tests");
        return;
    };
    let mut failures = BTreeMap::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(contract) = contract(&path, &text) else { continue };
        let stub = Stub::new(contract, 1);
        for sample in samples(&serde_json::from_str(&text).unwrap()) {
            count += 1;
            if let Some(problem) = problem(&sample, &stub.respond(&sample.request)) {
                failures.insert(sample.id, problem);
            }
        }
    }
    println!("{count} requests");
    failures.retain(|id, _| EXCEPTIONS.iter().all(|(known, _)| !id.starts_with(known)));
    assert!(failures.is_empty(), "{failures:#?}");
}

fn contract(path: &Path, text: &str) -> Option<Contract> {
    text.contains("\"aws.protocols#restJson1\"")
        .then(|| Contract::load(&path.to_string_lossy(), text).ok())
        .flatten()
}

/// What is wrong with a response.
fn problem(sample: &Sample, response: &Response<Bytes>) -> Option<String> {
    let status = u64::from(response.status().as_u16());
    let header = response.headers().get("x-amzn-errortype").map(|name| name.to_str().unwrap().to_owned());
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let has_status = sample.status.map_or((200..300).contains(&status), |expected| status == expected);
    let has_body = sample.body.as_ref().is_none_or(|expected| *expected == body);
    (!has_status || header != sample.error_type || !has_body).then(|| {
        let expected = sample.body.as_ref().map(Value::to_string).unwrap_or_default();
        format!("{status} {header:?} {body}, not {:?} {expected} {:?}", sample.error_type, sample.request)
    })
}

/// The requests of all tests in a model.
fn samples(model: &Value) -> Vec<Sample> {
    let mut samples = Vec::new();
    for shape in model["shapes"].as_object().unwrap().values() {
        let tests = |name: &str| shape["traits"][name].as_array().cloned().unwrap_or_default();
        let of_servers = |test: &Value| {
            test["protocol"] == "aws.protocols#restJson1" && test["appliesTo"].as_str() != Some("client")
        };
        samples
            .extend(tests("smithy.test#httpRequestTests").iter().filter(|test| of_servers(test)).map(valid));
        for test in tests("smithy.test#httpMalformedRequestTests").iter().filter(|test| of_servers(test)) {
            samples.extend(malformed(test));
        }
    }
    samples
}

fn valid(test: &Value) -> Sample {
    Sample {
        id: test["id"].as_str().unwrap().to_owned(),
        request: request(test),
        status: None,
        error_type: None,
        body: None,
    }
}

/// The requests of one template: one for each set of its parameters.
fn malformed(template: &Value) -> Vec<Sample> {
    let parameters = template["testParameters"].as_object().cloned().unwrap_or_default();
    let count = parameters.values().map(|values| values.as_array().unwrap().len()).max().unwrap_or(1);
    let expand = |nth: usize| {
        let test = expanded(template, &|name| Some(parameters.get(name)?[nth].as_str().unwrap().to_owned()));
        let response = &test["response"];
        let contents = response["body"]["assertion"]["contents"].as_str();
        Sample {
            id: format!("{} {nth}", test["id"].as_str().unwrap()),
            request: request(&test["request"]),
            status: response["code"].as_u64(),
            error_type: response["headers"]["x-amzn-errortype"].as_str().map(str::to_owned),
            body: contents.map(|contents| serde_json::from_str(contents).unwrap()),
        }
    };
    (0..count).map(expand).collect()
}

/// A template with its parameters in place of `$name:L`, and of `$name:S` in quotes.
fn expanded(template: &Value, parameter: &dyn Fn(&str) -> Option<String>) -> Value {
    match template {
        Value::String(text) => Value::String(expanded_text(text, parameter)),
        Value::Array(items) => items.iter().map(|item| expanded(item, parameter)).collect(),
        Value::Object(members) => {
            let expand = |(name, value): (&String, &Value)| {
                (
                    name.clone(),
                    if name == "testParameters" { Value::Null } else { expanded(value, parameter) },
                )
            };
            members.iter().map(expand).collect()
        }
        other => other.clone(),
    }
}

fn expanded_text(text: &str, parameter: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let name = after.split_once(':').map_or("", |(name, _)| name);
        let form = after.get(name.len() + 1..name.len() + 2);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let (Some(form @ ("L" | "S")), Some(value)) = (form, parameter(name)) {
            out.push_str(&if form == "S" { Value::String(value).to_string() } else { value });
            rest = &after[name.len() + 2..];
        } else {
            out.push('$');
            rest = after;
        }
    }
    out + rest
}

fn request(test: &Value) -> Request<Bytes> {
    let query: Vec<&str> =
        test["queryParams"].as_array().into_iter().flatten().map(|pair| pair.as_str().unwrap()).collect();
    let uri = test["uri"].as_str().unwrap();
    let separator = if uri.contains('?') { "&" } else { "?" };
    let target =
        if query.is_empty() { uri.to_owned() } else { format!("{uri}{separator}{}", query.join("&")) };
    let mut builder = Request::builder().method(test["method"].as_str().unwrap()).uri(target);
    for (name, value) in test["headers"].as_object().into_iter().flatten() {
        builder = builder.header(name, value.as_str().unwrap());
    }
    let body = test["body"].as_str().unwrap_or_default().to_owned();
    builder.body(body.into()).unwrap()
}
