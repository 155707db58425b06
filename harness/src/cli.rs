//! The command line: arguments in, exit code out.

mod actions;
mod again;
pub mod args;
mod compare;
pub mod connect;
mod dry_run;
mod error;
mod list;
mod machine;
mod progress;
#[cfg_attr(not(feature = "aws"), path = "cli/no_provision.rs")]
mod provision;
pub mod rate;
mod replay;
mod report;
mod reports_dir;
mod resume;
pub mod run;
mod serve;
pub mod shard;
mod shell;
mod signer;
pub mod target;
pub(crate) mod wait;
pub mod wire;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser};

pub use args::{Cli, Command};
pub use error::CliError;

use crate::limits::Limits;

/// How long a thread that blocks waits for more to do. While it waits, the allocator keeps what it has
/// freed: up to a few megabytes for each.
const IDLE: Duration = Duration::from_millis(1);

/// The exit codes. Those of a run that was judged are [`reports::exit::Outcome`]'s.
pub mod exit {
    /// Wrong usage, configuration or contract.
    pub const USAGE: u8 = 2;
}

/// Parses the arguments of the process, carries out the command and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let error = without_values(error);
            // Nothing can be done about a terminal that is gone.
            let _printed = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    if let Err(error) = environment() {
        return fail(&error.to_string(), error.code());
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.enable_all().thread_keep_alive(IDLE).build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no runtime could be started: {error}"), exit::USAGE),
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or_else(|| Command::Run(Box::default())) {
            Command::Run(args) => Box::pin(run::main(*args)).await,
            Command::List(args) => list::main(&args),
            Command::Replay(args) => replay::main(&args).await,
            Command::Compare(args) => Box::pin(compare::main(*args)).await,
            Command::Report(args) => report::main(args),
            Command::Serve(args) => serve::main(args).await,
            Command::Provision(args) => provision::main(args).await,
            Command::Completions(args) => Ok(shell::completions(&args)),
            Command::Man => shell::man(),
        }
    });
    // Blocking threads that still wait for the target must not hold the process up.
    runtime.shutdown_background();
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error.to_string(), error.code()),
    }
}

/// Sees that the environment says nothing that no command could be told.
pub(crate) fn environment() -> Result<(), CliError> {
    let names: Vec<String> =
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    // There they are the same in any letter case.
    let names: Vec<String> =
        names.into_iter().map(|name| if cfg!(windows) { name.to_ascii_uppercase() } else { name }).collect();
    args::check_environment(&Cli::command(), names.iter().map(String::as_str))
}

/// What is no argument may be the rest of a header that was not quoted: it is not repeated.
fn without_values(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && error.kind() == ErrorKind::UnknownArgument
        && !argument.starts_with('-')
    {
        error.insert(ContextKind::InvalidArg, ContextValue::String("…".to_owned()));
    }
    error
}

/// Lets each Ctrl-C interrupt what these limits bound.
fn end_with_ctrl_c(limits: Arc<Limits>) {
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            limits.interrupt();
        }
    });
}

fn fail(error: &str, code: u8) -> ExitCode {
    print_error(&format!("error: {}\n", reports::escape::visible(error)));
    ExitCode::from(code)
}

/// Writes to standard output; a reader that went away is no error.
fn print(text: &str) {
    use std::io::Write as _;
    let _gone = anstream::stdout().write_all(text.as_bytes());
}

/// Writes to standard error.
fn print_error(text: &str) {
    use std::io::Write as _;
    let _gone = anstream::stderr().write_all(text.as_bytes());
}
