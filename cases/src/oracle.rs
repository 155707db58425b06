//! What must come back for a request: the classifier, the reference state machine, and what they expect.

mod classify;
mod expectation;
mod outcome;
mod state_machine;

pub use classify::{
    Class, Constraint, MAX_BODY_SIZE, MAX_DEPTH, Openness, Reading, Violation, broken, classify,
};
pub use expectation::{Accept, Answer, Expectation, Silence, Status, Timing, Values, value_of, with_problem};
pub use outcome::{ABSENT, Field, NO_BODY, NotAnOutcome, Outcome, UNREAD};
pub use state_machine::{CONTENT, Content, EMPTY, Fingerprint, OTHER_CONTENT, Oracle, SERVED};
