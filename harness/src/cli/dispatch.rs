//! Parses the arguments of the process and runs the command.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::args::{Cli, Command, check_environment};
use crate::cli::commands;
use crate::cli::error::{CliError, USAGE};
use crate::cli::terminal::print_error;

/// How long an idle blocking thread lives. While it lives, the allocator keeps up to a few megabytes that
/// it has freed.
const IDLE: Duration = Duration::from_millis(1);

/// Parses the arguments of the process, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let error = redact(error);
            // A closed terminal is no error.
            let _printed = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
        }
    };
    if let Err(error) = check_environment() {
        return fail(&error.to_string(), USAGE);
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.enable_all().thread_keep_alive(IDLE).build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start the asynchronous runtime: {error}"), USAGE),
    };
    let result = runtime.block_on(run(cli.command.unwrap_or_else(|| Command::Run(Box::default()))));
    // Blocking threads that still wait for the target must not delay the exit.
    runtime.shutdown_background();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error.to_string(), error.code()),
    }
}

async fn run(command: Command) -> Result<u8, CliError> {
    match command {
        Command::Run(args) => Box::pin(commands::run::main(*args)).await,
        Command::List(args) => commands::list::main(&args),
        Command::Replay(args) => Box::pin(commands::replay::main(&args)).await,
        Command::Compare(args) => Box::pin(commands::compare::main(*args)).await,
        Command::Report(args) => commands::report::main(args),
        Command::Serve(args) => commands::serve::main(args).await,
        Command::Provision(args) => commands::provision::main(args).await,
        Command::Completions(args) => Ok(commands::shell::completions(&args)),
        Command::Man => commands::shell::man(),
    }
}

/// Hides an unknown argument: it may be the rest of a header without quotes.
fn redact(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && error.kind() == ErrorKind::UnknownArgument
        && !argument.starts_with('-')
    {
        error.insert(ContextKind::InvalidArg, ContextValue::String("…".to_owned()));
    }
    error
}

fn fail(error: &str, code: u8) -> ExitCode {
    print_error(&format!("error: {}\n", reports::render::escape::visible(error)));
    ExitCode::from(code)
}
