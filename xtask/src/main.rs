//! The tasks of this repository as commands.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the tasks print for people, and no program reads their output"
)]

mod checks;
mod cli;
mod delivery;
mod interop;
mod mutation;
mod stress;
mod support;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
