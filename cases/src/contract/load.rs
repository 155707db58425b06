//! Reads a model and its rules, joins and checks them.

mod applied_traits;
mod ast;
mod constraints;
mod contract;
mod error;
mod foreign_format;
mod members;
mod model;
mod operations;
mod read;

pub use error::ContractError;
