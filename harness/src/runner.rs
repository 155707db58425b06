//! Runs all cases of a plan.

pub mod batch;
pub mod case_runner;
pub mod phases;
pub mod rounds;
pub mod run;
pub mod run_batch;
pub mod slow;
pub mod worker_pool;
