//! `cargo xtask mutants` runs boundstone against every mutant and every variant of the mock. Each mutant has to
//! fail what its patterns say and nothing else. No conformant variant may fail anything.

mod args;
mod comparison;
mod consistency;
mod observe;
mod parallel;
mod results;
mod run;
mod summary;
mod table;
mod unneeded;

pub(crate) use args::Args;
pub(crate) use run::run;
