//! The report of a run as plain data; `report.json` is exactly this.

use std::collections::BTreeMap;

use cases::catalogue::ContractDiff;
use cases::id::{CaseId, Level, RequirementId};
use cases::protocol::Alteration;
use cases::signing::Signing;
use serde::{Deserialize, Serialize};

use crate::latency::Latency;

/// The reason why a case was not tried that the user left out.
pub const UNSELECTED: &str = "not selected";

/// The reason why nothing is known of a requirement on answers, though every case was tried.
pub const UNANSWERED: &str = "no answer came that would show it";

/// The version of the layout of `report.json`.
pub const SCHEMA_VERSION: u32 = 1;

/// All that is known about one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] at the time of writing.
    pub schema_version: u32,
    /// The version of boundstone that wrote the report.
    pub boundstone: String,
    /// The contract that the target was tested by.
    pub contract: ContractInfo,
    /// Where the requests went.
    pub target: TargetInfo,
    /// The seed of the run; the same seed makes the same requests.
    pub seed: u64,
    /// The start of the run, RFC 3339 in UTC.
    pub started_at: String,
    /// Wall time of the run in seconds.
    pub seconds: f64,
    /// Whether the run came to its end.
    pub ending: Ending,
    /// Whether a SHOULD that is not passed fails the run.
    pub strict: bool,
    /// The sums over `requirements`.
    pub totals: Totals,
    /// Every requirement of the contract, in the order of the contract.
    pub requirements: Vec<RequirementResult>,
    /// The failures that the user knows of, in the order of their file.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub known_failures: Vec<KnownFailure>,
    /// How the requirements differ from those of the built-in contract of the same service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub drift: Option<ContractDiff>,
    /// How long the answers took.
    #[serde(skip_serializing_if = "Latency::is_empty", default)]
    pub latency: Latency,
}

impl Report {
    /// A requirement that passed though no response tested it, which no report may say.
    pub fn passes_unseen(&self) -> Option<&RequirementResult> {
        self.requirements.iter().find(|it| it.verdict == Verdict::Passed && it.responses == 0)
    }
}

/// A failure that the user knows of and accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFailure {
    /// The file, as the user named it.
    pub file: String,
    /// The line on which the entry begins, from 1.
    pub line: u64,
    /// The pattern of the requirements and cases that it speaks of.
    pub case: String,
    /// What the target answers there, as findings have it; any answer if it is not said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actual: Option<String>,
    /// Whether it shows now and then only: neither its presence nor its absence fails the run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub flaky: bool,
    /// Whether the entry stands for what the target does not offer: its cases are not sent, but for one
    /// that tells when it is offered after all.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub not_offered: bool,
    /// Why the failure is accepted.
    pub reason: String,
    /// The last day on which it is accepted, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<String>,
    /// The address of an issue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issue: Option<String>,
    /// What the run says of it.
    pub state: EntryState,
    /// What the target answers there now, if that is not what the entry says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instead: Option<String>,
}

/// What a run says of a known failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// A finding is what the entry speaks of.
    Occurs,
    /// Its cases fail, but with another result than the one that the entry says.
    Changed,
    /// It is flaky and did not show this time.
    NotSeen,
    /// Nothing contradicts what it speaks of, but not all of it was shown to hold.
    NotRun,
    /// All that it speaks of passed.
    Gone,
    /// Its last day is over, so that it covers nothing.
    Expired,
    /// The contract has nothing that it could speak of.
    Unmatched,
}

impl EntryState {
    /// Whether the entry has to go or to change, which fails the run.
    pub fn is_outdated(self) -> bool {
        match self {
            EntryState::Changed | EntryState::Gone | EntryState::Expired | EntryState::Unmatched => true,
            EntryState::Occurs | EntryState::NotSeen | EntryState::NotRun => false,
        }
    }
}

/// Which contract a run used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractInfo {
    /// `page`, `model`, or the name of the file.
    pub name: String,
    /// SHA-256 of the contract's text in hexadecimal.
    pub digest: String,
}

/// Where the requests of a run went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// The sort of target.
    pub kind: TargetKind,
    /// Its base URL, without credentials.
    pub url: String,
    /// What has to be known of the way to it, one sentence each: that nobody vouches for the server,
    /// say, or that a proxy stands between.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
}

impl TargetInfo {
    /// What stands in the place of a URL for [`TargetKind::Mock`].
    pub const MOCK: &str = "embedded mock";
    /// What stands between several targets in `url`.
    pub(crate) const AND: &str = ", ";

    /// The URLs of a report that was merged of several, or the one.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.url.split(Self::AND)
    }
}

/// The sorts of target.
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
    /// Every selected case was tried.
    Complete,
    /// Stopped before the end, by a signal or a limit; what was done is reported.
    Interrupted {
        /// What stopped it, one sentence.
        reason: String,
    },
    /// The target could not be judged at all, or not to the end.
    NotJudged {
        /// What answered and what to try, one or two sentences.
        reason: String,
    },
}

/// The verdict on a requirement or on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// An answer contradicts the requirement, and did so again on replay.
    Failed,
    /// An answer contradicted the requirement once, but not on replay.
    Flaky,
    /// The target gave no answer that could be judged.
    Inconclusive,
    /// Not tried; the reason says what would show it.
    Skipped,
    /// Every answer was what the requirement demands.
    Passed,
}

/// Sums over all requirements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Number of requirements by verdict.
    pub requirements: VerdictCounts,
    /// Cases tried.
    pub cases: u64,
    /// Requests sent, setup, twins, shrinking and replays included.
    pub requests: u64,
    /// Exchanges whose answer was compared with the contract.
    pub judged: u64,
}

/// Number of requirements by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictCounts {
    /// See [`Verdict::Passed`].
    pub passed: u64,
    /// See [`Verdict::Failed`].
    pub failed: u64,
    /// See [`Verdict::Flaky`].
    pub flaky: u64,
    /// See [`Verdict::Inconclusive`].
    pub inconclusive: u64,
    /// See [`Verdict::Skipped`].
    pub skipped: u64,
}

/// One requirement and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequirementResult {
    /// Its stable id.
    pub id: RequirementId,
    /// The operation it belongs to, as the model names it.
    pub operation: String,
    /// MUST or SHOULD.
    pub level: Level,
    /// The requirement in one sentence.
    pub text: String,
    /// The place in the contract or standard that says so.
    pub source: String,
    /// What the run found.
    pub verdict: Verdict,
    /// Why it is not passed, where the findings do not say so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The cases that test it. A requirement on every answer (such as its content type) has none
    /// of its own.
    pub cases: Vec<CaseResult>,
    /// Requests sent for its cases.
    pub requests: u64,
    /// Responses that tested it, whichever case they belong to. Nothing passes without one.
    pub responses: u64,
    /// The failures that keep it from being tested, if nothing else does.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub depends_on: Vec<Dependency>,
    /// What contradicts it, the worst first; one for each kind of difference.
    pub findings: Vec<Finding>,
    /// Answers that the contract leaves open, as observed: what was seen, and how often.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub observations: BTreeMap<String, u64>,
}

/// One case and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseResult {
    /// Its stable id.
    pub id: CaseId,
    /// What the run found.
    pub verdict: Verdict,
    /// Why it is not passed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Requests sent for it.
    pub requests: u64,
    /// The failures that keep it from being tested, if nothing else does.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub depends_on: Vec<Dependency>,
}

/// A failure that keeps something from being tested: the finding of a requirement that shows this.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// The requirement that failed.
    pub requirement: RequirementId,
    /// The field in which a response was wrong.
    pub field: String,
    /// What came.
    pub actual: String,
}

/// One kind of difference, with the smallest request or sequence that shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its number in the report, from 1; 0 before it has one.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub number: u64,
    /// The number of the first finding that shows the same difference, its own if it is that one.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub group: u64,
    /// `failed` or `flaky`.
    pub verdict: Verdict,
    /// The case whose counterexample this is.
    pub case: CaseId,
    /// The cases of the requirement that showed this difference; none if only cases of other
    /// requirements did.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cases: Vec<CaseId>,
    /// Which known failures cover it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub known: Option<Covered>,
    /// How many requests of the run showed this difference.
    pub count: u64,
    /// What the contract demands of the last answer, one line a field.
    pub expected: String,
    /// What the target answered, in the same form.
    pub actual: String,
    /// The fields in which the two differ.
    pub differences: Vec<Difference>,
    /// The requests in order, each with its answer. The last one shows the difference.
    pub counterexample: Vec<RecordedExchange>,
    /// A shell command that sends the counterexample again and says whether it still holds.
    pub replay: String,
    /// How `replay` reaches the target, where the report does not say so: words of a shell.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reach: String,
    /// The same requests as shell commands with curl.
    pub curl: String,
    /// The base URL of the target that showed it, if the report is of several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<String>,
    /// Of how many answers `count` is a part, where the difference did not come again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<u64>,
    /// Why a smaller counterexample was not looked for to the end, if so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_minimized: Option<String>,
}

/// How far known failures cover a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The indices of the entries, from 0; at least one.
    pub entries: Vec<usize>,
    /// The cases that showed it and are in none of them. With one of these the finding is new.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub uncovered: Vec<CaseId>,
}

/// One field of an answer that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Such as `status`, `error type`, or a member's name.
    pub field: String,
    /// What the contract demands.
    pub expected: String,
    /// What came.
    pub actual: String,
}

/// One request of a counterexample and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedExchange {
    /// The request, tokens replaced by placeholders.
    pub request: RecordedRequest,
    /// What came back.
    pub response: RecordedResponse,
}

/// A request as it can be sent again. Credentials and `--header` values are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// The operation it is meant for.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent below the base URL of the run's target, but for placeholders.
    pub target: String,
    /// Header names and values in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(skip_serializing_if = "Payload::is_empty", default)]
    pub body: Payload,
    /// The seconds that pass before it is sent.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub after_seconds: u64,
    /// Whether it is sent at the same time as the one before.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub at_once: bool,
    /// Whether it is sent before the poll interval of its session is over, on purpose.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub early: bool,
    /// How it is signed, if it is not the request of a run that signs none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signing: Option<Signing>,
    /// The placeholders in `target`, `headers` and `body`, and where their values come from. In
    /// `target` a value stands percent-encoded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub uses: Vec<Use>,
}

/// Says which earlier answer a placeholder takes its value from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The text that stands for the value.
    pub placeholder: String,
    /// The index of the earlier exchange, from 0.
    pub step: usize,
    /// Where in that answer the value stands.
    pub from: Source,
    /// How the value is altered before use, for requests with a tampered token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alter: Option<Alteration>,
}

/// The place of a value in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The string member of this name at the top of the JSON body.
    Member(String),
    /// The header of this name.
    Header(String),
}

/// What came back for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedResponse {
    /// An HTTP response.
    Answer {
        /// The status code.
        status: u16,
        /// Header names and values; sensitive ones are placeholders.
        headers: Vec<(String, String)>,
        /// The body; sensitive parts are placeholders, a long one is cut.
        #[serde(skip_serializing_if = "Payload::is_empty", default)]
        body: Payload,
    },
    /// No response.
    Fault {
        /// What happened instead, such as `connection closed before an answer`.
        fault: String,
    },
}

/// Bytes of a body in the form that reads best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Payload {
    /// UTF-8 text.
    Text(String),
    /// Long text, as pieces that repeat.
    Runs {
        /// Each piece and how many times it stands there.
        runs: Vec<(String, u64)>,
    },
    /// Anything else, in hexadecimal.
    Bytes {
        /// Two digits a byte.
        hex: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Payload {
    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        match self {
            Payload::Text(text) => text.is_empty(),
            Payload::Runs { runs } => runs.is_empty(),
            Payload::Bytes { hex } => hex.is_empty(),
        }
    }
}

impl Default for Payload {
    fn default() -> Self {
        Payload::Text(String::new())
    }
}
