//! Workflows and actions as they stand in their files, as far as they are carried out here.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace;

/// A file of `.github/workflows`.
#[derive(Debug, Deserialize)]
pub(super) struct Workflow {
    pub(super) jobs: BTreeMap<String, Job>,
}

/// A job of a workflow.
#[derive(Debug, Deserialize)]
pub(super) struct Job {
    /// How often it runs.
    #[serde(default)]
    strategy: Strategy,
    pub(super) steps: Vec<Step>,
}

/// The values with which a job runs, once for each combination.
#[derive(Debug, Default, Deserialize)]
struct Strategy {
    #[serde(default)]
    matrix: BTreeMap<String, Vec<Scalar>>,
}

impl Job {
    /// The values of its matrix by one name.
    pub(super) fn matrix(&self, name: &str) -> Vec<String> {
        self.strategy.matrix.get(name).into_iter().flatten().map(ToString::to_string).collect()
    }
}

/// The file `action.yml`.
#[derive(Debug, Deserialize)]
pub(super) struct Action {
    pub(super) inputs: BTreeMap<String, Input>,
    pub(super) outputs: BTreeMap<String, Output>,
    pub(super) runs: Runs,
}

/// An input of an action.
#[derive(Debug, Deserialize)]
pub(super) struct Input {
    pub(super) default: Option<String>,
}

/// An output of an action.
#[derive(Debug, Deserialize)]
pub(super) struct Output {
    pub(super) value: String,
}

/// What an action does.
#[derive(Debug, Deserialize)]
pub(super) struct Runs {
    pub(super) steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "if")]
    pub(super) condition: Option<String>,
    pub(super) uses: Option<String>,
    #[serde(default)]
    pub(super) with: BTreeMap<String, Scalar>,
    pub(super) run: Option<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, Scalar>,
}

/// What YAML takes for a number or a truth value is a text to GitHub.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Bool(bool),
    Number(i64),
    Text(String),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

impl Workflow {
    /// Reads the workflow of a name.
    pub(super) fn read(name: &str) -> Result<Self> {
        read(&format!(".github/workflows/{name}.yml"))
    }

    /// A job by its id.
    pub(super) fn job(&self, id: &str) -> Result<&Job> {
        self.jobs.get(id).with_context(|| format!("there is no job {id}"))
    }
}

impl Action {
    /// Reads the action of this repository.
    pub(super) fn read() -> Result<Self> {
        read("action.yml")
    }
}

impl Step {
    /// What the step is called.
    pub(super) fn title(&self) -> &str {
        self.name.as_deref().or(self.uses.as_deref()).unwrap_or("a step without a name")
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &str) -> Result<T> {
    let text =
        std::fs::read_to_string(workspace::root().join(path)).with_context(|| format!("read {path}"))?;
    serde_saphyr::from_str(&text).with_context(|| format!("read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    /// The commands of this repository in the steps of a job, once for each value of its matrix.
    fn commands(job: &Job) -> Vec<String> {
        let steps = job.steps.iter().filter(|step| step.run.as_deref().is_some_and(is_ours));
        steps
            .flat_map(|step| {
                let run = step.run.clone().unwrap_or_default();
                let value = |name: &str| step.env.get(name).map(ToString::to_string).unwrap_or_default();
                let variable = run.split('"').find_map(|word| word.strip_prefix('$')).map(str::to_owned);
                let Some(variable) = variable else { return vec![run] };
                let expression = value(&variable);
                let key = expression.trim_start_matches("${{ matrix.").trim_end_matches(" }}");
                job.matrix(key).iter().map(|it| run.replace(&format!("\"${variable}\""), it)).collect()
            })
            .collect()
    }

    fn is_ours(run: &str) -> bool {
        run.starts_with("cargo xtask ")
    }

    #[test]
    fn each_command_of_the_workflows_exists() {
        let mut seen = Vec::new();
        for name in ["pull-request", "nightly"] {
            for job in Workflow::read(name).unwrap().jobs.values() {
                for command in commands(job) {
                    let words = command.split_whitespace().skip(1);
                    crate::Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{command}: {error}"));
                    seen.push(command);
                }
            }
        }
        seen.sort();
        assert_eq!(
            seen,
            [
                "cargo xtask browser",
                "cargo xtask emulators ministack",
                "cargo xtask emulators ministack",
                "cargo xtask emulators prism",
                "cargo xtask mutants --jobs 2 --seeds 1",
            ]
        );
    }
}
