//! Turns a configuration into the parts of a run.

pub mod config;
pub mod connection;
pub mod connection_options;
pub mod credentials;
mod embedded;
pub mod error;
pub mod prepare;
pub mod rerun_command;
pub mod shard;
pub mod wait;

pub use embedded::{embedded_mock, stub};
