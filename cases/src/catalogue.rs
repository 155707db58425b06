//! The catalogue: every requirement of a contract, and the cases that test it.
//!
//! Each aspect of a requirement has a module in `aspects`. To add a partition, add it to the module of its aspect; to
//! add an aspect, add a module and call it in [`Catalogue::of`].

mod aspects;
mod case;
mod contract_diff;
mod derive;
mod derive_sites;
mod entries;
mod json_types;
mod names;
mod partition;
mod pattern_bounds;
mod section;
mod site;
mod site_aspects;
mod site_entry;

pub use case::{Case, CaseSeed};
pub use contract_diff::{Change, ChangedRequirement, ContractDiff, RequirementSummary};
pub(crate) use derive_sites::places;
pub use entries::Catalogue;
