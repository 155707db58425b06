//! Turns a configuration into the parts of a run.

pub mod config;
pub mod connection;
pub mod connection_options;
pub mod credentials;
pub mod embedded_mock;
pub mod error;
pub mod prepare;
pub mod rerun_command;
pub mod shard;
pub mod wait;
