//! Classifies the bytes of a request: whether they satisfy the contract.
//!
//! The classifier reads a request as a server would and shares no code with the generator, so that each checks the
//! other. It knows the model only: whether a resource exists or a token is used is for the
//! [oracle](crate::oracle::Oracle) to say.

mod body;
mod classifier;
mod reading;
mod route;
#[cfg(test)]
mod tests;
mod text_value;
mod value_check;

pub use classifier::classify;
pub use reading::{Class, Constraint, MAX_BODY_SIZE, MAX_DEPTH, OpenReason, Reading, Violation};
pub use value_check::{ValueCheck, ValueProblem, broken_constraints, check_value};
