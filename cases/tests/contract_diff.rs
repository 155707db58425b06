//! What changed from one contract to another.

#![allow(clippy::unwrap_used, reason = "a test")]

use cases::catalogue::{Catalogue, Change, ChangedRequirement, ContractDiff};
use cases::contract::{Contract, embedded};
use cases::id::{CaseId, Level};
use serde_json::{Value, json};

const NS: &str = "com.amazonaws.appconfigdata";

/// What changed from the built-in model to an altered copy.
fn diff(alter: impl FnOnce(&mut Value)) -> ContractDiff {
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

fn change<'a>(diff: &'a ContractDiff, id: &str) -> &'a ChangedRequirement {
    diff.changed.iter().find(|change| change.id.as_str() == id).unwrap()
}

#[test]
fn copy_has_no_changes() {
    assert!(diff(|_| {}).is_empty());
}

#[test]
fn changed_length_changes_its_requirement() {
    let diff = diff(|shapes| {
        shapes[format!("{NS}#Identifier")]["traits"]["smithy.api#length"]["max"] = json!(100);
    });
    assert!(diff.added.is_empty(), "{diff:?}");
    assert!(diff.removed.is_empty(), "{diff:?}");
    let change = change(&diff, "start-configuration-session/application-identifier/length");
    let Change { before, after } = change.text.as_ref().unwrap();
    assert!(before.contains("1 to 128 characters"), "{before}");
    assert!(after.contains("1 to 100 characters"), "{after}");
    let changed = ids(&change.changed_cases, CaseId::as_str);
    let id = "start-configuration-session/application-identifier/length/at-max-combining";
    assert!(changed.contains(&id), "{changed:?}");
    assert_eq!(change.level, None);
    assert_eq!(change.added_cases, []);
    assert_eq!(change.removed_cases, []);
}

#[test]
fn removed_bound_removes_its_cases() {
    let diff = diff(|shapes| {
        shapes[format!("{NS}#Identifier")]["traits"]["smithy.api#length"] = json!({"min": 1});
    });
    let change = change(&diff, "start-configuration-session/environment-identifier/length");
    let removed = ids(&change.removed_cases, CaseId::as_str);
    let id = "start-configuration-session/environment-identifier/length/at-max-combining";
    assert!(removed.contains(&id), "{removed:?}");
}

#[test]
fn added_member_adds_requirements() {
    let diff = diff(|shapes| {
        let input = &mut shapes[format!("{NS}#StartConfigurationSessionRequest")]["members"];
        input["Caller"] = json!({"target": format!("{NS}#Identifier")});
    });
    let added = ids(&diff.added, |summary| summary.id.as_str());
    assert!(added.contains(&"start-configuration-session/caller/length"), "{added:?}");
    assert!(diff.removed.is_empty());
    let length = diff.added.iter().find(|summary| summary.id.as_str().ends_with("caller/length")).unwrap();
    assert_eq!(length.level, Level::Must);
}

#[test]
fn removed_member_removes_its_requirement() {
    let diff = diff(|shapes| {
        let input = &mut shapes[format!("{NS}#StartConfigurationSessionRequest")]["members"];
        input.as_object_mut().unwrap().remove("RequiredMinimumPollIntervalInSeconds");
    });
    let removed = ids(&diff.removed, |summary| summary.id.as_str());
    let id = "start-configuration-session/required-minimum-poll-interval-in-seconds/range";
    assert!(removed.contains(&id), "{removed:?}");
}

#[test]
fn removed_error_changes_the_error_types() {
    let diff = diff(|shapes| {
        let errors = &mut shapes[format!("{NS}#GetLatestConfiguration")]["errors"];
        errors
            .as_array_mut()
            .unwrap()
            .retain(|error| !error["target"].as_str().unwrap().ends_with("#ThrottlingException"));
    });
    assert_eq!(ids(&diff.changed, |change| change.id.as_str()), ["get-latest-configuration/errors/type"]);
    let Change { before, after } = diff.changed[0].text.as_ref().unwrap();
    assert!(before.contains("ThrottlingException 429"), "{before}");
    assert!(!after.contains("ThrottlingException"), "{after}");
}

#[test]
fn added_operation_adds_all_its_requirements() {
    let diff = diff(|shapes| {
        let mut operation = shapes[format!("{NS}#StartConfigurationSession")].clone();
        operation["traits"]["smithy.api#http"]["uri"] = json!("/other");
        shapes[format!("{NS}#StartOther")] = operation;
        let service = &mut shapes[format!("{NS}#AppConfigData")]["operations"];
        service.as_array_mut().unwrap().push(json!({"target": format!("{NS}#StartOther")}));
    });
    assert!(!diff.added.is_empty());
    assert!(diff.removed.is_empty());
    assert!(diff.added.iter().all(|summary| summary.id.as_str().starts_with("start-other/")), "{diff:?}");
    assert!(diff.changed.is_empty(), "{:?}", diff.changed);
}

#[test]
fn changed_level_is_a_change() {
    let (model, mut own) = (Contract::model().unwrap(), Catalogue::of(&Contract::model().unwrap()));
    own.requirements[0].level = Level::Should;
    let diff = ContractDiff::between("model", &Catalogue::of(&model), &own);
    assert_eq!(diff.changed.len(), 1);
    assert_eq!(diff.changed[0].level, Some(Change { before: Level::Must, after: Level::Should }));
}
