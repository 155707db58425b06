//! What changed from one contract of a service to another, found by comparing their catalogues.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entries::Catalogue;
use crate::id::{CaseId, Level, RequirementId};
use crate::requirement::Requirement;

/// How the requirements of a contract differ from those of a base contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractDiff {
    /// The name of the base contract.
    pub since: String,
    /// Requirements that only the contract itself has, in its order.
    pub added: Vec<RequirementSummary>,
    /// Requirements that only the base contract has, in its order.
    pub removed: Vec<RequirementSummary>,
    /// Requirements of both that differ, in the order of the contract itself.
    pub changed: Vec<ChangedRequirement>,
}

/// A requirement that only one of the two contracts has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementSummary {
    /// Its id.
    pub id: RequirementId,
    /// How binding it is.
    pub level: Level,
    /// The statement in one sentence.
    pub text: String,
}

/// A requirement of both contracts that differs in at least one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRequirement {
    /// Its id.
    pub id: RequirementId,
    /// The level.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<Change<Level>>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<Change<String>>,
    /// Cases that only the contract itself has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub added_cases: Vec<CaseId>,
    /// Cases that only the base contract has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub removed_cases: Vec<CaseId>,
    /// Cases of both whose descriptions differ.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changed_cases: Vec<CaseId>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// In the base contract.
    pub before: T,
    /// In the contract itself.
    pub after: T,
}

impl ContractDiff {
    /// How `own` differs from `base`, which has the name `since`.
    pub fn between(since: &str, base: &Catalogue, own: &Catalogue) -> Self {
        Self {
            since: since.to_owned(),
            added: only_in(own, base),
            removed: only_in(base, own),
            changed: own.requirements.iter().filter_map(|after| changed(base, own, after)).collect(),
        }
    }

    /// Whether the two are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// The requirements of one catalogue that another one does not have.
fn only_in(one: &Catalogue, other: &Catalogue) -> Vec<RequirementSummary> {
    let missing = one.requirements.iter().filter(|requirement| other.requirement(&requirement.id).is_none());
    missing.map(RequirementSummary::of).collect()
}

/// How a requirement of `own` changed, if `base` has it and it did.
fn changed(base: &Catalogue, own: &Catalogue, after: &Requirement) -> Option<ChangedRequirement> {
    let before = base.requirement(&after.id)?;
    let (cases_before, cases) = (descriptions(base, before), descriptions(own, after));
    let change = ChangedRequirement {
        id: after.id.clone(),
        level: Change::of(&before.level, &after.level),
        text: Change::of(&before.text, &after.text),
        added_cases: matching(&cases, |id, _| !cases_before.contains_key(id)),
        removed_cases: matching(&cases_before, |id, _| !cases.contains_key(id)),
        changed_cases: matching(&cases, |id, text| {
            cases_before.get(id).is_some_and(|before| *before != text)
        }),
    };
    (!change.is_empty()).then_some(change)
}

/// The cases of a requirement with their descriptions.
fn descriptions<'a>(catalogue: &'a Catalogue, requirement: &Requirement) -> BTreeMap<&'a CaseId, &'a str> {
    let own = catalogue.cases.iter().filter(|case| case.requirement == requirement.id);
    own.map(|case| (&case.id, case.description.as_str())).collect()
}

fn matching(cases: &BTreeMap<&CaseId, &str>, is_wanted: impl Fn(&CaseId, &str) -> bool) -> Vec<CaseId> {
    cases.iter().filter(|(id, text)| is_wanted(id, text)).map(|(id, _)| (*id).clone()).collect()
}

impl RequirementSummary {
    fn of(requirement: &Requirement) -> Self {
        Self { id: requirement.id.clone(), level: requirement.level, text: requirement.text.clone() }
    }
}

impl ChangedRequirement {
    fn is_empty(&self) -> bool {
        self.level.is_none()
            && self.text.is_none()
            && self.added_cases.is_empty()
            && self.removed_cases.is_empty()
            && self.changed_cases.is_empty()
    }
}

impl<T: Clone + PartialEq> Change<T> {
    fn of(before: &T, after: &T) -> Option<Self> {
        (before != after).then(|| Self { before: before.clone(), after: after.clone() })
    }
}
