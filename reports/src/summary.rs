//! What a report comes to: the outcome of the run, its headline, and the order of what follows.
//!
//! Every rendering takes these from here, so that all agree. The texts quote the report as it is; a rendering
//! escapes them.

mod blocked;
mod findings;
mod headline;
mod known_failures;
mod listed;
mod number;
mod open;
mod operations;
mod outcome;
mod tally;

pub(crate) use blocked::blocked_verdict;
pub use blocked::{Explained, resolve_blocked, verdict_if_tested, verdict_of_cases};
pub use findings::{Group, Replay, findings, groups, number_findings};
pub use headline::{closing, headline};
pub use known_failures::known_failure_notes;
pub(crate) use known_failures::known_mark;
pub use listed::{Listed, case_name, times};
pub use number::{counted, duration, number, seconds};
pub use open::{OpenReason, open_reasons};
pub use operations::{Operation, operations};
pub use outcome::{Outcome, fails, leaves_open, outcome};
