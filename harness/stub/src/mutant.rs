//! Servers with one deliberate bug, generated from a contract.

mod catalog;
mod definition;
mod input;
mod output;
mod site;

pub use catalog::{find, mutants};
pub use definition::Mutant;
