//! How crates, modules and folders build on one another.

mod crates;

pub(super) use crates::check as crates;
