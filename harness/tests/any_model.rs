//! A model that nobody wrote rules for: its stub passes, and each mutant of the stub is found.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::prepare::{RunSetup, prepare};
use boundstone::setup::stub::EmbeddedStub;
use cases::contract::Contract;
use reports::model::{Report, Verdict};
use serde_json::{Value, json};
use stub::{Mutant, Stub};

use crate::support::folder;

/// Runs of so many mutants show each kind several times.
const RUNS: usize = 40;
/// The kinds of mutants that are not found, and why.
const NOT_FOUND: [(&str, &str); 2] = [
    ("/first-element-only", "lists are tested with one element"),
    ("/type/ignored", "where a union then has no member, it is refused all the same"),
];

/// A model with every kind of shape, location and constraint.
fn model() -> Value {
    let target = |name: &str| json!({"target": name});
    let with = |name: &str, traits: Value| json!({"target": name, "traits": traits});
    let required = || json!({"smithy.api#required": {}});
    json!({"smithy": "2.0", "shapes": {
        "a#Library": {
            "type": "service", "version": "1",
            "operations": [target("a#PutBook"), target("a#FindBooks"), target("a#PutCover")],
            "errors": [target("a#Invalid")],
            "traits": {"aws.protocols#restJson1": {}}
        },
        "a#Invalid": {
            "type": "structure", "members": {"message": target("smithy.api#String")},
            "traits": {"smithy.api#error": "client"}
        },
        "a#ValidationException": {
            "type": "structure", "members": {"message": target("smithy.api#String")},
            "traits": {"smithy.api#error": "client"}
        },
        "a#Missing": {
            "type": "structure", "members": {"message": target("smithy.api#String")},
            "traits": {"smithy.api#error": "client", "smithy.api#httpError": 404}
        },
        "a#PutBook": {
            "type": "operation", "input": target("a#BookInput"), "output": target("a#BookOutput"),
            "errors": [target("a#Missing"), target("a#ValidationException")],
            "traits": {"smithy.api#http": {"method": "POST", "uri": "/books/{isbn}", "code": 201}}
        },
        "a#BookInput": {"type": "structure", "members": {
            "isbn": with("a#Isbn", json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}})),
            "title": with("a#Title", required()),
            "authors": with("a#Authors", required()),
            "pages": target("a#Pages"),
            "weight": target("a#Weight"),
            "format": target("a#Format"),
            "printed": with("smithy.api#Timestamp", json!({"smithy.api#timestampFormat": "date-time"})),
            "tags": target("a#Tags"),
            "shelf": target("a#Shelf"),
            "thumbnail": target("a#Thumbnail")
        }},
        "a#BookOutput": {"type": "structure", "members": {
            "revision": with("a#Pages", required()),
            "format": with("a#Format", required()),
            "authors": with("a#Authors", required())
        }},
        "a#FindBooks": {
            "type": "operation", "input": target("a#FindInput"), "output": target("a#FindOutput"),
            "errors": [target("a#ValidationException")],
            "traits": {"smithy.api#readonly": {}, "smithy.api#http": {"method": "GET", "uri": "/books?find"}}
        },
        "a#FindInput": {"type": "structure", "members": {
            "titles": with("a#Titles", json!({"smithy.api#required": {}, "smithy.api#httpQuery": "title"})),
            "limit": with("a#Pages", json!({"smithy.api#httpQuery": "limit"})),
            "since": with("smithy.api#Timestamp", json!({"smithy.api#httpHeader": "x-since"}))
        }},
        "a#FindOutput": {"type": "structure", "members": {
            "books": with("a#Books", required()), "next": with("a#Title", json!({"smithy.api#httpHeader": "x-next"}))
        }},
        "a#PutCover": {
            "type": "operation", "input": target("a#CoverInput"),
            "errors": [target("a#Missing"), target("a#ValidationException")],
            "traits": {"smithy.api#http": {"method": "PUT", "uri": "/books/{isbn}/cover", "code": 204}}
        },
        "a#CoverInput": {"type": "structure", "members": {
            "isbn": with("a#Isbn", json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}})),
            "cover": with("a#Cover", json!({"smithy.api#required": {}, "smithy.api#httpPayload": {}}))
        }},
        "a#Cover": {"type": "structure", "members": {"image": with("a#Thumbnail", required())}},
        "a#Isbn": {"type": "string", "traits": {"smithy.api#pattern": "^[0-9]{9}[0-9X]$"}},
        "a#Title": {"type": "string", "traits": {"smithy.api#length": {"min": 2, "max": 20}}},
        "a#Titles": {"type": "list", "member": target("a#Title"), "traits": {"smithy.api#length": {"max": 3}}},
        "a#Authors": {
            "type": "list", "member": target("a#Author"),
            "traits": {"smithy.api#length": {"min": 1, "max": 4}, "smithy.api#uniqueItems": {}}
        },
        "a#Author": {"type": "structure", "members": {
            "name": with("a#Title", required()), "born": target("a#Pages"), "kind": target("a#Format")
        }},
        "a#Pages": {"type": "integer", "traits": {"smithy.api#range": {"min": 1, "max": 5000}}},
        "a#Weight": {"type": "double", "traits": {"smithy.api#range": {"min": 0.5, "max": 99.5}}},
        "a#Format": {"type": "enum", "members": {
            "PAPER": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "paper"}},
            "AUDIO": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "audio"}}
        }},
        "a#Tags": {"type": "map", "key": target("a#Title"), "value": target("a#Title")},
        "a#Shelf": {"type": "union", "members": {"room": target("a#Title"), "number": target("a#Pages")}},
        "a#Thumbnail": {"type": "blob", "traits": {"smithy.api#length": {"min": 1, "max": 8}}},
        "a#Books": {"type": "list", "member": target("a#BookOutput")}
    }})
}

/// A run of the model against its stub.
async fn run(file: &Path, mutant: Option<&Mutant>) -> Report {
    let contract = Contract::load("library", &model().to_string()).unwrap();
    let stub = Stub::new(contract, 1);
    let stub = match mutant {
        Some(mutant) => stub.with_mutant(mutant),
        None => stub,
    };
    let serving = EmbeddedStub::start(stub, SocketAddr::from(([127, 0, 0, 1], 0)), None).await.unwrap();
    let endpoint = EndpointConfig {
        target: Some(serving.url()),
        contract: file.display().to_string(),
        ..EndpointConfig::default()
    };
    let config = RunConfig { endpoint, samples: 1, ..RunConfig::default() };
    let RunSetup { plan, transport, limits, .. } = prepare(config).await.unwrap();
    boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await
}

fn model_file(name: &str) -> PathBuf {
    let file = folder(name).join("library.json");
    std::fs::write(&file, model().to_string()).unwrap();
    file
}

/// The ids of the requirements with a verdict.
fn ids(report: &Report, verdict: Verdict) -> Vec<String> {
    let with = report.requirements.iter().filter(|requirement| requirement.verdict == verdict);
    with.map(|requirement| requirement.id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn conformant_server_of_any_model_passes() {
    let report = run(&model_file("any-model-passes"), None).await;
    assert_eq!(ids(&report, Verdict::Failed), [""; 0]);
    assert_eq!(ids(&report, Verdict::Flaky), [""; 0]);
    let passed = ids(&report, Verdict::Passed);
    for id in [
        "put-book/accepts",
        "put-book/authors/element/name/length",
        "put-book/authors/unique-items",
        "put-book/shelf/cardinality",
        "put-book/tags/key/length",
        "put-book/weight/range",
        "put-book/printed/format",
        "find-books/titles/element/length",
        "find-books/response/books",
        "put-cover/cover/image/length",
    ] {
        assert!(passed.iter().any(|passed| passed == id), "{id} is not among {passed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutants_of_any_model_are_found() {
    let file = model_file("any-model-mutants");
    let contract = Contract::load("library", &model().to_string()).unwrap();
    let mutants: Vec<Mutant> = stub::mutants(&contract).collect();
    let mut survivors = Vec::new();
    for mutant in mutants.iter().step_by(mutants.len().div_ceil(RUNS)) {
        let report = run(&file, Some(mutant)).await;
        let failed = ids(&report, Verdict::Failed);
        if NOT_FOUND.iter().any(|(kind, _)| mutant.name().ends_with(kind)) {
            continue;
        }
        if !mutant.must_fail().iter().all(|id| failed.contains(id)) {
            survivors.push(format!("{}: {failed:?}", mutant.name()));
        }
    }
    assert!(survivors.is_empty(), "{survivors:#?}");
}
