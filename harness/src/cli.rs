//! The command line: arguments in, exit code out.

pub mod args;
pub mod commands;
mod config_file;
mod dispatch;
pub mod error;
pub mod output;
mod terminal;

#[cfg(feature = "trials")]
pub use args::target_from_env;
pub use dispatch::main;
