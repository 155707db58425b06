//! One report of several: of the shards of a run, or of runs at several targets.

mod error;
mod finding;
mod report;
mod requirement;
#[cfg(test)]
mod tests;

pub use error::MergeError;
pub use report::merge;
