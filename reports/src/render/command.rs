//! Requests as commands of a shell.

mod curl;
mod shell;

pub use curl::{Route, curl};
pub use shell::{from_environment, quoted};
