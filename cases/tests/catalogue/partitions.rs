//! The samples of a partition are what its name says.

use std::collections::BTreeSet;

use cases::catalogue::Case;
use cases::oracle::{Class, Constraint};
use cases::signing::Signing;

use crate::support::Setup;

/// What the requests of a partition are, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Valid,
    Invalid(Constraint),
    Open,
    Unrouted,
    /// Some are valid, others are open.
    Limits,
    /// Sequences and combinations of all kinds.
    Mixed,
}

pub(crate) fn kind(case: &Case) -> Kind {
    let id = case.id.as_str();
    let (requirement, partition) = id.rsplit_once('/').unwrap();
    let aspect = requirement.split_once('/').unwrap().1;
    if !case.is_uniform() {
        return Kind::Mixed;
    }
    if case.signing() != Signing::Valid {
        // The classifier ignores the signature.
        return Kind::Valid;
    }
    match aspect {
        "http/method" | "http/path" => return Kind::Unrouted,
        "http/content-type" | "http/open" | "body/open" => return Kind::Open,
        "body/limits" => return Kind::Limits,
        _ => {}
    }
    match aspect.rsplit('/').next().unwrap() {
        "required" => Kind::Invalid(Constraint::Required),
        "type" | "duplicates" => Kind::Invalid(Constraint::Type),
        "pattern" => Kind::Invalid(Constraint::Pattern),
        "syntax" => Kind::Invalid(Constraint::Syntax),
        "document" if partition == "empty" => Kind::Invalid(Constraint::Required),
        "document" => Kind::Invalid(Constraint::Document),
        "length" if ["at-", "below-max"].iter().any(|prefix| partition.starts_with(prefix)) => Kind::Valid,
        "length" => Kind::Invalid(Constraint::Length),
        "range" if ["at-min", "nominal", "at-max"].contains(&partition) => Kind::Valid,
        "range" => Kind::Invalid(Constraint::Range),
        _ => Kind::Valid,
    }
}

#[test]
fn every_sample_is_of_its_partition() {
    for setup in Setup::all() {
        for case in &setup.catalogue.cases {
            for sample in setup.samples(case, 1) {
                check_class(case, &setup.class(&sample.steps));
            }
        }
    }
}

fn check_class(case: &Case, class: &Class) {
    match (kind(case), class) {
        (Kind::Mixed, _)
        | (Kind::Valid | Kind::Limits, Class::Valid)
        | (Kind::Open | Kind::Limits, Class::Open(_))
        | (Kind::Unrouted, Class::Unrouted) => {}
        (Kind::Invalid(constraint), Class::Invalid(violations)) => {
            let broken: BTreeSet<_> = violations.iter().map(|violation| violation.constraint).collect();
            assert_eq!(broken, BTreeSet::from([constraint]), "{}", case.id);
            if !case.id.as_str().ends_with("document/empty") {
                assert_eq!(violations.len(), 1, "{}: {violations:?}", case.id);
            }
        }
        (kind, class) => panic!("{}: {kind:?}, but {class:?}", case.id),
    }
}

#[test]
fn samples_of_a_uniform_case_have_one_class() {
    for setup in Setup::all() {
        for case in setup.catalogue.cases.iter().filter(|case| case.is_uniform()) {
            let samples = setup.samples(case, 5);
            let first = setup.class(&samples[0].steps);
            assert!(samples.iter().all(|sample| setup.class(&sample.steps) == first), "{}", case.id);
        }
    }
}

#[test]
fn other_form_does_not_change_the_members() {
    let aspects = ["/encoding/", "/content-type-parameters/", "/framing/", "/header-case/"];
    for setup in Setup::all() {
        for case in &setup.catalogue.cases {
            let id = case.id.as_str();
            if !aspects.iter().any(|aspect| id.contains(aspect)) {
                continue;
            }
            for sample in setup.samples(case, 6) {
                let mutated = setup.last_request(&sample.steps);
                let control = setup.last_request(&sample.control);
                assert_ne!(mutated, control, "{id}");
                assert_eq!(setup.classify(&mutated).members, setup.classify(&control).members, "{id}");
            }
        }
    }
}

#[test]
fn duplicates_are_tested_in_isolation_too() {
    let setup = Setup::model();
    let cases = setup.of_aspect("/duplicates");
    assert!(!cases.is_empty());
    for case in cases {
        for sample in setup.samples(case, 1) {
            let both = &sample.steps.last().unwrap().call.args;
            let (member, _) = both.last().unwrap();
            let requirement = format!("start-configuration-session/{}/type", cases::id::kebab(member));
            assert!(!sample.isolated.is_empty(), "{}", case.id);
            for isolated in &sample.isolated {
                let last = isolated.last().unwrap();
                assert_eq!(last.requirement.as_str(), requirement, "{}", case.id);
                assert_eq!(last.call.args.len() + 1, both.len(), "{}", case.id);
                assert!(last.call.args.iter().all(|arg| both.contains(arg)), "{}", case.id);
            }
        }
    }
}

#[test]
fn recovery_uses_one_connection() {
    let setup = Setup::model();
    let cases = setup.of_aspect("/recovery");
    assert!(cases.len() > 10, "{}", cases.len());
    for case in cases {
        assert!(setup.samples(case, 1).iter().all(|sample| sample.one_connection), "{}", case.id);
    }
}
