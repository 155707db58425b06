//! Executes one sequence of requests: sends, waits, and collects what each response shows.

pub mod clock;
pub mod control_cache;
pub mod executed;
pub mod executor;
pub mod poll_interval;
mod recorded_request;
pub mod samples;
pub mod token_registry;
