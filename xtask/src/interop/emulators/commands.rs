//! The commands below `cargo xtask emulators`.

use anyhow::Result;
use clap::Subcommand;

use super::{boto3, findings, ministack, prism};

/// The commands below `cargo xtask emulators`.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Test the emulator MiniStack with boundstone and check the reports
    Ministack {
        /// Keep MiniStack running at the end, until Ctrl-C
        #[arg(long)]
        keep: bool,
    },
    /// Test the mock server Prism with boundstone and check the reports
    Prism {
        /// Keep Prism running at the end, until Ctrl-C
        #[arg(long)]
        keep: bool,
    },
    /// Write the findings of the last runs against the emulators to reports/emulators.md
    Findings,
    /// Call boundstone's mock with the AWS SDK for Python
    Boto3,
}

/// Runs one of the commands.
///
/// # Errors
/// A package or program is missing, or boundstone does not work with it as it should.
pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Ministack { keep } => ministack::run(*keep),
        Command::Prism { keep } => prism::run(*keep),
        Command::Findings => findings::run(),
        Command::Boto3 => boto3::run(),
    }
}
