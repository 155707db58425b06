//! One module for each command.

pub mod compare;
pub mod list;
#[cfg_attr(not(feature = "aws"), path = "commands/no_provision.rs")]
pub mod provision;
pub mod replay;
pub mod report;
pub mod resume;
pub mod run;
pub mod serve;
pub mod shell;
