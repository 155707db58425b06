//! The habits of this repository as commands.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its commands talk to the person who runs them, and nothing reads their output"
)]

mod bench;
mod bless;
mod browser;
mod ci;
mod deny;
mod emulators;
mod fuzz;
mod mutants;
mod packages;
mod peer;
mod process;
mod readers;
#[cfg(test)]
mod sample;
mod server;
mod soak;
mod tidy;
mod workflows;
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
    /// Run boundstone against every mutant and variant of the mock: each mutant fails as its patterns say, no variant fails
    Mutants(mutants::Args),
    /// Measure how fast boundstone is, beside wrk, oha and Schemathesis
    Bench(bench::Args),
    /// Use the pages of reports in a real browser, as readers do; screenshots go to target/browser
    Browser,
    /// Check the rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check
    Tidy(tidy::Args),
    /// Look for inputs on which a law of a reader does not hold
    Fuzz(fuzz::Args),
    /// Check licences, sources and duplicates of what is depended on
    Deny,
    /// Lint the workflows of GitHub and run their scripts without it
    Workflows,
    /// Set boundstone beside software that we did not write
    #[command(subcommand)]
    Emulators(emulators::Command),
    /// Let programs that we did not write read the reports of real runs
    Readers,
    /// Run boundstone for an hour, with and without a network that disturbs, and see that all is well
    Soak(soak::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Ci(args) => ci::run(&args),
        Command::Bless(args) => bless::run(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Browser => browser::run(),
        Command::Tidy(args) => tidy::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Deny => deny::run(),
        Command::Workflows => workflows::run(),
        Command::Emulators(command) => emulators::run(&command),
        Command::Readers => readers::run(),
        Command::Soak(args) => soak::run(&args),
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
