//! One module for each command.

pub mod compare;
pub mod list;
pub mod provision;
pub mod replay;
pub mod report;
pub mod resume;
pub mod run;
pub mod serve;
pub mod shell;
