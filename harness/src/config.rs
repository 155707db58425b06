//! The files that a user writes.

pub mod draft;
pub mod fixtures;
pub mod identifier;
pub mod known_failures;
pub mod nearest;
pub mod pattern;
pub mod report_lookup;
pub mod toml_error;
pub mod user_file;
