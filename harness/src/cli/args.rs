//! The arguments as the user gives them, before they become a configuration.

mod command;
mod commands;
mod config_keys;
mod connection;
mod endpoint;
mod environment;
mod run;

mod values;

pub use command::{Cli, Command};
pub use commands::{
    CompareArgs, CompletionsArgs, ListArgs, ProvisionArgs, ReplayArgs, ReportArgs, ReportCommand,
    ReportFormat, ServeArgs,
};
pub use connection::{ConnectionArgs, HttpVersionArg};
pub use endpoint::EndpointArgs;
pub(crate) use environment::check_environment;
#[cfg(feature = "trials")]
pub use environment::target_from_env;
pub use run::{Color, RunArgs};
