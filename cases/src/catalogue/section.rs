//! The part of the catalogue for one operation, which the aspects add to.

use super::case::Case;
use super::entries::Catalogue;
use super::partition::Entry;
use crate::contract::{Contract, Operation, ShapeId};
use crate::requirement::Requirement;

/// The part of the catalogue for one operation.
pub(super) struct Section<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) catalogue: &'a mut Catalogue,
}

impl Section<'_> {
    /// Adds a requirement, and a case for each of its partitions.
    pub(super) fn add(&mut self, entry: Entry) {
        let operation = &self.operation.name;
        let Entry { id, level, text, source, partitions } = entry;
        self.catalogue.cases.extend(partitions.into_iter().map(|partition| Case {
            id: id.case(&partition.id),
            requirement: id.clone(),
            operation: operation.clone(),
            description: partition.description,
            mutation: partition.mutation,
        }));
        self.catalogue.requirements.push(Requirement {
            id,
            operation: operation.clone(),
            level,
            text,
            source,
        });
    }

    /// The error for a broken constraint, such as `400 BadRequestException`.
    pub(super) fn refusal(&self) -> String {
        self.status_and_name(&self.contract.constraint_error.error, 400)
    }

    /// An error with its status, which is `default` if the contract does not have one.
    pub(super) fn status_and_name(&self, error: &ShapeId, default: u16) -> String {
        let name = error.name();
        let status = self.contract.error(name).map_or(default, |error| error.status);
        format!("{status} {name}")
    }
}
