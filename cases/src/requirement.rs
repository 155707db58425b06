//! Requirements: the testable statements of a contract.

use crate::contract::Operation;
use crate::id::{Level, RequirementId};

/// One testable statement of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its stable id.
    pub id: RequirementId,
    /// The operation it belongs to.
    pub operation: String,
    /// How binding it is.
    pub level: Level,
    /// The statement in one sentence.
    pub text: String,
    /// Where the contract or a standard says so.
    pub source: String,
}

/// The requirement on one aspect of every success of an operation.
pub fn response(operation: &Operation, aspect: &str) -> RequirementId {
    RequirementId::new([&operation.name, "response", aspect])
}

/// The requirement on one aspect of every error of an operation.
pub fn errors(operation: &Operation, aspect: &str) -> RequirementId {
    RequirementId::new([&operation.name, "errors", aspect])
}

/// The requirement that a call which keeps the contract succeeds.
pub fn accepts(operation: &Operation) -> RequirementId {
    RequirementId::new([&operation.name, "accepts"])
}
