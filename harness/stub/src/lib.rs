//! A server of any model: it validates each request in full, and responds with a generated output.
//!
//! It is derived from the contract alone, and shares no code with the generator, the oracle, the classifier and the
//! judge, so that each derivation checks the other. [`Stub::respond`] is pure: it touches no socket, no clock and no
//! global state. [`server`] puts the stub on a socket. [`mutants`] lists servers with one deliberate bug, generated
//! from the contract.
//!
//! The stub has no state: every name exists, and what a call creates is not found by the next one.

mod bug;
mod generate;
mod mutant;
mod read;
mod respond;
mod route;
pub mod server;
mod service;
mod validate;
mod value;

pub use mutant::{Mutant, find, mutants};
pub use service::{MAX_BODY, Stub};
