//! Checks the variables `BOUNDSTONE_…` of the environment, and reads the target of a test from them.

use std::collections::BTreeSet;

#[cfg(feature = "trials")]
use clap::Parser as _;
use clap::{Command, CommandFactory as _};

use crate::cli::args::command::Cli;
use crate::config::nearest::nearest;
#[cfg(feature = "trials")]
use crate::library::libtest::Target;
use crate::setup::error::SetupError;

/// The start of their names.
const PREFIX: &str = "BOUNDSTONE_";
/// The variable that is set in Kubernetes.
const KUBERNETES: &str = "KUBERNETES_SERVICE_HOST";

/// Rejects a variable of the process that no command has.
///
/// # Errors
/// The variable, and the nearest one.
pub(crate) fn check_environment() -> Result<(), SetupError> {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    // Windows ignores the case of names.
    let names: Vec<String> =
        names.map(|name| if cfg!(windows) { name.to_ascii_uppercase() } else { name }).collect();
    check(&Cli::command(), names.iter().map(String::as_str))
}

/// The target that the variables of `boundstone run` describe.
///
/// # Errors
/// A variable has a wrong value, or belongs to no flag.
#[cfg(feature = "trials")]
pub fn target_from_env() -> Result<Target, SetupError> {
    use crate::cli::args::command::Command::Run;

    check_environment()?;
    let cli = Cli::try_parse_from(["boundstone", "run"]).map_err(|error| {
        let text = error.to_string();
        SetupError::Variable(text.trim_start_matches("error: ").trim_end().to_owned())
    })?;
    let args = match cli.command {
        Some(Run(args)) => *args,
        _ => crate::cli::args::run::RunArgs::default(),
    };
    let of_run = [
        (args.provision, "BOUNDSTONE_PROVISION"),
        (args.dry_run, "BOUNDSTONE_DRY_RUN"),
        (args.resume, "BOUNDSTONE_RESUME"),
    ];
    match of_run.into_iter().find(|(is_set, _)| *is_set) {
        Some((_, name)) => Err(SetupError::VariableOfRun(name)),
        None => Ok(Target::of(args.config()?)),
    }
}

/// Rejects a variable that neither the command nor its subcommands have.
fn check<'n>(command: &Command, names: impl IntoIterator<Item = &'n str> + Clone) -> Result<(), SetupError> {
    let known = variables(command);
    let in_kubernetes = names.clone().into_iter().any(|name| name == KUBERNETES);
    let unknown = names.into_iter().filter(|name| {
        name.starts_with(PREFIX) && !known.contains(*name) && !(in_kubernetes && is_service_link(name))
    });
    // The order of the environment is arbitrary.
    let Some(unknown) = unknown.min() else { return Ok(()) };
    let bare = unknown.strip_prefix(PREFIX).unwrap_or(unknown);
    let nearest = nearest(bare, known.iter().filter_map(|name| name.strip_prefix(PREFIX)));
    Err(SetupError::UnknownVariable {
        name: unknown.to_owned(),
        nearest: format!("{PREFIX}{}", nearest.unwrap_or_default()),
    })
}

/// The variables of a command and its subcommands.
fn variables(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    let below = command.get_subcommands().flat_map(variables);
    own.map(str::to_owned).chain(below).collect()
}

/// Whether Kubernetes sets the variable: it does so in every pod of a namespace with a service `boundstone`
/// or `boundstone-…`.
fn is_service_link(name: &str) -> bool {
    name.contains("_SERVICE_") || name.ends_with("_PORT") || name.contains("_PORT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(names: &[&str]) -> String {
        match check(&Cli::command(), names.iter().copied()) {
            Ok(()) => "valid".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn variable_of_any_command_is_known() {
        let variables = variables(&Cli::command());
        for name in ["TARGET", "FIXTURES", "FIXTURES_B", "LISTEN", "OUT", "CONTROL_PLANE", "SEED"] {
            assert!(variables.contains(&format!("{PREFIX}{name}")), "{name}");
        }
        assert_eq!(message(&["BOUNDSTONE_LISTEN", "BOUNDSTONE_TARGET", "PATH", "boundstone_x"]), "valid");
        // None of them looks like a variable of Kubernetes.
        assert!(!variables.iter().any(|name| is_service_link(name)));
    }

    #[test]
    fn unknown_variable_leads_to_nearest() {
        for (name, nearest) in [
            ("BOUNDSTONE_TARGTE", "BOUNDSTONE_TARGET"),
            ("BOUNDSTONE_TARGET_URL", "BOUNDSTONE_TARGET"),
            ("BOUNDSTONE_MAX_REQUEST", "BOUNDSTONE_MAX_REQUESTS"),
            ("BOUNDSTONE_SIGV_4", "BOUNDSTONE_SIGV4"),
            ("BOUNDSTONE_FIXTURE", "BOUNDSTONE_FIXTURES"),
        ] {
            let message = message(&[name]);
            let start =
                format!("{name}: no setting of boundstone has this variable; the nearest is {nearest}: ");
            assert!(message.starts_with(&start), "{message}");
        }
        assert!(message(&["BOUNDSTONE_"]).starts_with("BOUNDSTONE_: "));
    }

    #[test]
    fn variables_of_kubernetes_are_ignored() {
        let links = [
            "BOUNDSTONE_SERVICE_HOST",
            "BOUNDSTONE_MOCK_SERVICE_PORT_HTTP",
            "BOUNDSTONE_PORT",
            "BOUNDSTONE_PORT_8787_TCP_ADDR",
        ];
        assert_eq!(message(&[&links[..], &[KUBERNETES]].concat()), "valid");
        for link in links {
            assert!(message(&[link]).starts_with(link));
        }
        assert!(message(&["BOUNDSTONE_TARGTE", KUBERNETES]).starts_with("BOUNDSTONE_TARGTE"));
    }
}
