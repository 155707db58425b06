//! A report and the events of a run, as plain data.

mod event;
mod exchange;
mod finding;
mod known_failure;
mod latency;
mod payload;
mod report;
#[cfg(test)]
pub(crate) mod sample;
mod triage;
mod verdict;

pub use event::Event;
pub use exchange::{RecordedExchange, RecordedRequest, RecordedResponse, Source, Use};
pub use finding::{BlockingFailure, Difference, Finding};
pub use known_failure::{EntryState, KnownBy, KnownFailure};
pub use latency::Latency;
pub use payload::Payload;
pub use report::{
    CaseResult, ContractInfo, Ending, Report, RequirementResult, SCHEMA_VERSION, TargetInfo, TargetKind,
    Totals, UNSELECTED, UNTESTED,
};
pub use triage::Triage;
pub use verdict::{VERDICTS, Verdict, VerdictCounts};
