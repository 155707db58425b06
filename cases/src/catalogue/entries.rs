//! The requirements and cases of a contract.

use std::collections::BTreeSet;

use super::case::Case;
use crate::id::RequirementId;
use crate::requirement::Requirement;

/// Every requirement and case of a contract, in the order of the contract.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The requirements.
    pub requirements: Vec<Requirement>,
    /// The cases.
    pub cases: Vec<Case>,
}

impl Catalogue {
    /// An id that two requirements or two cases have. Names in the contract are then too similar to each other or to
    /// names that boundstone adds.
    pub fn duplicate_id(&self) -> Option<&str> {
        fn first_duplicate<'a>(mut ids: impl Iterator<Item = &'a str>) -> Option<&'a str> {
            let mut seen = BTreeSet::new();
            ids.find(|id| !seen.insert(*id))
        }
        first_duplicate(self.requirements.iter().map(|requirement| requirement.id.as_str()))
            .or_else(|| first_duplicate(self.cases.iter().map(|case| case.id.as_str())))
    }

    /// The requirement of that id.
    pub fn requirement(&self, id: &RequirementId) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == *id)
    }
}
