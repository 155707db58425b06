//! One module for each aspect that a place at any depth can have.
//!
//! The modules in `aspects` test the same of strings and whole numbers that are members of the input themselves, with
//! more values.

pub(super) mod cardinality;
pub(super) mod choice;
pub(super) mod format;
pub(super) mod length;
pub(super) mod null;
pub(super) mod pattern;
pub(super) mod range;
pub(super) mod required;
pub(super) mod unique_items;
pub(super) mod value_type;
