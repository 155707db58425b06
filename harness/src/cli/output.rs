//! What commands print and write.

pub mod actions;
pub mod dry_run;
pub mod progress;
pub mod reports_dir;
