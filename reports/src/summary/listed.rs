//! A finding with its place in the report.

use cases::id::CaseId;

use crate::model::{Finding, KnownFailure, RequirementResult};

use super::number::{counted, number};

/// A finding with its place in the report.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Its number in the report, from 1.
    pub number: usize,
    /// The requirement that it contradicts.
    pub requirement: &'a RequirementResult,
    /// Its number among the findings of its requirement, from 1.
    pub nth: usize,
    /// The finding.
    pub finding: &'a Finding,
    /// All known failures of the report.
    pub(super) known_failures: &'a [KnownFailure],
}

impl<'a> Listed<'a> {
    /// The known failures that cover it, in whole or in part.
    pub fn entries(&self) -> impl Iterator<Item = &'a KnownFailure> + use<'a> {
        let known_failures = self.known_failures;
        let indices = self.finding.known.iter().flat_map(|known| &known.entries);
        indices.filter_map(|index| known_failures.get(*index))
    }
}

/// How often a finding occurred: `12 times`, or `35 of 6,912 responses` if it was not reproduced.
pub fn times(finding: &Finding) -> String {
    match finding.of {
        Some(of) => format!("{} of {}", number(finding.count), counted(of, "response")),
        None => counted(finding.count, "time"),
    }
}

/// The name of a case within its requirement; the whole id of a case of another requirement.
pub fn case_name<'a>(requirement: &RequirementResult, id: &'a CaseId) -> &'a str {
    let id = id.as_str();
    let name = id.strip_prefix(requirement.id.as_str()).and_then(|rest| rest.strip_prefix('/'));
    name.unwrap_or(id)
}
