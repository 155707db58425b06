//! The catalogue against the classifier and the oracle: two derivations of one contract.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cases::call::Outputs;
use cases::catalogue::{Case, Catalogue};
use cases::classify::{Class, Constraint, classify};
use cases::contract::Contract;
use cases::fixture::{Fixture, Part};
use cases::http::{Request, Response};
use cases::oracle::Oracle;
use cases::sample::{Sample, World};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fn world(contract: Contract) -> Arc<World> {
    let part = |id: &str, name: &str| Part { id: Some(id.to_owned()), name: Some(name.to_owned()) };
    let fixture = |n: char| Fixture {
        parts: BTreeMap::from([
            ("application".to_owned(), part(&format!("appl00{n}"), &format!("application {n}"))),
            ("environment".to_owned(), part(&format!("envi00{n}"), &format!("environment {n}"))),
            ("profile".to_owned(), part(&format!("prof00{n}"), &format!("profile {n}"))),
        ]),
        contents: BTreeMap::new(),
    };
    // Names as long as they may be.
    let mut long = fixture('3');
    for part in long.parts.values_mut() {
        part.name = Some("n".repeat(64));
    }
    Arc::new(World { contract, fixtures: vec![fixture('1'), fixture('2'), long] })
}

fn contracts() -> [Contract; 2] {
    [Contract::page().unwrap(), Contract::model().unwrap()]
}

/// Every boundary of a case and some random samples.
fn samples(case: &Case, world: &Arc<World>, seed: u64) -> Vec<Sample> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &case.seed(seed).0);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let strategies = case.strategies(world);
    let any = strategies.last().unwrap();
    strategies
        .iter()
        .chain(std::iter::repeat_n(any, 12))
        .map(|strategy| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Runs the steps against a server that does what the oracle says, and returns the last request
/// with what the oracle expects for it.
fn play(world: &World, steps: &[cases::call::Step]) -> Vec<(Request, u16)> {
    let mut oracle = Oracle::new(&world.contract, &world.fixtures);
    let mut seen: Vec<Outputs> = Vec::new();
    let mut played = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let request = step.call.request(&world.contract, |output| output.resolve(&seen)).unwrap();
        // What is open may as well succeed.
        let success = world.contract.operation(&step.call.operation).unwrap().success;
        let status = oracle.expect(&request).outcome().status().unwrap_or(success);
        let token = format!("token-{index}-abcdef");
        let response = Response {
            status,
            headers: vec![("Next-Poll-Configuration-Token".to_owned(), token.clone())],
            body: format!("{{\"InitialConfigurationToken\":\"{token}\"}}").into_bytes(),
        };
        oracle.observe(&request, &response);
        let operation = world.contract.operation(&step.call.operation).unwrap();
        seen.push(cases::call::outputs(operation, &response));
        played.push((request, status));
    }
    played
}

/// What a partition breaks by its name, or nothing if its requests are valid.
fn broken_by(case: &Case) -> Option<Constraint> {
    let id = case.id.as_str();
    let (requirement, partition) = id.rsplit_once('/').unwrap();
    let aspect = requirement.rsplit('/').next().unwrap();
    match aspect {
        "required" => Some(Constraint::Required),
        "type" => Some(Constraint::Type),
        "pattern" => Some(Constraint::Pattern),
        "syntax" => Some(Constraint::Syntax),
        "document" if partition == "empty" => Some(Constraint::Required),
        "document" => Some(Constraint::Document),
        "length" if ["at-", "below-max"].iter().any(|prefix| partition.starts_with(prefix)) => None,
        "length" => Some(Constraint::Length),
        "range" if ["at-min", "nominal", "at-max"].contains(&partition) => None,
        "range" => Some(Constraint::Range),
        _ => None,
    }
}

#[test]
fn every_sample_is_of_its_partition() {
    for contract in contracts() {
        let world = world(contract);
        for case in &Catalogue::of(&world.contract).cases {
            for sample in samples(case, &world, 1) {
                let (request, _) = play(&world, &sample.steps).pop().unwrap();
                let class = classify(&world.contract, &request).class;
                if case.id.as_str().contains("/limits/") {
                    assert!(matches!(class, Class::Open(_) | Class::Valid), "{}: {class:?}", case.id);
                    continue;
                }
                match (broken_by(case), &class) {
                    (None, Class::Valid) => {}
                    (Some(constraint), Class::Invalid(violations)) => {
                        let broken: BTreeSet<_> =
                            violations.iter().map(|violation| violation.constraint).collect();
                        assert_eq!(broken, BTreeSet::from([constraint]), "{}: {request:?}", case.id);
                        let only_one = violations.len() == 1 || case.id.as_str().ends_with("document/empty");
                        assert!(only_one, "{}: {violations:?}", case.id);
                    }
                    (expected, class) => panic!("{}: {expected:?}, but {class:?}: {request:?}", case.id),
                }
            }
        }
    }
}

#[test]
fn what_a_success_would_break_is_in_the_catalogue() {
    for contract in contracts() {
        let world = world(contract);
        let catalogue = Catalogue::of(&world.contract);
        for case in &catalogue.cases {
            for sample in samples(case, &world, 4).into_iter().take(2) {
                for step in sample.steps.iter().chain(&sample.twin) {
                    assert!(catalogue.requirement(&step.requirement).is_some(), "{}", step.requirement);
                }
                let oracle = Oracle::new(&world.contract, &world.fixtures);
                let (request, _) = play(&world, &sample.steps).pop().unwrap();
                if let Some(requirement) = oracle.expect(&request).broken_by(200) {
                    assert!(catalogue.requirement(requirement).is_some(), "{requirement}");
                }
            }
        }
    }
}

#[test]
fn only_the_last_step_may_fail_and_the_twin_never_does() {
    for contract in contracts() {
        let world = world(contract);
        for case in &Catalogue::of(&world.contract).cases {
            for sample in samples(case, &world, 2) {
                let played = play(&world, &sample.steps);
                let (last, setup) = played.split_last().unwrap();
                assert!(setup.iter().all(|(_, status)| *status < 300), "{}", case.id);
                if last.1 >= 300 {
                    assert!(!sample.twin.is_empty(), "{} needs a twin", case.id);
                }
                assert!(play(&world, &sample.twin).iter().all(|(_, status)| *status < 300), "{}", case.id);
            }
        }
    }
}

#[test]
fn what_a_case_expects_follows_from_its_requirement() {
    for contract in contracts() {
        let world = world(contract);
        let success = world.contract.operation("StartConfigurationSession").unwrap().success;
        for case in &Catalogue::of(&world.contract).cases {
            let id = case.id.as_str();
            for sample in samples(case, &world, 3) {
                let (_, status) = play(&world, &sample.steps).pop().unwrap();
                let expected = match id {
                    _ if broken_by(case).is_some() => 400,
                    _ if id.contains("/single-use/") || id.contains("/issued/") => 400,
                    _ if id.ends_with("/observed/early") => 400,
                    _ if id.contains("/resource/") || id.contains("/nesting/") || id.contains("/length/") => {
                        404
                    }
                    _ if id.starts_with("get-") => 200,
                    _ => success,
                };
                assert_eq!(status, expected, "{id}");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_every_case_has_its_requirement() {
    for contract in contracts() {
        let catalogue = Catalogue::of(&contract);
        let cases: BTreeSet<_> = catalogue.cases.iter().map(|case| &case.id).collect();
        assert_eq!(cases.len(), catalogue.cases.len());
        let requirements: BTreeSet<_> =
            catalogue.requirements.iter().map(|requirement| &requirement.id).collect();
        assert_eq!(requirements.len(), catalogue.requirements.len());
        for case in &catalogue.cases {
            assert!(requirements.contains(&case.requirement), "{}", case.id);
            assert!(case.id.as_str().starts_with(case.requirement.as_str()));
        }
    }
}

#[test]
fn a_seed_belongs_to_a_case() {
    let catalogue = Catalogue::of(&Contract::page().unwrap());
    let seeds: BTreeSet<_> = catalogue.cases.iter().map(|case| case.seed(7).0).collect();
    assert_eq!(seeds.len(), catalogue.cases.len());
    assert_eq!(catalogue.cases[0].seed(7), catalogue.cases[0].seed(7));
    assert_ne!(catalogue.cases[0].seed(7), catalogue.cases[0].seed(8));
}
