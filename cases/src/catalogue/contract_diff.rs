//! What changed from one contract of a service to another one, told from their catalogues.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entries::Catalogue;
use crate::id::{CaseId, Level, RequirementId};
use crate::requirement::Requirement;

/// How the requirements of a contract differ from those of another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The contract that is compared with, by its name.
    pub since: String,
    /// Requirements that only the contract itself has, in its order.
    pub new: Vec<Stated>,
    /// Requirements that only the other one has, in its order.
    pub gone: Vec<Stated>,
    /// Requirements of both that are not the same, in the order of the contract itself.
    pub changed: Vec<Change>,
}

/// A requirement that only one of the two has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Its id.
    pub id: RequirementId,
    /// How binding it is.
    pub level: Level,
    /// The statement in one sentence.
    pub text: String,
}

/// A requirement that both have, with what is not the same; at least one of the fields says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its id.
    pub id: RequirementId,
    /// The level.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<Turn<Level>>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<Turn<String>>,
    /// Cases that only the contract itself has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub new_cases: Vec<CaseId>,
    /// Cases that only the other one has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub gone_cases: Vec<CaseId>,
    /// Cases of both that are about something else.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changed_cases: Vec<CaseId>,
}

/// What something was and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn<T> {
    /// In the contract that is compared with.
    pub was: T,
    /// In the contract itself.
    pub is: T,
}

impl Drift {
    /// How `own` differs from `other`, which is called `since`.
    pub fn between(since: &str, other: &Catalogue, own: &Catalogue) -> Self {
        let only = |of: &Catalogue, not: &Catalogue| {
            let lacking = of.requirements.iter().filter(|it| not.requirement(&it.id).is_none());
            lacking.map(Stated::of).collect()
        };
        let changed = own.requirements.iter().filter_map(|is| {
            let was = other.requirement(&is.id)?;
            let (before, now) = (cases(other, was), cases(own, is));
            let change = Change {
                id: is.id.clone(),
                level: Turn::of(&was.level, &is.level),
                text: Turn::of(&was.text, &is.text),
                new_cases: those(&now, |id, _| !before.contains_key(id)),
                gone_cases: those(&before, |id, _| !now.contains_key(id)),
                changed_cases: those(&now, |id, about| before.get(id).is_some_and(|was| *was != about)),
            };
            (!change.is_empty()).then_some(change)
        });
        Self {
            since: since.to_owned(),
            new: only(own, other),
            gone: only(other, own),
            changed: changed.collect(),
        }
    }

    /// Whether both say the same.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

impl Stated {
    fn of(requirement: &Requirement) -> Self {
        Self { id: requirement.id.clone(), level: requirement.level, text: requirement.text.clone() }
    }
}

impl Change {
    fn is_empty(&self) -> bool {
        self.level.is_none()
            && self.text.is_none()
            && self.new_cases.is_empty()
            && self.gone_cases.is_empty()
            && self.changed_cases.is_empty()
    }
}

impl<T: Clone + PartialEq> Turn<T> {
    fn of(was: &T, is: &T) -> Option<Self> {
        (was != is).then(|| Self { was: was.clone(), is: is.clone() })
    }
}

/// The cases of a requirement and what they are about.
fn cases<'a>(catalogue: &'a Catalogue, requirement: &Requirement) -> BTreeMap<&'a CaseId, &'a str> {
    let own = catalogue.cases.iter().filter(|case| case.requirement == requirement.id);
    own.map(|case| (&case.id, case.about.as_str())).collect()
}

fn those(cases: &BTreeMap<&CaseId, &str>, are: impl Fn(&CaseId, &str) -> bool) -> Vec<CaseId> {
    cases.iter().filter(|(id, about)| are(id, about)).map(|(id, _)| (*id).clone()).collect()
}
