//! What the oracle expects for a sample follows from the requirement of its case.

use cases::catalogue::Case;
use cases::oracle::Oracle;

use crate::partitions::{Kind, kind};
use crate::support::{Played, Setup};

#[test]
fn requirements_of_steps_and_of_wrong_successes_exist() {
    for setup in Setup::all() {
        for case in &setup.catalogue.cases {
            for sample in setup.samples(case, 4).into_iter().take(2) {
                for step in sample.steps.iter().chain(&sample.control) {
                    let requirement = setup.catalogue.requirement(&step.requirement);
                    assert!(requirement.is_some(), "{}", step.requirement);
                }
                let oracle = Oracle::new(&setup.world.contract, &setup.world.fixtures);
                let request = setup.last_request(&sample.steps);
                if let Some(broken) = oracle.expect(&request, &oracle.read(&request)).broken_by(200) {
                    assert!(setup.catalogue.requirement(broken).is_some(), "{broken}");
                }
            }
        }
    }
}

#[test]
fn steps_succeed_as_their_requirements_say() {
    for setup in Setup::all() {
        for case in &setup.catalogue.cases {
            for sample in setup.samples(case, 2) {
                for (step, played) in sample.steps.iter().zip(setup.play(&sample.steps)) {
                    let id = step.requirement.as_str();
                    let expected = match id.rsplit('/').next().unwrap() {
                        "accepts" | "recovery" | "sessions" => true,
                        "single-use" | "issued" | "padding" | "required" | "pattern" | "lifetime" => false,
                        _ => continue,
                    };
                    assert_eq!(played.succeeds(), expected, "{}: {id}: {:?}", case.id, played.request);
                }
            }
        }
    }
}

#[test]
fn controls_succeed_and_refused_samples_have_one() {
    for setup in Setup::all() {
        for case in &setup.catalogue.cases {
            for sample in setup.samples(case, 2) {
                if !setup.play(&sample.steps).iter().all(Played::succeeds) {
                    assert!(!sample.control.is_empty(), "{} needs a control", case.id);
                }
                let control = setup.play(&sample.control);
                assert!(control.iter().all(Played::succeeds), "{}", case.id);
            }
        }
    }
}

#[test]
fn status_follows_from_the_requirement() {
    for setup in Setup::all() {
        let start = setup.world.contract.operation("StartConfigurationSession").unwrap();
        for case in &setup.catalogue.cases {
            let Some(expected) = expected_status(case, start.success) else { continue };
            for sample in setup.samples(case, 3) {
                let status = setup.play(&sample.steps).pop().unwrap().status;
                assert_eq!(status, expected, "{}", case.id);
            }
        }
    }
}

/// The status for the last request of a case, if all of its samples have the same.
fn expected_status(case: &Case, success: u16) -> Option<u16> {
    let id = case.id.as_str();
    let is_of = |aspects: &[&str]| aspects.iter().any(|aspect| id.contains(aspect));
    Some(match id {
        _ if id.ends_with("/sessions/walk") => return None,
        _ if is_of(&["/combinations/invalid", "/validation-first/"]) => 400,
        _ if id.ends_with("/combinations/unknown") => 404,
        _ if is_of(&["/signature/time/"]) => 400,
        _ if is_of(&["/signature/"]) => 403,
        _ if is_of(&["/lifetime/"]) => 400,
        _ if matches!(kind(case), Kind::Invalid(_)) => 400,
        _ if kind(case) == Kind::Unrouted => 404,
        _ if is_of(&["/http/content-type/"]) => 415,
        _ if is_of(&["/single-use/", "/issued/", "/padding/"]) => 400,
        _ if id.ends_with("/observed/early") => 400,
        _ if is_of(&["/resource/", "/nesting/", "/length/"]) => 404,
        _ if id.starts_with("get-") => 200,
        _ => success,
    })
}

#[test]
fn open_partitions_have_open_expectations() {
    for setup in Setup::all() {
        for case in setup.catalogue.cases.iter().filter(|case| case.is_uniform()) {
            let expected = matches!(kind(case), Kind::Open | Kind::Unrouted | Kind::Limits)
                || case.id.as_str().contains("/padding/");
            for sample in setup.samples(case, 7) {
                let last = setup.play(&sample.steps).pop().unwrap();
                assert_eq!(last.expectation.is_open(), expected, "{}", case.id);
            }
        }
    }
}

#[test]
fn refusing_a_requested_interval_breaks_its_range() {
    let setup = Setup::model();
    let interval = "required-minimum-poll-interval-in-seconds";
    let case = setup.case(&format!("get-latest-configuration/{interval}/observed/early"));
    for sample in setup.samples(case, 1) {
        let first = sample.steps[0].requirement.as_str();
        assert_eq!(first, format!("start-configuration-session/{interval}/range"));
    }
}
