//! Sees that each variable of the environment that is meant for boundstone is one that it has.

use std::collections::BTreeSet;

use clap::Command;

use crate::config::nearest::nearest;
use crate::setup::error::CliError;

/// How all of them begin.
const PREFIX: &str = "BOUNDSTONE_";
/// Whoever has this one runs in Kubernetes.
const KUBERNETES: &str = "KUBERNETES_SERVICE_HOST";

/// Refuses a variable that no command has, whichever of them is carried out.
///
/// # Errors
/// The variable, and the one that may be meant.
pub(crate) fn check<'n>(
    command: &Command,
    names: impl IntoIterator<Item = &'n str> + Clone,
) -> Result<(), CliError> {
    let known = variables(command);
    let in_kubernetes = names.clone().into_iter().any(|name| name == KUBERNETES);
    let is_unknown = |name: &&str| {
        name.starts_with(PREFIX) && !known.contains(*name) && !(in_kubernetes && is_service_link(name))
    };
    // The order of an environment says nothing.
    let Some(unknown) = names.into_iter().filter(is_unknown).min() else { return Ok(()) };
    let bare = |name: &'n str| name.strip_prefix(PREFIX).unwrap_or(name);
    let nearest = nearest(bare(unknown), known.iter().filter_map(|name| name.strip_prefix(PREFIX)));
    Err(CliError::UnknownVariable {
        name: unknown.to_owned(),
        nearest: format!("{PREFIX}{}", nearest.unwrap_or_default()),
    })
}

/// The variables of a command and of those below it.
fn variables(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    let below = command.get_subcommands().flat_map(variables);
    own.map(str::to_owned).chain(below).collect()
}

/// Whether Kubernetes sets the variable, in every pod of a namespace that has a service `boundstone` or
/// `boundstone-…`.
fn is_service_link(name: &str) -> bool {
    name.contains("_SERVICE_") || name.ends_with("_PORT") || name.contains("_PORT_")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn said(names: &[&str]) -> String {
        match check(&Cli::command(), names.iter().copied()) {
            Ok(()) => "nothing".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_variable_of_any_command_is_known() {
        let variables = variables(&Cli::command());
        for name in ["TARGET", "FIXTURES", "FIXTURES_B", "LISTEN", "OUT", "CONTROL_PLANE", "SEED"] {
            assert!(variables.contains(&format!("{PREFIX}{name}")), "{name}");
        }
        assert_eq!(said(&["BOUNDSTONE_LISTEN", "BOUNDSTONE_TARGET", "PATH", "boundstone_x"]), "nothing");
        // None would pass for one of Kubernetes.
        assert!(!variables.iter().any(|name| is_service_link(name)));
    }

    #[test]
    fn an_unknown_variable_is_named_with_the_nearest() {
        for (name, nearest) in [
            ("BOUNDSTONE_TARGTE", "BOUNDSTONE_TARGET"),
            ("BOUNDSTONE_TARGET_URL", "BOUNDSTONE_TARGET"),
            ("BOUNDSTONE_MAX_REQUEST", "BOUNDSTONE_MAX_REQUESTS"),
            ("BOUNDSTONE_SIGV_4", "BOUNDSTONE_SIGV4"),
            ("BOUNDSTONE_FIXTURE", "BOUNDSTONE_FIXTURES"),
        ] {
            let said = said(&[name]);
            let start =
                format!("{name}: no flag of boundstone has this variable; the nearest is {nearest}: ");
            assert!(said.starts_with(&start), "{said}");
        }
        assert!(said(&["BOUNDSTONE_"]).starts_with("BOUNDSTONE_: "));
    }

    #[test]
    fn what_kubernetes_sets_for_a_service_is_left_alone() {
        let links = [
            "BOUNDSTONE_SERVICE_HOST",
            "BOUNDSTONE_MOCK_SERVICE_PORT_HTTP",
            "BOUNDSTONE_PORT",
            "BOUNDSTONE_PORT_8787_TCP_ADDR",
        ];
        assert_eq!(said(&[&links[..], &[KUBERNETES]].concat()), "nothing");
        for link in links {
            assert!(said(&[link]).starts_with(link));
        }
        assert!(said(&["BOUNDSTONE_TARGTE", KUBERNETES]).starts_with("BOUNDSTONE_TARGTE"));
    }
}
