//! Failures that the user knows of and accepts.

use cases::id::CaseId;
use serde::{Deserialize, Serialize};

/// A failure that the user knows of and accepts: an entry of the file of known failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFailure {
    /// The file, as the user named it.
    pub file: String,
    /// The line on which the entry begins, from 1.
    pub line: u64,
    /// The pattern of the requirements and cases that the entry covers.
    pub case: String,
    /// The response that the entry accepts, as findings show it. Without it, the entry accepts any response.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actual: Option<String>,
    /// Whether the failure occurs only sometimes. Then neither its presence nor its absence fails the run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub flaky: bool,
    /// Whether the target does not offer what the entry covers. Then the run sends one of the cases, to see
    /// whether the target offers it by now, and skips the others.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub not_offered: bool,
    /// Why the failure is accepted.
    pub reason: String,
    /// The last day on which the failure is accepted, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<String>,
    /// The URL of an issue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issue: Option<String>,
    /// What the run says about the entry.
    pub state: EntryState,
    /// The response that the run got instead of `actual`, if the state is [`EntryState::Changed`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instead: Option<String>,
}

/// What a run says about a known failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// The entry covers a finding.
    Occurs,
    /// Its cases fail, but not with the response that the entry accepts.
    Changed,
    /// The entry is flaky, and the failure did not occur.
    NotSeen,
    /// The entry covers no finding, but some of its cases did not pass either.
    NotRun,
    /// All of its cases passed.
    Gone,
    /// Its last day is over, so it covers nothing.
    Expired,
    /// Its pattern matches nothing in the contract.
    Unmatched,
}

impl EntryState {
    /// Whether the entry must be removed or changed, which fails the run.
    pub fn is_outdated(self) -> bool {
        match self {
            EntryState::Changed | EntryState::Gone | EntryState::Expired | EntryState::Unmatched => true,
            EntryState::Occurs | EntryState::NotSeen | EntryState::NotRun => false,
        }
    }
}

/// The known failures that cover a finding, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBy {
    /// The indices of the known failures in the report, from 0; at least one.
    pub entries: Vec<usize>,
    /// The cases that showed the finding and that no entry covers. If there are any, the finding is new.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub uncovered: Vec<CaseId>,
}
