//! The commands.

use clap::{Parser, Subcommand};

use crate::cli::args::commands::{
    CompareArgs, CompletionsArgs, EXIT_CODES, ListArgs, ProvisionArgs, ReplayArgs, ReportArgs, ServeArgs,
};
use crate::cli::args::run::RunArgs;

/// Check that an HTTP endpoint implements its API contract
#[derive(Debug, Parser)]
#[command(name = "boundstone", version, about, after_help = EXIT_CODES)]
pub struct Cli {
    /// The command; `run` by default.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const RUN_EXAMPLE: &str = "Example:
  boundstone run --target http://127.0.0.1:4566 --contract model --fixtures fixtures.toml
";

const RUN_HELP: &str = "\
Test a target against a contract and write reports.

boundstone generates valid and invalid requests from the contract, sends them to the target, and checks each
response. It reproduces each failure and shrinks it to the smallest sequence of requests that shows it. The
terminal and the reports show these requests, the expected and the actual response, and the place in the
contract.

Without --target, it tests the embedded mock. A flag may also be set in the environment as
BOUNDSTONE_<FLAG>, or in boundstone.toml under its name without dashes at the front.";

const COMPARE_EXIT_CODES: &str = "Exit codes: 0 no difference; 1 a difference; \
    2 wrong usage, configuration or contract; 3 an endpoint could not be tested; 130 interrupted.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test a target against a contract and write reports
    #[command(long_about = RUN_HELP, after_help = format!("{RUN_EXAMPLE}\n{EXIT_CODES}"))]
    Run(Box<RunArgs>),
    /// List the requirements and cases of a contract
    List(ListArgs),
    /// Replay the findings of a report
    #[command(after_help = EXIT_CODES)]
    Replay(ReplayArgs),
    /// Send the same requests to two endpoints and show how their responses differ
    #[command(after_help = COMPARE_EXIT_CODES)]
    Compare(Box<CompareArgs>),
    /// Merge, compare or render reports
    Report(ReportArgs),
    /// Serve the mock in the foreground and print its fixtures
    Serve(ServeArgs),
    /// Create fixtures through the control plane, or remove those of earlier runs
    Provision(ProvisionArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual pages
    Man,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// A URL or a header may contain credentials.
    #[test]
    fn help_hides_urls_and_headers_of_the_environment() {
        let mut hidden = 0;
        for command in Cli::command().get_subcommands() {
            for arg in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
                let name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name);
                if matches!(name, "URL" | "K:V") {
                    assert!(arg.is_hide_env_values_set(), "{} {arg}", command.get_name());
                    hidden += 1;
                }
            }
        }
        assert!(hidden >= 10, "{hidden}");
    }

    #[test]
    fn every_flag_of_run_has_a_heading() {
        const HEADINGS: [&str; 6] = ["Target", "Selection", "Limits", "Connection", "AWS", "Output"];
        let command = Cli::command();
        for arg in command.find_subcommand("run").unwrap().get_arguments() {
            assert!(HEADINGS.contains(&arg.get_help_heading().unwrap_or_default()), "{arg}");
        }
    }
}
