//! What a case or a requirement needs of a run.

use std::collections::BTreeMap;

use cases::catalogue::Case;
use cases::fixture::Fixture;

use crate::support::Setup;

const SESSIONS: [&str; 3] = [
    "get-latest-configuration/sessions/same-resource",
    "get-latest-configuration/sessions/isolated",
    "get-latest-configuration/sessions/in-turns",
];

/// The ids of the cases that `is_wanted` selects.
fn ids(setup: &Setup, is_wanted: impl Fn(&Case) -> bool) -> Vec<&str> {
    let cases = setup.catalogue.cases.iter().filter(|case| is_wanted(case));
    cases.map(|case| case.id.as_str()).collect()
}

#[test]
fn cases_about_other_sessions_are_exclusive() {
    assert_eq!(ids(&Setup::model(), Case::is_exclusive), SESSIONS);
}

#[test]
fn same_resource_runs_first_if_content_is_unknown() {
    let setup = Setup::model();
    let contents = BTreeMap::from([("configuration".to_owned(), vec![7])]);
    let known = Fixture { contents, ..Fixture::default() };
    let unknown = Fixture::default();
    let first = |fixtures: &[Fixture]| ids(&setup, |case| case.runs_first(fixtures));
    assert_eq!(first(&[known.clone(), unknown]), [SESSIONS[0]]);
    assert_eq!(first(&[known.clone(), known]), [""; 0]);
}

#[test]
fn combinations_and_walks_are_not_uniform() {
    let expected = [
        "start-configuration-session/combinations/valid",
        "start-configuration-session/combinations/unknown",
        "start-configuration-session/combinations/invalid",
        "start-configuration-session/validation-first/invalid-with-unknown",
        "get-latest-configuration/sessions/walk",
    ];
    assert_eq!(ids(&Setup::model(), |case| !case.is_uniform()), expected);
}

#[test]
fn lifetime_and_interval_need_time() {
    let setup = Setup::model();
    let waiting = ids(&setup, |case| !case.waiting_time().is_zero());
    let expected = [
        "get-latest-configuration/configuration-token/lifetime/over",
        "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/in-time",
    ];
    assert_eq!(waiting, expected);
}

#[test]
fn cases_without_random_values_have_few_random_samples() {
    let setup = Setup::model();
    for (id, expected) in [
        ("start-configuration-session/application-identifier/required/null", [0, 1, 3, 4]),
        ("start-configuration-session/application-identifier/length/above-max", [0, 1, 3, 1000]),
        ("get-latest-configuration/accepts/chain", [0, 1, 3, 1000]),
        ("get-latest-configuration/sessions/same-resource", [0, 0, 0, 0]),
    ] {
        let samples = [0, 1, 3, 1000].map(|requested| setup.case(id).random_samples(requested));
        assert_eq!(samples, expected, "{id}");
    }
}

#[test]
fn content_requirement_needs_a_fixture_with_content() {
    let setup = Setup::model();
    let missing = |key: &str| -> Vec<String> {
        let contents = BTreeMap::from([(key.to_owned(), Vec::new())]);
        let fixtures = [Fixture::default(), Fixture { contents, ..Fixture::default() }];
        let requirements = setup.catalogue.requirements.iter();
        let missing = requirements.filter_map(|requirement| {
            let missing = requirement.missing_prerequisite(&setup.world.contract, &fixtures)?;
            Some(format!("{}: {missing}", requirement.id))
        });
        missing.collect()
    };
    let content = "get-latest-configuration/response/configuration";
    assert_eq!(missing("other"), [format!("{content}: needs a fixture with `configuration`")]);
    assert_eq!(missing("configuration"), [""; 0]);
}
