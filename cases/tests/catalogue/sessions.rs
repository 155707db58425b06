//! Sequences of sessions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cases::fixture::Fixture;
use cases::generate::{Sample, World};
use cases::protocol::Arg;

use crate::support::{Setup, samples};

/// The sessions of a sample.
#[derive(Debug, PartialEq)]
struct Sessions {
    /// The index of the fixture of each session.
    fixtures: Vec<usize>,
    /// The numbers of the sessions in the order in which they call.
    calls: Vec<usize>,
}

fn sessions(world: &World, sample: &Sample) -> Sessions {
    let name = &world.contract.operations[0].input[0].name;
    let fixture = |text: &str| {
        let mut fixtures = world.fixtures.iter();
        fixtures.position(|fixture| fixture.resources["application"].is(text)).unwrap()
    };
    let fixtures = sample.steps.iter().filter_map(|step| match step.call.arg(name) {
        Some(Arg::Text(text)) => Some(fixture(text)),
        _ => None,
    });
    let starts: Vec<usize> =
        (0..sample.steps.len()).filter(|step| sample.steps[*step].call.uses().next().is_none()).collect();
    let calls = sample.steps.iter().filter_map(|step| step.call.uses().next());
    let calls = calls.map(|output| starts.iter().position(|start| *start == output.step).unwrap());
    Sessions { fixtures: fixtures.collect(), calls: calls.collect() }
}

#[test]
fn interleaved_sessions_are_of_several_resources() {
    let setup = Setup::model();
    let resources = |sample: Sample| {
        let named = sample.steps.iter().filter_map(|step| step.call.arg("ApplicationIdentifier"));
        named.map(|named| format!("{named:?}")).collect::<BTreeSet<_>>().len()
    };
    for name in ["in-turns", "walk"] {
        let case = setup.case(&format!("get-latest-configuration/sessions/{name}"));
        assert!(setup.samples(case, 1).into_iter().map(resources).any(|count| count > 1), "{name}");
    }
}

#[test]
fn same_resource_has_three_sessions_and_no_control() {
    let setup = Setup::model();
    let case = setup.case("get-latest-configuration/sessions/same-resource");
    let samples = setup.samples(case, 0);
    for (fixture, sample) in samples.iter().take(setup.world.fixtures.len()).enumerate() {
        let expected = Sessions { fixtures: vec![fixture; 3], calls: vec![0, 1, 2] };
        assert_eq!(sessions(&setup.world, sample), expected);
        assert!(sample.control.is_empty(), "a session before these might leave something behind");
    }
}

#[test]
fn unknown_content_is_served_in_single_sessions_too() {
    let setup = Setup::model();
    let known = &setup.world;
    let fixtures = known.fixtures.iter();
    let fixtures = fixtures.map(|fixture| Fixture { contents: BTreeMap::new(), ..fixture.clone() });
    let unknown = Arc::new(World::new(known.contract.clone(), fixtures.collect()));
    let case = setup.case("get-latest-configuration/sessions/isolated");
    assert_eq!(case.missing_prerequisite(&unknown.fixtures), None);
    assert!(case.missing_prerequisite(&unknown.fixtures[..1]).is_some());
    let first = |world: &Arc<World>| sessions(world, &samples(case, world, 0)[0]);
    assert_eq!(first(known), Sessions { fixtures: vec![0, 1], calls: vec![0, 1] });
    assert_eq!(first(&unknown), Sessions { fixtures: vec![0, 1, 0, 1], calls: vec![0, 1, 2, 3] });
}

#[test]
fn racing_calls_are_equal_and_sent_at_once() {
    for setup in Setup::all() {
        let races: Vec<_> = setup
            .of_aspect("/single-use")
            .into_iter()
            .filter(|case| case.id.as_str().ends_with("-at-once"))
            .collect();
        assert_eq!(races.len(), 2);
        for case in races {
            for Sample { steps, control, .. } in setup.samples(case, 3) {
                let simultaneous = steps.iter().filter(|step| step.with_previous).count();
                assert!(simultaneous > 0, "{}", case.id);
                let (before, race) = steps.split_at(steps.len() - simultaneous - 1);
                assert!(race.iter().skip(1).all(|step| step.with_previous), "{}", case.id);
                assert!(race.iter().all(|step| step.call == race[0].call), "{}", case.id);
                // The control makes one call with each value.
                assert_eq!(control.len(), before.len() + 1, "{}", case.id);
                assert!(control.iter().zip(&steps).all(|(one, other)| one.call == other.call), "{}", case.id);
            }
        }
    }
}
