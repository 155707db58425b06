//! The values of a response that later steps can take.

use std::collections::BTreeMap;

use crate::contract::{Contract, Operation};

/// The values of a response that later steps can take, by member.
pub type Outputs = BTreeMap<String, String>;

/// An earlier response does not have a value that a later step needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the response to step {} has no {member}", step + 1)]
pub struct MissingOutput {
    /// The index of the step, from 0.
    pub step: usize,
    /// The output member.
    pub member: String,
}

impl Contract {
    /// The single-use value that a response of `operation` issues, given its outputs. The empty text is
    /// none.
    pub fn issued_value<'v>(&self, operation: &Operation, outputs: &'v Outputs) -> Option<&'v str> {
        let member = self.issued_member(operation)?;
        outputs.get(&member.name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
