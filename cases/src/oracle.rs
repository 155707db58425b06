//! What must come back for a request: the classifier, the reference state machine, and what they expect.

mod accepted_values;
mod classify;
mod content;
mod expectation;
mod expected_response;
mod known_resources;
mod outcome;
mod sessions;
mod state_machine;
#[cfg(test)]
mod tests;

pub use accepted_values::{
    AcceptedValues, InconclusiveValues, MemberValues, shape_placeholder, shape_placeholder_with,
};
pub use classify::{
    Class, Constraint, MAX_BODY_SIZE, MAX_DEPTH, OpenReason, Reading, ValueCheck, ValueProblem, Violation,
    broken_constraints, check_value, classify,
};
pub use content::{Content, Fingerprint};
pub use expectation::{Expectation, Timing};
pub use expected_response::ExpectedResponse;
pub use outcome::{ContentState, Field, Line, NotAnOutcome, Outcome, Status, TokenState, Value};
pub use state_machine::Oracle;
