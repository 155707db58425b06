//! The catalogue: every requirement of a contract, and the cases that test it.
//!
//! One module of `aspects` for each sort of requirement. To add a partition, add a line to its module; to add a
//! sort of requirement, add a module and call it in [`Catalogue::of`].

mod aspects;
mod case;
mod contract_diff;
mod derive;
mod entries;
mod json_types;
mod names;
mod pattern_bounds;
mod section;

pub use case::{Case, CaseSeed};
pub use contract_diff::{Change, Drift, Stated, Turn};
pub use entries::Catalogue;
