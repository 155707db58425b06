//! What changed between two contracts.

#![allow(clippy::unwrap_used, reason = "a test")]

use cases::catalogue::{Catalogue, Change, ChangedRequirement, ContractDiff};
use cases::contract::{Contract, embedded};
use cases::id::{CaseId, Level};
use serde_json::{Value, json};

const NS: &str = "com.amazonaws.appconfigdata";

/// What changed from the built-in model to a copy of it that was altered.
fn drift(alter: impl FnOnce(&mut Value)) -> ContractDiff {
    let mut model: Value = serde_json::from_str(embedded::MODEL).unwrap();
    alter(&mut model["shapes"]);
    let own = Contract::load("newer.json", &model.to_string()).unwrap();
    let model = Contract::model().unwrap();
    assert_eq!(own.service, model.service);
    ContractDiff::between("model", &Catalogue::of(&model), &Catalogue::of(&own))
}

fn ids<'a, T: 'a>(of: &'a [T], id: impl Fn(&'a T) -> &'a str) -> Vec<&'a str> {
    of.iter().map(id).collect()
}

fn change<'a>(drift: &'a ContractDiff, id: &str) -> &'a ChangedRequirement {
    drift.changed.iter().find(|change| change.id.as_str() == id).unwrap()
}

#[test]
fn a_copy_has_not_changed() {
    assert!(drift(|_| {}).is_empty());
}

#[test]
fn a_changed_length_is_a_changed_requirement() {
    let drift = drift(|shapes| {
        shapes[format!("{NS}#Identifier")]["traits"]["smithy.api#length"]["max"] = json!(100);
    });
    assert!(drift.new.is_empty() && drift.gone.is_empty(), "{drift:?}");
    let change = change(&drift, "start-configuration-session/application-identifier/length");
    let Change { was, is } = change.text.as_ref().unwrap();
    assert!(was.contains("1 to 128 characters") && is.contains("1 to 100 characters"), "{was} {is}");
    let changed = ids(&change.changed_cases, CaseId::as_str);
    let id = "start-configuration-session/application-identifier/length/at-max-combining";
    assert!(changed.contains(&id), "{changed:?}");
    assert!(change.level.is_none() && change.new_cases.is_empty() && change.gone_cases.is_empty());
}

#[test]
fn a_bound_that_goes_takes_its_cases_along() {
    let drift = drift(|shapes| {
        shapes[format!("{NS}#Identifier")]["traits"]["smithy.api#length"] = json!({"min": 1});
    });
    let change = change(&drift, "start-configuration-session/environment-identifier/length");
    let gone = ids(&change.gone_cases, CaseId::as_str);
    let id = "start-configuration-session/environment-identifier/length/at-max-combining";
    assert!(gone.contains(&id), "{gone:?}");
}

#[test]
fn an_added_member_is_new() {
    let drift = drift(|shapes| {
        let input = &mut shapes[format!("{NS}#StartConfigurationSessionRequest")]["members"];
        input["Caller"] = json!({"target": format!("{NS}#Identifier")});
    });
    let new = ids(&drift.new, |stated| stated.id.as_str());
    assert!(new.contains(&"start-configuration-session/caller/length"), "{new:?}");
    assert!(drift.gone.is_empty());
    let length = drift.new.iter().find(|stated| stated.id.as_str().ends_with("caller/length")).unwrap();
    assert_eq!(length.level, Level::Must);
}

#[test]
fn a_removed_member_is_gone() {
    let drift = drift(|shapes| {
        let input = &mut shapes[format!("{NS}#StartConfigurationSessionRequest")]["members"];
        input.as_object_mut().unwrap().remove("RequiredMinimumPollIntervalInSeconds");
    });
    let gone = ids(&drift.gone, |stated| stated.id.as_str());
    let id = "start-configuration-session/required-minimum-poll-interval-in-seconds/range";
    assert!(gone.contains(&id), "{gone:?}");
}

#[test]
fn a_removed_error_changes_what_an_error_may_be() {
    let drift = drift(|shapes| {
        let errors = &mut shapes[format!("{NS}#GetLatestConfiguration")]["errors"];
        errors
            .as_array_mut()
            .unwrap()
            .retain(|error| !error["target"].as_str().unwrap().ends_with("#ThrottlingException"));
    });
    assert_eq!(ids(&drift.changed, |change| change.id.as_str()), ["get-latest-configuration/errors/type"]);
    let Change { was, is } = drift.changed[0].text.as_ref().unwrap();
    assert!(was.contains("ThrottlingException 429") && !is.contains("ThrottlingException"), "{was} {is}");
}

#[test]
fn an_added_operation_is_new_as_a_whole() {
    let drift = drift(|shapes| {
        let mut operation = shapes[format!("{NS}#StartConfigurationSession")].clone();
        operation["traits"]["smithy.api#http"]["uri"] = json!("/other");
        shapes[format!("{NS}#StartOther")] = operation;
        let service = &mut shapes[format!("{NS}#AppConfigData")]["operations"];
        service.as_array_mut().unwrap().push(json!({"target": format!("{NS}#StartOther")}));
    });
    assert!(!drift.new.is_empty() && drift.gone.is_empty());
    assert!(drift.new.iter().all(|stated| stated.id.as_str().starts_with("start-other/")), "{drift:?}");
    assert!(drift.changed.is_empty(), "{:?}", drift.changed);
}

#[test]
fn a_level_that_changes_is_said() {
    let (model, mut own) = (Contract::model().unwrap(), Catalogue::of(&Contract::model().unwrap()));
    own.requirements[0].level = Level::Should;
    let drift = ContractDiff::between("model", &Catalogue::of(&model), &own);
    assert_eq!(drift.changed.len(), 1);
    assert_eq!(drift.changed[0].level, Some(Change { was: Level::Must, is: Level::Should }));
}
