//! `boundstone completions` and `boundstone man`.

use clap::CommandFactory as _;

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::error::CliError;
use crate::cli::terminal::print;

/// Prints completions for a shell.
pub(crate) fn completions(args: &CompletionsArgs) -> u8 {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "boundstone", &mut out);
    print(&String::from_utf8_lossy(&out));
    0
}

/// Prints the manual pages of boundstone and its commands.
pub(crate) fn man() -> Result<u8, CliError> {
    let mut out = Vec::new();
    let mut command = Cli::command();
    command.build();
    pages(command, &mut out).map_err(|error| CliError::File { path: "the manual page".into(), error })?;
    print(&String::from_utf8_lossy(&out));
    Ok(0)
}

/// Renders the page of a command, then those of its subcommands.
fn pages(command: clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    let subcommands = command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help");
    let subcommands: Vec<_> = subcommands.cloned().collect();
    clap_mangen::Man::new(command)
        // Without a date, the next field takes its place.
        .date(" ")
        .source(concat!("boundstone ", env!("CARGO_PKG_VERSION")))
        .manual("boundstone")
        .render(out)?;
    subcommands.into_iter().try_for_each(|command| pages(command, out))
}
