//! What a run will do, and what all of its parts share.

pub mod context;
pub mod estimate;
pub mod failures;
pub mod in_flight;
pub mod prerequisites;
pub mod run_plan;
