//! `cargo xtask emulators`: boundstone beside software that we did not write.

mod boto3;
mod emulator;
mod findings;
mod ministack;
mod prism;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::packages::{node, python};
use crate::workspace;

/// The commands below `cargo xtask emulators`.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Judge the emulator MiniStack with boundstone and check the reports
    Ministack {
        /// Leave MiniStack running at the end, until Ctrl-C
        #[arg(long)]
        keep: bool,
    },
    /// Judge the mock server Prism with boundstone and check the reports
    Prism {
        /// Leave Prism running at the end, until Ctrl-C
        #[arg(long)]
        keep: bool,
    },
    /// Write what was found in the emulators, when they were last judged, to reports/emulators.md
    Findings,
    /// Talk to boundstone's mock through the AWS SDK for Python
    Boto3,
}

/// Runs one of the commands.
pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Ministack { keep } => ministack::run(*keep),
        Command::Prism { keep } => prism::run(*keep),
        Command::Findings => findings::run(),
        Command::Boto3 => boto3::run(),
    }
}

/// Makes the folder `name` below `target/emulators`.
fn folder(name: &str) -> Result<PathBuf> {
    workspace::folder(&format!("emulators/{name}"))
}

/// A file of `xtask/emulators`.
fn asset(name: &str) -> PathBuf {
    workspace::root().join("xtask/emulators").join(name)
}

/// The folder of the packages of npm that emulators are and need.
fn node_modules() -> Result<PathBuf> {
    node::modules(&asset(""), &folder("npm")?)
}

/// The folder of the programs of Python that emulators are and need.
pub(crate) fn python_programs() -> Result<PathBuf> {
    python::programs(&asset("requirements.txt"), &folder("venv")?)
}

/// A file of fixtures, as `boundstone run --fixtures` reads it and `boundstone serve` prints it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fixtures {
    pub(crate) resource: Vec<Resource>,
}

/// One resource that exists on the target.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) application: Part,
    pub(crate) environment: Part,
    pub(crate) profile: Part,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<String>,
}

/// An id, a name, or both.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_in_json_become_toml_and_keep_every_character() {
        let name = "\"aé水🌊\\\u{7f}";
        let json = serde_json::json!({"resource": [{
            "application": {"id": "abc1234", "name": name},
            "environment": {"name": "production"},
            "profile": {"id": "def5678"},
            "configuration": "limit: 10\n",
        }]});
        let fixtures: Fixtures = serde_json::from_value(json).unwrap();
        let text = toml::to_string(&fixtures).unwrap();
        assert!(text.contains("[[resource]]"), "{text}");
        let back: Fixtures = toml::from_str(&text).unwrap();
        assert_eq!(back.resource[0].application.name.as_deref(), Some(name));
        assert_eq!(back.resource[0].configuration.as_deref(), Some("limit: 10\n"));
        assert!(back.resource[0].profile.name.is_none());
    }
}
