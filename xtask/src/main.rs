//! The habits of this repository as commands.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its commands talk to the person who runs them, and nothing reads their output"
)]

mod bless;
mod ci;
mod emulators;
mod mutants;
mod readers;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The habits of this repository as commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every check in order and stop at the first that fails
    Ci(ci::Args),
    /// Record the snapshots of every case from the mock, for review with `cargo insta review`
    Bless(bless::Args),
    /// Let the mock err in every way it knows and see that each is noticed, and nothing else
    Mutants(mutants::Args),
    /// Check the invariants of ARCHITECTURE.md
    Tidy,
    /// Set boundstone beside software that we did not write
    #[command(subcommand)]
    Emulators(emulators::Command),
    /// Let programs that we did not write read the reports of real runs
    Readers,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Ci(args) => ci::run(&args),
        Command::Bless(args) => bless::run(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Tidy => tidy::run(),
        Command::Emulators(command) => emulators::run(&command),
        Command::Readers => readers::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
