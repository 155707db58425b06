//! Partitions of the possible requests, and the requirements that they test.

use std::fmt;
use std::sync::Arc;

use crate::contract::Member;
use crate::generate::{MemberValue, Mutation, ValueClass};
use crate::id::{Level, RequirementId};

/// A requirement with the partitions that test it.
pub(super) struct Entry {
    pub(super) id: RequirementId,
    pub(super) level: Level,
    /// The statement in one sentence.
    pub(super) text: String,
    /// Where the contract or a standard says so.
    pub(super) source: String,
    /// None if the responses to the cases of other requirements test it.
    pub(super) partitions: Vec<Partition>,
}

/// Requests that are equivalent for one requirement.
pub(super) struct Partition {
    /// Its name within the requirement, the last part of the case id.
    pub(super) id: String,
    /// What the requests have in common, as a phrase.
    pub(super) description: String,
    pub(super) mutation: Arc<dyn Mutation>,
}

impl Partition {
    pub(super) fn new(
        id: impl Into<String>,
        description: impl Into<String>,
        mutation: impl Mutation + 'static,
    ) -> Self {
        Self { id: id.into(), description: description.into(), mutation: Arc::new(mutation) }
    }

    /// A member has a value of a class. The name of the member begins the description.
    pub(super) fn of_member(
        member: &Member,
        id: impl Into<String>,
        description: impl fmt::Display,
        values: ValueClass,
    ) -> Self {
        let name = member.name.clone();
        Self::new(id, format!("{name} {description}"), MemberValue { name, values })
    }
}
