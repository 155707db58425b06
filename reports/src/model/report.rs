//! The report of a run as plain data; `report.json` is exactly this.

use std::collections::BTreeMap;

use cases::catalogue::ContractDiff;
use cases::id::{CaseId, Level, RequirementId};
use serde::{Deserialize, Serialize};

use super::finding::{BlockingFailure, Finding};
use super::known_failure::KnownFailure;
use super::latency::Latency;
use super::verdict::{Verdict, VerdictCounts};

/// The reason of a case that the user did not select.
pub const UNSELECTED: &str = "not selected";

/// The reason of a requirement that no response tested, although all of its cases ran.
pub const UNTESTED: &str = "no response tested it";

/// The version of the layout of `report.json`.
pub const SCHEMA_VERSION: u32 = 1;

/// All that is known about one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] at the time of writing.
    pub schema_version: u32,
    /// The version of boundstone that wrote the report.
    pub boundstone: String,
    /// The contract that the target was tested against.
    pub contract: ContractInfo,
    /// Where the requests went.
    pub target: TargetInfo,
    /// The seed of the run; the same seed makes the same requests.
    pub seed: u64,
    /// The start of the run, RFC 3339 in UTC.
    pub started_at: String,
    /// Wall time of the run in seconds.
    pub seconds: f64,
    /// Whether the run finished.
    pub ending: Ending,
    /// Whether a SHOULD that failed or is flaky fails the run.
    pub strict: bool,
    /// Sums over the run.
    pub totals: Totals,
    /// Every requirement of the contract, in the order of the contract.
    pub requirements: Vec<RequirementResult>,
    /// The known failures, in the order of their file.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub known_failures: Vec<KnownFailure>,
    /// How the requirements differ from those of the built-in contract of the same service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contract_changes: Option<ContractDiff>,
    /// How long the responses took.
    #[serde(skip_serializing_if = "Latency::is_empty", default)]
    pub latency: Latency,
}

impl Report {
    /// The first requirement that passed although no response tested it. A valid report has none.
    pub fn passed_untested(&self) -> Option<&RequirementResult> {
        self.requirements.iter().find(|it| it.verdict == Verdict::Passed && it.responses == 0)
    }
}

/// The contract of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractInfo {
    /// `page`, `model`, or the name of the file.
    pub name: String,
    /// SHA-256 of the contract's text in hexadecimal.
    pub digest: String,
}

/// The target of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// The kind of target.
    pub kind: TargetKind,
    /// Its base URL, without credentials.
    pub url: String,
    /// What the reader must know about the connection, one sentence each: that certificates were not
    /// verified, for example, or that a proxy was used.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
}

impl TargetInfo {
    /// The `url` of [`TargetKind::Mock`].
    pub const MOCK: &str = "embedded mock";
    /// The text between several targets in `url`.
    pub(crate) const SEPARATOR: &str = ", ";

    /// The URLs of the targets of a merged report, or the one URL.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.url.split(Self::SEPARATOR)
    }
}

/// The kinds of target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// The mock inside boundstone.
    Mock,
    /// A server named by `--target`.
    Url,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Ending {
    /// All selected cases ran.
    Complete,
    /// A signal or a limit stopped the run; the report covers what ran.
    Interrupted {
        /// What stopped the run, one sentence.
        reason: String,
    },
    /// The target could not be tested, or not to the end.
    NotTested {
        /// What the target returned and what to try, one or two sentences.
        reason: String,
    },
}

/// Sums over a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Number of requirements by verdict.
    pub requirements: VerdictCounts,
    /// Cases that ran.
    pub cases: u64,
    /// Requests sent, including setup, controls, shrinking and replays.
    pub requests: u64,
    /// Responses that were compared with the contract.
    pub responses: u64,
}

/// One requirement and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequirementResult {
    /// Its stable id.
    pub id: RequirementId,
    /// The operation to which it belongs, as the model names it.
    pub operation: String,
    /// MUST or SHOULD.
    pub level: Level,
    /// The requirement in one sentence.
    pub text: String,
    /// Its place in the contract or in a standard.
    pub source: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it did not pass, where the findings do not say so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The cases that test it. A requirement on every response (such as its content type) has no cases of its
    /// own.
    pub cases: Vec<CaseResult>,
    /// Requests sent for its cases.
    pub requests: u64,
    /// Responses that tested it, whichever case they belong to. Without one, a requirement does not pass.
    pub responses: u64,
    /// The failures that keep it from being tested, if nothing else does.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub depends_on: Vec<BlockingFailure>,
    /// What contradicts it, the worst first; one finding for each kind of difference.
    pub findings: Vec<Finding>,
    /// Responses that the contract leaves open: what the target returned, and how often.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub observations: BTreeMap<String, u64>,
}

/// One case and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseResult {
    /// Its stable id.
    pub id: CaseId,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it did not pass.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Requests sent for it.
    pub requests: u64,
    /// The failures that keep it from being tested, if nothing else does.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub depends_on: Vec<BlockingFailure>,
}
