//! The coverage of a small invented contract.

use serde_json::{Value, json};

use super::proof::{Proof, ProofCounts};
use super::table::Coverage;
use crate::catalogue::Catalogue;
use crate::contract::Contract;

/// A bakery: an operation with constraints at every position, one with a label, and an error of each kind.
fn model() -> Value {
    json!({"smithy": "2.0", "shapes": {
        "a#Bakery": {
            "type": "service",
            "operations": [{"target": "a#Bake"}, {"target": "a#Fetch"}],
            "errors": [{"target": "a#OvenBroken"}],
            "traits": {
                "aws.protocols#restJson1": {},
                "aws.auth#sigv4": {"name": "bakery"},
                "boundstone#constraintError": {"error": "a#BadDough"}
            }
        },
        "a#Bake": {
            "type": "operation",
            "input": {"target": "a#BakeInput"},
            "output": {"target": "a#BakeOutput"},
            "errors": [{"target": "a#BadDough"}, {"target": "a#OvenFull"}],
            "traits": {"smithy.api#http": {"method": "POST", "uri": "/bake"}}
        },
        "a#Fetch": {
            "type": "operation",
            "input": {"target": "a#FetchInput"},
            "traits": {"smithy.api#readonly": {}, "smithy.api#http": {"method": "GET", "uri": "/loaves/{loaf}"}}
        },
        "a#FetchInput": {"type": "structure", "members": {
            "loaf": {"target": "smithy.api#String", "traits": {"smithy.api#required": {}, "smithy.api#httpLabel": {}, "vendor#odd": 1}}
        }},
        "a#BakeInput": {"type": "structure", "members": {
            "dough": {"target": "a#Dough", "traits": {"smithy.api#required": {}, "smithy.api#documentation": "Flour."}},
            "label": {"target": "a#Dough", "traits": {"smithy.api#length": {"max": 9}, "smithy.api#default": ""}},
            "toppings": {"target": "a#Toppings"}
        }},
        "a#Dough": {"type": "string", "traits": {"smithy.api#length": {"min": 1, "max": 5}}},
        "a#Toppings": {"type": "list", "member": {"target": "a#Seed"}},
        "a#Seed": {"type": "enum", "members": {
            "POPPY": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "poppy"}},
            "SESAME": {"target": "smithy.api#Unit"}
        }},
        "a#Stamped": {"type": "structure", "members": {
            "stamp": {"target": "smithy.api#Integer", "traits": {"smithy.api#required": {}, "smithy.api#range": {"min": 1}}}
        }},
        "a#Prices": {
            "type": "map",
            "key": {"target": "a#Coin"},
            "value": {"target": "smithy.api#String", "traits": {"smithy.api#pattern": "^a$"}}
        },
        "a#Coin": {"type": "string", "traits": {"smithy.api#length": {"max": 3}}},
        "a#BakeOutput": {"type": "structure", "mixins": [{"target": "a#Stamped"}], "members": {
            "prices": {"target": "a#Prices"},
            "seed": {"target": "a#Seed", "traits": {"vendor#odd": 1}},
            "shelf": {"target": "smithy.api#String", "traits": {"smithy.api#httpHeader": "Shelf"}},
            "again": {"target": "a#BakeOutput"}
        }},
        "a#BadDough": {"type": "structure", "members": {"seed": {"target": "a#Seed", "traits": {"vendor#odd": 1}}}, "traits": {"smithy.api#error": "client"}},
        "a#OvenFull": {"type": "structure", "members": {"seed": {"target": "a#Seed"}}, "traits": {"smithy.api#error": "client", "smithy.api#httpError": 409}},
        "a#OvenBroken": {"type": "structure", "members": {}, "traits": {"smithy.api#error": "server"}}
    }})
}

/// The coverage of the bakery with these statements.
fn coverage(statements: &Value) -> Coverage {
    let rules = json!({"smithy": "2.0", "shapes": {
        "a#Bakery": {"type": "apply", "traits": {"boundstone#statements": statements}}
    }});
    let contract = Contract::load_with_rules("bakery", &model().to_string(), &rules.to_string()).unwrap();
    Coverage::of(&contract, &Catalogue::of(&contract))
}

/// What tests a trait: for each row the ids, the reason, or `MISSING`.
fn rows(place: &str, name: &str) -> Vec<String> {
    coverage(&json!([]))
        .traits
        .iter()
        .filter(|row| row.place.to_string() == place && row.name == name)
        .map(|row| summary(&row.proof))
        .collect()
}

fn summary(proof: &Proof) -> String {
    match proof {
        Proof::Tested(tests) => {
            tests.iter().map(|tests| tests.requirement.as_str()).collect::<Vec<_>>().join(" ")
        }
        Proof::Untestable(reason) => reason.clone(),
        Proof::Missing => "MISSING".to_owned(),
    }
}

#[test]
fn constraint_is_tested_by_its_requirement() {
    assert_eq!(rows("a#BakeInput$dough", "smithy.api#required"), ["bake/dough/required"]);
    let binding = rows("a#Bake", "smithy.api#http").join(" ");
    assert!(binding.starts_with("bake/accepts bake/http/method "), "{binding}");
    let protocol = rows("a#Bakery", "aws.protocols#restJson1").join(" ");
    for id in ["bake/dough/type", "bake/body/syntax", "bake/errors/type-header"] {
        assert!(protocol.split(' ').any(|it| it == id), "{id} in {protocol}");
    }
    assert!(!protocol.contains("length"), "{protocol}");
}

#[test]
fn trait_of_a_member_overrides_that_of_its_target() {
    assert_eq!(rows("a#Dough", "smithy.api#length"), ["bake/dough/length"]);
    assert_eq!(rows("a#BakeInput$label", "smithy.api#length"), ["bake/label/length"]);
    assert_eq!(rows("a#BakeInput$label", "smithy.api#default"), ["bake/label/optional"]);
}

#[test]
fn traits_of_mixins_are_found() {
    // The output mixes `Stamped` in, and has another one as the member `again`.
    let tested = "bake/response/stamp bake/response/again";
    assert_eq!(rows("a#Stamped$stamp", "smithy.api#range"), [tested]);
    assert_eq!(rows("a#Stamped$stamp", "smithy.api#required"), ["bake/response/stamp", "MISSING"]);
}

#[test]
fn map_values_are_checked_and_map_keys_are_not() {
    let tested = "bake/response/again bake/response/prices";
    assert_eq!(rows("a#Prices$value", "smithy.api#pattern"), [tested]);
    assert_eq!(rows("a#Coin", "smithy.api#length"), ["MISSING"]);
}

#[test]
fn tested_and_untested_sites_have_a_row_each() {
    let reason = "the contract does not say which request of the operation causes it";
    assert_eq!(
        rows("a#Seed", "smithy.api#enum"),
        ["bake/toppings/element/enum bake/response/again bake/response/seed bake/errors/members", reason]
    );
    let coverage = coverage(&json!([]));
    let seed = coverage.traits.iter().find(|row| row.place.to_string() == "a#Seed").unwrap();
    assert_eq!((&seed.value, &seed.operations), (&json!(["poppy", "SESAME"]), &vec!["Bake".to_owned()]));
}

#[test]
fn error_is_tested_if_its_cause_is_known() {
    let bad = rows("a#BadDough", "smithy.api#error").join(" ");
    assert!(bad.starts_with("bake/dough/required "), "{bad}");
    assert!(bad.ends_with(" bake/errors/type"), "{bad}");
    assert!(rows("a#OvenFull", "smithy.api#httpError")[0].contains("does not say which request"));
    assert_eq!(rows("a#OvenBroken", "smithy.api#error"), ["no request makes a conformant server fail"]);
}

#[test]
fn untested_trait_has_a_reason_or_is_missing() {
    assert_eq!(rows("a#BakeInput$dough", "smithy.api#documentation"), ["documentation: demands nothing"]);
    assert!(rows("a#Bakery", "aws.auth#sigv4")[0].starts_with("signatures are checked"));
    assert!(rows("a#BakeOutput$shelf", "smithy.api#httpHeader")[0].starts_with("any value is valid"));
    assert_eq!(rows("a#FetchInput$loaf", "smithy.api#required"), ["a path without it is another path"]);
    for member in ["a#BakeOutput$seed", "a#FetchInput$loaf", "a#BadDough$seed"] {
        assert_eq!(rows(member, "vendor#odd"), ["MISSING"], "{member}");
    }
}

#[test]
fn statement_is_tested_by_matches_of_its_patterns() {
    let statement =
        |id: &str, key: &str, value: Value| json!({"id": id, "place": "p", "text": "t", key: value});
    let coverage = coverage(&json!([
        statement("requirement", "testedBy", json!(["bake/*/required", "bake/errors/type"])),
        statement("case", "testedBy", json!(["*/dough/length/above-max*", "bake/nothing"])),
        statement("nothing", "testedBy", json!(["bake/nothing", "bake/dough/requ"])),
        statement("reason", "untestable", json!("so it is")),
    ]));
    let proofs: Vec<&Proof> = coverage.statements.iter().map(|row| &row.proof).collect();
    let Proof::Tested(requirement) = proofs[0] else { panic!("{:?}", proofs[0]) };
    assert_eq!(
        requirement.iter().map(|it| (it.cases.len(), it.case_count)).collect::<Vec<_>>(),
        [(4, 4), (0, 0)]
    );
    let Proof::Tested(case) = proofs[1] else { panic!("{:?}", proofs[1]) };
    assert_eq!(case.len(), 1);
    assert!(!case[0].cases.is_empty());
    assert!(case[0].cases.len() < case[0].case_count, "{case:?}");
    assert!(case[0].cases.iter().all(|case| case.as_str().starts_with("bake/dough/length/above-max")));
    assert_eq!(*proofs[2], Proof::Missing);
    assert_eq!(*proofs[3], Proof::Untestable("so it is".to_owned()));
    assert_eq!(ProofCounts::of(proofs), ProofCounts { tested: 2, untestable: 1, missing: 1 });
    assert_eq!(ProofCounts { tested: 2, untestable: 1, missing: 4 }.total(), 7);
}
