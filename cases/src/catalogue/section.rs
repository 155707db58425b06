//! Where a module of the catalogue writes to.

use super::case::Case;
use super::entries::Catalogue;
use crate::contract::{Contract, Member, Operation};
use crate::generate::{Deviation, Value};
use crate::id::{Level, RequirementId};
use crate::requirement::Requirement;

/// Where a module of the catalogue writes to.
pub(super) struct Section<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) catalogue: &'a mut Catalogue,
}

impl Section<'_> {
    /// Adds a requirement and its cases: partition, phrase and deviation of each.
    pub(super) fn requirement(
        &mut self,
        id: RequirementId,
        level: Level,
        text: String,
        source: String,
        cases: impl IntoIterator<Item = (String, String, Deviation)>,
    ) {
        for (partition, about, deviation) in cases {
            self.catalogue.cases.push(Case {
                id: id.case(&partition),
                requirement: id.clone(),
                operation: self.operation.name.clone(),
                about,
                deviation,
            });
        }
        self.catalogue.requirements.push(Requirement {
            id,
            operation: self.operation.name.clone(),
            level,
            text,
            source,
        });
    }

    /// Adds a requirement on a member whose cases each give the member a class of values.
    pub(super) fn member_requirement(
        &mut self,
        member: &Member,
        aspect: &str,
        text: String,
        source: String,
        cases: impl IntoIterator<Item = (String, String, Value)>,
    ) {
        let name = &member.name;
        let cases: Vec<_> = cases
            .into_iter()
            .map(|(partition, about, value)| {
                (partition, format!("{name} {about}"), Deviation::Member { name: name.clone(), value })
            })
            .collect();
        let id = RequirementId::new([&self.operation.name, name, aspect]);
        self.requirement(id, Level::Must, text, source, cases);
    }

    /// `400 BadRequestException`, as requirements name it.
    pub(super) fn refusal(&self) -> String {
        let name = self.contract.constraint_error.error.name();
        let status = self.contract.error(name).map_or(400, |error| error.status);
        format!("{status} {name}")
    }
}
