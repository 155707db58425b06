//! `cargo xtask dist` packs boundstone for users, and checks that the archive works.

mod archive;
mod args;
mod checksum;
mod content;
mod run;

pub(crate) use args::Args;
pub(crate) use run::run;
