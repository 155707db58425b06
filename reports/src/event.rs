//! What happens during a run, as one closed set of events.

use cases::catalogue::ContractDiff;
use cases::id::CaseId;

use crate::report::{ContractInfo, Report, TargetInfo, Verdict};

/// One step of a run. The harness emits them, sinks show them; nothing else passes between the two.
#[derive(Debug, Clone)]
pub enum Event {
    /// The plan is made and the first case is about to start.
    RunStarted {
        /// The contract.
        contract: ContractInfo,
        /// The target.
        target: TargetInfo,
        /// The seed.
        seed: u64,
        /// Number of cases that will be tried.
        cases: usize,
        /// How the contract differs from the built-in one of the same service, if it does.
        drift: Option<ContractDiff>,
    },
    /// A case starts, or goes on after others had their turn.
    CaseStarted {
        /// Which.
        case: CaseId,
    },
    /// A case has shown a difference for the first time. It is looked at again in the end.
    CaseDiffers {
        /// Which.
        case: CaseId,
    },
    /// A case is done, or was found to be none for this run.
    CaseFinished {
        /// Which.
        case: CaseId,
        /// What the run found.
        verdict: Verdict,
        /// Requests sent for it.
        requests: u64,
    },
    /// Sequences wait together for time to pass.
    Waiting {
        /// How many.
        sequences: usize,
        /// How long the longest of them takes, in seconds.
        seconds: u64,
        /// The poll interval in seconds that the target enforces, if that is why.
        interval: Option<u64>,
    },
    /// All cases were tried, and what differs is looked at again and made small.
    Confirming,
    /// The run is over, or stopped.
    RunFinished {
        /// What became of it.
        report: Box<Report>,
    },
}
