//! Several members of one request are mutated together.

use std::collections::BTreeSet;

use cases::generate::Step;
use cases::oracle::{Class, Violation};
use cases::protocol::{Arg, Call};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::support::Setup;

const MEMBERS: [&str; 3] =
    ["ApplicationIdentifier", "ConfigurationProfileIdentifier", "RequiredMinimumPollIntervalInSeconds"];

/// The constraints that the last request of these steps breaks.
fn violations(setup: &Setup, steps: &[Step]) -> BTreeSet<Violation> {
    match setup.class(steps) {
        Class::Invalid(violations) => violations,
        Class::Valid => BTreeSet::new(),
        class => panic!("{class:?}"),
    }
}

#[test]
fn isolated_mutations_break_what_the_combination_breaks() {
    for setup in Setup::all() {
        let case = setup.case("start-configuration-session/combinations/invalid");
        for sample in setup.samples(case, 8) {
            let all = violations(&setup, &sample.steps);
            assert!(!all.is_empty());
            let isolated = sample.isolated.iter().flat_map(|steps| violations(&setup, steps));
            assert_eq!(isolated.collect::<BTreeSet<_>>(), all, "{:?}", sample.steps);
        }
    }
}

#[test]
fn invalid_combinations_have_several_mutations() {
    for setup in Setup::all() {
        let case = setup.case("start-configuration-session/combinations/invalid");
        let samples = setup.samples(case, 8);
        let several = samples.iter().filter(|sample| violations(&setup, &sample.steps).len() > 1).count();
        assert!(several > 50, "{several}");
        let empty = Arg::Text(String::new());
        let mut applications = samples.iter().map(|sample| sample.steps[0].call.arg("ApplicationIdentifier"));
        assert!(applications.any(|arg| arg == Some(&empty)));
    }
}

#[test]
fn every_pair_of_classes_of_two_members_is_tested() {
    let setup = Setup::model();
    let calls = boundary_calls(&setup);
    let value = |call: &Call, member: &str| format!("{:?}", call.arg(member));
    for (index, one) in MEMBERS.iter().enumerate() {
        for other in &MEMBERS[index + 1..] {
            let pairs: BTreeSet<_> =
                calls.iter().map(|call| (value(call, one), value(call, other))).collect();
            for a in values(&calls, one) {
                for b in values(&calls, other) {
                    assert!(pairs.contains(&(a.clone(), b.clone())), "{one}: {a}, {other}: {b}");
                }
            }
        }
    }
}

/// The calls of all boundaries of all combinations.
fn boundary_calls(setup: &Setup) -> Vec<Call> {
    let mut runner = TestRunner::deterministic();
    let ids = [
        "combinations/valid",
        "combinations/unknown",
        "combinations/invalid",
        "validation-first/invalid-with-unknown",
    ];
    let mut calls = Vec::new();
    for id in ids {
        let strategies = setup.case(&format!("start-configuration-session/{id}")).strategies(&setup.world);
        let (_, boundaries) = strategies.split_last().unwrap();
        for boundary in boundaries {
            calls.push(boundary.new_tree(&mut runner).unwrap().current().steps[0].call.clone());
        }
    }
    calls
}

/// The values of a member in these calls, but for those of the resource with the longest names, which are combined
/// with each other only.
fn values(calls: &[Call], member: &str) -> BTreeSet<String> {
    let values = calls.iter().map(|call| format!("{:?}", call.arg(member)));
    values.filter(|value| !["nnnn", "🚀", "003"].iter().any(|part| value.contains(part))).collect()
}
