//! The reference server: how a conformant endpoint of the service responds, derived by hand from the contract.
//!
//! It shares no code with the generator, the oracle, the classifier and the judge, so that each derivation
//! checks the other. [`Mock::respond`] is pure: the time is an argument, randomness comes from a seed, and no
//! socket is touched. [`server`] puts the mock on a socket. [`mutant`] lists servers with one deliberate bug,
//! [`variant`] lists servers that are unusual but conformant.

pub mod contract;
pub mod mutant;
pub mod protocol;
pub mod resources;
pub mod server;
pub mod service;
pub mod signature;
pub mod token;
mod toolkit;
pub mod variant;

pub use contract::{Dialect, Parameter};
pub use protocol::ApiError;
pub use resources::{Configuration, Identifiers, Identity, Resources};
pub use server::{Clock, Connection, Server};
pub use service::{Behavior, Mock, MockConfig, Options, Reference};
pub use signature::RequiredSignature;
pub use toolkit::{Contracts, UnknownName};
