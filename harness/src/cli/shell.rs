//! `boundstone completions` and `boundstone man`: what a shell and a manual want to know.

use clap::CommandFactory as _;

use super::args::{Cli, CompletionsArgs};
use super::{CliError, print};

/// Prints completions for a shell.
pub(super) fn completions(args: &CompletionsArgs) -> u8 {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "boundstone", &mut out);
    print(&String::from_utf8_lossy(&out));
    0
}

/// Prints the manual page of boundstone and of each of its commands.
pub(super) fn man() -> Result<u8, CliError> {
    let mut out = Vec::new();
    let mut command = Cli::command();
    command.build();
    let mut render = |command: clap::Command| clap_mangen::Man::new(command).render(&mut out);
    let written = render(command.clone()).and_then(|()| {
        let commands = command.get_subcommands().filter(|command| command.get_name() != "help");
        commands.cloned().try_for_each(&mut render)
    });
    written.map_err(|error| CliError::File { path: "the manual page".into(), error })?;
    print(&String::from_utf8_lossy(&out));
    Ok(0)
}
