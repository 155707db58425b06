//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::checks::{ci, deny, tidy, workflows};
use crate::delivery::{bench, dist};
use crate::interop::{browser, emulators, readers};
use crate::mutation::{bless, mutants};
use crate::stress::{fuzz, soak};

/// The tasks of this repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run all checks in order, and stop at the first that fails
    Ci(ci::Args),
    /// Check the rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check
    Tidy,
    /// Check the licenses, sources, and duplicates of dependencies
    Deny,
    /// Lint the workflows of GitHub, and run their scripts locally
    Workflows,
    /// Record the snapshot of every case from the mock, for review with `cargo insta review`
    Bless(bless::Args),
    /// Run boundstone against every mutant and variant of the mock, and check what fails
    Mutants(mutants::Args),
    /// Test emulators of others, and call the mock with the AWS SDK for Python
    #[command(subcommand)]
    Emulators(emulators::Command),
    /// Read the reports of real runs with programs of others
    Readers,
    /// Open the pages of reports in a real browser; screenshots go to target/browser
    Browser,
    /// Search for inputs that break a property of a parser
    Fuzz(fuzz::Args),
    /// Run boundstone many times for an hour, with and without a network that breaks, and check every run
    Soak(soak::Args),
    /// Measure how fast boundstone is, compared with wrk, oha, and Schemathesis
    Bench(bench::Args),
    /// Pack boundstone for this machine into target/dist, and check that the archive works
    Dist(dist::Args),
}

impl Cli {
    /// Runs the selected task.
    ///
    /// # Errors
    /// The task fails.
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Ci(args) => ci::run(&args),
            Command::Tidy => tidy::run(),
            Command::Deny => deny::run(),
            Command::Workflows => workflows::run(),
            Command::Bless(args) => bless::run(&args),
            Command::Mutants(args) => mutants::run(&args),
            Command::Emulators(command) => emulators::run(&command),
            Command::Readers => readers::run(),
            Command::Browser => browser::run(),
            Command::Fuzz(args) => fuzz::run(&args),
            Command::Soak(args) => soak::run(&args),
            Command::Bench(args) => bench::run(&args),
            Command::Dist(args) => dist::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
