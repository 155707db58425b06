//! The events of a run.

use cases::catalogue::ContractDiff;
use cases::id::CaseId;

use super::report::{ContractInfo, Report, TargetInfo};
use super::verdict::Verdict;

/// One step of a run. The harness emits the events, and sinks show them.
#[derive(Debug, Clone)]
pub enum Event {
    /// The plan is made, and the first case is about to start.
    RunStarted {
        /// The contract.
        contract: ContractInfo,
        /// The target.
        target: TargetInfo,
        /// The seed.
        seed: u64,
        /// Number of cases that will run.
        cases: usize,
        /// How the contract differs from the built-in contract of the same service, if it does.
        contract_changes: Option<ContractDiff>,
    },
    /// A case starts, or continues after other cases had their turn.
    CaseStarted {
        /// The case.
        case: CaseId,
    },
    /// A case has shown its first difference. The run reproduces it at the end.
    CaseDiffers {
        /// The case.
        case: CaseId,
    },
    /// A case is done, or cannot run.
    CaseFinished {
        /// The case.
        case: CaseId,
        /// The verdict.
        verdict: Verdict,
        /// Requests sent for it.
        requests: u64,
    },
    /// Sequences wait together until time has passed.
    Waiting {
        /// Number of sequences.
        sequences: usize,
        /// Duration of the longest sequence in seconds.
        seconds: u64,
        /// The poll interval in seconds that the target enforces, if that is the cause.
        interval: Option<u64>,
    },
    /// All cases ran; the run reproduces and shrinks the differences.
    Reproducing,
    /// The run finished or was stopped.
    RunFinished {
        /// The report.
        report: Box<Report>,
    },
}
