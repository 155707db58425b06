//! How crates, modules and folders build on one another.

mod crates;
mod folders;
mod layers;

pub(super) use crates::check as crates;
pub(super) use folders::check as folders;
pub(super) use layers::check as layers;
