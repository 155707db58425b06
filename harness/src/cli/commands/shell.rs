//! `boundstone completions` and `boundstone man`: what a shell and a manual want to know.

use clap::CommandFactory as _;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::print;
use crate::setup::error::CliError;

/// Prints completions for a shell.
pub(crate) fn completions(args: &CompletionsArgs) -> u8 {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "boundstone", &mut out);
    print(&String::from_utf8_lossy(&out));
    0
}

/// Prints the manual page of boundstone and of each of its commands.
pub(crate) fn man() -> Result<u8, CliError> {
    let mut out = Vec::new();
    let mut command = Cli::command();
    command.build();
    pages(command, &mut out).map_err(|error| CliError::File { path: "the manual page".into(), error })?;
    print(&String::from_utf8_lossy(&out));
    Ok(0)
}

/// The page of a command, then those of the commands below it.
fn pages(command: clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    let below: Vec<_> =
        command.get_subcommands().filter(|below| below.get_name() != "help").cloned().collect();
    clap_mangen::Man::new(command)
        // A page that says no date would have what comes behind it in its place.
        .date(" ")
        .source(concat!("boundstone ", env!("CARGO_PKG_VERSION")))
        .manual("boundstone")
        .render(out)?;
    below.into_iter().try_for_each(|command| pages(command, out))
}
