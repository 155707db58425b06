//! Runs all cases of a plan.

pub mod batch;
pub mod case_runner;
pub mod run;
pub mod slow;
pub mod worker_pool;
