//! Packages of other languages. They are installed once, and again when the list of packages changes.

pub(crate) mod node;
mod once;
pub(crate) mod python;
