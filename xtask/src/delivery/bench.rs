//! `cargo xtask bench` measures how fast boundstone is, compared with other programs that send requests.
//!
//! Machines differ and are shared. Only ratios count, of measurements that took turns in one run.

mod args;
mod assets;
mod boundstone;
mod run;
mod table;
mod tools;

pub(crate) use args::Args;
pub(crate) use run::run;
