//! The command line: arguments in, exit code out.

pub mod args;
pub mod commands;
mod config_file;
pub mod output;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser};

#[cfg(feature = "trials")]
use crate::library::libtest::Target;
use crate::limits::Limits;
pub use crate::setup::error::CliError;
pub use args::{Cli, Command};

/// How long a thread that blocks waits for more to do. While it waits, the allocator keeps what it has
/// freed: up to a few megabytes for each.
const IDLE: Duration = Duration::from_millis(1);

/// The exit codes. Those of a run that was judged are [`reports::summary::Outcome`]'s.
pub mod exit {
    pub use crate::setup::error::USAGE;
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
            Command::Run(args) => Box::pin(commands::run::main(*args)).await,
            Command::List(args) => commands::list::main(&args),
            Command::Replay(args) => commands::replay::main(&args).await,
            Command::Compare(args) => Box::pin(commands::compare::main(*args)).await,
            Command::Report(args) => commands::report::main(args),
            Command::Serve(args) => commands::serve::main(args).await,
            Command::Provision(args) => commands::provision::main(args).await,
            Command::Completions(args) => Ok(commands::shell::completions(&args)),
            Command::Man => commands::shell::man(),
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

/// The target that the variables `BOUNDSTONE_…` name, which are those of `boundstone run`.
///
/// # Errors
/// A variable does not have the form of its flag, or there is no flag for it.
#[cfg(feature = "trials")]
pub fn target_from_env() -> Result<Target, CliError> {
    environment()?;
    let wrong = |error: clap::Error| {
        let text = error.to_string();
        CliError::Variable(text.trim_start_matches("error: ").trim_end().to_owned())
    };
    let args = match Cli::try_parse_from(["boundstone", "run"]).map_err(wrong)?.command {
        Some(Command::Run(args)) => *args,
        _ => args::RunArgs::default(),
    };
    if args.provision || args.dry_run || args.resume {
        return Err(CliError::Trials(
            "a test makes no fixtures, no estimate and no journal: BOUNDSTONE_PROVISION, BOUNDSTONE_DRY_RUN and \
             BOUNDSTONE_RESUME are for `boundstone run`",
        ));
    }
    Ok(Target::of(args.config()?))
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
pub(crate) fn end_with_ctrl_c(limits: Arc<Limits>) {
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            limits.interrupt();
        }
    });
}

fn fail(error: &str, code: u8) -> ExitCode {
    print_error(&format!("error: {}\n", reports::render::escape::visible(error)));
    ExitCode::from(code)
}

/// Writes to standard output; a reader that went away is no error.
pub(crate) fn print(text: &str) {
    use std::io::Write as _;
    let _gone = anstream::stdout().write_all(text.as_bytes());
}

/// Says that the certificate of the server is not verified.
pub(crate) fn warn_of_unverified() {
    print_error("warning: --insecure: the server's certificate is not verified; anybody may answer\n");
}

/// Writes to standard error.
pub(crate) fn print_error(text: &str) {
    use std::io::Write as _;
    let _gone = anstream::stderr().write_all(text.as_bytes());
}
