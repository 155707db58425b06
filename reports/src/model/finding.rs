//! Findings: what contradicts a requirement.

use cases::id::{CaseId, RequirementId};
use serde::{Deserialize, Serialize};

use super::exchange::{RecordedExchange, is_zero};
use super::known_failure::KnownBy;
use super::verdict::Verdict;

/// One kind of difference, with the smallest request or sequence of requests that shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its number in the report, from 1; 0 if it has none yet.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub number: u64,
    /// The number of the first finding that shows the same difference; its own if it is that one.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub group: u64,
    /// `failed` or `flaky`.
    pub verdict: Verdict,
    /// The case of the counterexample.
    pub case: CaseId,
    /// The cases of the requirement that showed the difference; none if only cases of other requirements did.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cases: Vec<CaseId>,
    /// The known failures that cover it, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub known: Option<KnownBy>,
    /// The number of requests of the run that showed the difference.
    pub count: u64,
    /// What the contract demands of the last response, one line for each field.
    pub expected: String,
    /// What the target returned, in the same form.
    pub actual: String,
    /// The fields in which the two differ.
    pub differences: Vec<Difference>,
    /// The requests in order, each with its response. The last one shows the difference.
    pub counterexample: Vec<RecordedExchange>,
    /// A shell command that replays the counterexample and says whether the difference is still there.
    pub replay: String,
    /// The arguments with which `replay` reaches the target, where the report does not have them: words of a
    /// shell.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reach: String,
    /// The same requests as shell commands with curl.
    pub curl: String,
    /// The base URL of the target that showed it, if the report covers several targets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<String>,
    /// The number of responses in which the difference could have shown, if it was not reproduced: it showed
    /// in `count` of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<u64>,
    /// Why shrinking the counterexample stopped early, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_minimized: Option<String>,
}

impl Finding {
    /// Whether known failures cover it in every case that showed it.
    pub fn is_known(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.uncovered.is_empty())
    }
}

/// One field of a response that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Such as `status`, `error type`, or the name of a member.
    pub field: String,
    /// What the contract demands.
    pub expected: String,
    /// What the target returned.
    pub actual: String,
}

/// A failure that keeps a case or a requirement from being tested.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlockingFailure {
    /// The requirement that failed.
    pub requirement: RequirementId,
    /// The field in which a response was wrong.
    pub field: String,
    /// What the target returned.
    pub actual: String,
}
