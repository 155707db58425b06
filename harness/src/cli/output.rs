//! What commands print and write.

pub mod actions;
pub mod dry_run;
pub(crate) mod known_failures_draft;
pub mod progress;
pub mod reports_dir;
