//! Ids and texts of requirements and cases.

use std::collections::BTreeSet;

use cases::catalogue::Catalogue;
use cases::contract::{Contract, embedded};
use serde_json::{Value, json};

use crate::support::{Setup, contracts};

#[test]
fn ids_are_unique_and_every_case_has_its_requirement() {
    for contract in contracts() {
        let catalogue = Catalogue::of(&contract);
        let requirements: BTreeSet<_> = catalogue.requirements.iter().map(|it| &it.id).collect();
        assert_eq!(requirements.len(), catalogue.requirements.len());
        let cases: BTreeSet<_> = catalogue.cases.iter().map(|case| &case.id).collect();
        assert_eq!(cases.len(), catalogue.cases.len());
        for case in &catalogue.cases {
            assert!(requirements.contains(&case.requirement), "{}", case.id);
            assert!(case.id.as_str().starts_with(case.requirement.as_str()), "{}", case.id);
        }
    }
}

#[test]
fn every_requirement_has_a_sentence_and_a_source() {
    for contract in contracts() {
        for requirement in Catalogue::of(&contract).requirements {
            assert!(requirement.text.ends_with('.'), "{}", requirement.id);
            assert!(!requirement.source.is_empty(), "{}", requirement.id);
        }
    }
}

#[test]
fn type_requirement_names_the_shape() {
    let catalogue = Catalogue::of(&Contract::model().unwrap());
    let text = |member: &str| {
        let id = format!("start-configuration-session/{member}/type");
        let requirement = catalogue.requirements.iter().find(|it| it.id.as_str() == id).unwrap();
        requirement.text.split_once(':').unwrap().0.to_owned()
    };
    assert_eq!(text("application-identifier"), "ApplicationIdentifier is a string");
    let interval = "required-minimum-poll-interval-in-seconds";
    assert_eq!(text(interval), "RequiredMinimumPollIntervalInSeconds is a whole number");
}

#[test]
fn range_from_zero_has_no_partitions_below_but_one() {
    let mut model: Value = serde_json::from_str(embedded::MODEL).unwrap();
    let partitions = |model: &Value| -> Vec<String> {
        let contract = Contract::load("own", &model.to_string()).unwrap();
        let cases = Catalogue::of(&contract).cases;
        let ids = cases.iter().filter_map(|case| case.id.as_str().split_once("-in-seconds/range/"));
        ids.map(|(_, partition)| partition.to_owned()).collect()
    };
    let from_zero = ["below-min", "at-min", "nominal", "at-max", "above-max"];
    assert_eq!(partitions(&model), [&["negative", "zero"][..], &from_zero].concat());
    let shape = "com.amazonaws.appconfigdata#OptionalPollSeconds";
    model["shapes"][shape]["traits"]["smithy.api#range"]["min"] = json!(0);
    assert_eq!(partitions(&model), from_zero);
    // Other numbers have fewer.
    model["shapes"][shape]["type"] = json!("double");
    assert_eq!(partitions(&model), ["below-min", "at-min", "at-max", "above-max"]);
}

#[test]
fn each_case_has_its_own_seed() {
    let setup = Setup::page();
    let cases = &setup.catalogue.cases;
    let seeds: BTreeSet<_> = cases.iter().map(|case| case.seed(7).0).collect();
    assert_eq!(seeds.len(), cases.len());
    assert_eq!(cases[0].seed(7), cases[0].seed(7));
    assert_ne!(cases[0].seed(7), cases[0].seed(8));
}

#[test]
fn duplicate_ids_are_found() {
    for contract in contracts() {
        assert_eq!(Catalogue::of(&contract).duplicate_id(), None);
    }
    let mut model: Value = serde_json::from_str(embedded::MODEL).unwrap();
    let members =
        &mut model["shapes"]["com.amazonaws.appconfigdata#StartConfigurationSessionRequest"]["members"];
    members["application_identifier"] = members["ApplicationIdentifier"].clone();
    let catalogue = Catalogue::of(&Contract::load("own", &model.to_string()).unwrap());
    let duplicate = catalogue.duplicate_id().unwrap();
    assert!(duplicate.starts_with("start-configuration-session/application-identifier/"), "{duplicate}");
}
