//! Identifiers that are nearly one that exists, and name nothing.

mod class;
mod kind;
mod text_edits;

pub use class::Near;
pub(crate) use class::NearMiss;
pub use kind::Kind;
