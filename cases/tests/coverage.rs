//! Everything that the embedded contracts say is tested, or has a reason why it is not.

#![allow(clippy::unwrap_used, reason = "a test")]

use cases::catalogue::Catalogue;
use cases::contract::{Contract, Test};
use cases::coverage::{Coverage, Proof, matching};

fn contracts() -> [Contract; 2] {
    [Contract::page().unwrap(), Contract::model().unwrap()]
}

#[test]
fn every_trait_is_tested_or_has_a_reason() {
    for contract in contracts() {
        let coverage = Coverage::of(&contract, &Catalogue::of(&contract));
        let missing: Vec<String> = coverage
            .traits
            .iter()
            .filter(|row| row.proof == Proof::Missing)
            .map(|row| format!("{} {}", row.place, row.name))
            .collect();
        assert!(missing.is_empty(), "{}: {missing:?}", contract.name);
    }
}

#[test]
fn every_pattern_of_a_statement_matches() {
    let mut unmatched = Vec::new();
    for contract in contracts() {
        let catalogue = Catalogue::of(&contract);
        for statement in &contract.statements {
            let Test::By(patterns) = &statement.test else { continue };
            for pattern in patterns {
                if matching(&catalogue, std::slice::from_ref(pattern)).is_empty() {
                    unmatched.push(format!("{}: {}: {pattern}", contract.name, statement.id));
                }
            }
        }
    }
    assert!(unmatched.is_empty(), "{unmatched:#?}");
}

#[test]
fn coverage_has_traits_of_operations_members_and_errors() {
    for contract in contracts() {
        let coverage = Coverage::of(&contract, &Catalogue::of(&contract));
        let has = |place: &str, name: &str| {
            coverage.traits.iter().any(|row| {
                let id = row.place.to_string();
                row.name == name && id.split_once('#').is_some_and(|(_, local)| local == place)
            })
        };
        for operation in &contract.operations {
            assert!(has(&operation.name, "smithy.api#http"), "{operation}");
            for member in operation.input.iter().filter(|member| member.constraints.required) {
                let id = member.id.to_string();
                let (_, place) = id.split_once('#').unwrap();
                assert!(has(place, "smithy.api#required"), "{place}");
            }
            for error in &operation.errors {
                assert!(has(&error.name, "smithy.api#httpError"), "{}", error.name);
            }
        }
    }
}

#[test]
fn contracts_share_statements_and_have_their_own() {
    let [page, model] = contracts();
    let ids = |contract: &Contract| -> Vec<String> {
        contract.statements.iter().map(|statement| statement.id.clone()).collect()
    };
    let (page, model) = (ids(&page), ids(&model));
    for (id, in_page, in_model) in [
        ("token-serves-once", true, true),
        ("poll-interval-range", false, true),
        ("no-poll-interval", true, false),
    ] {
        assert_eq!(page.iter().any(|it| it == id), in_page, "{id} in the page");
        assert_eq!(model.iter().any(|it| it == id), in_model, "{id} in the model");
    }
}
