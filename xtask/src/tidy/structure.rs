//! How crates, modules and folders build on one another.

mod crates;
mod folders;

pub(super) use crates::check as crates;
pub(super) use folders::check as folders;
