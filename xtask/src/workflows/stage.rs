//! A stage on which jobs are carried out: a checkout, artefacts, and what `gh` keeps.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use duct::cmd;
use serde::Deserialize;
use wildmatch::WildMatch;

use super::definition::{Action, Job, Scalar, Step, Workflow};
use crate::workspace;
use crate::workspace::write;

/// What stands for expressions: `matrix.side`, say, or `inputs.binary == ''`. Nothing is evaluated, and an
/// expression that is not among them is an error.
type Values = BTreeMap<String, String>;

/// Actions that have nothing to do here: the checkout is there, no cache holds anything, and there are no
/// credentials.
const IDLE: [&str; 3] = ["actions/checkout@", "actions/cache@", "aws-actions/configure-aws-credentials@"];

/// A place to carry out jobs.
pub(super) struct Stage {
    folder: PathBuf,
    action: Action,
    values: Values,
    environment: BTreeMap<String, String>,
}

/// How a job ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Success,
    /// The first step that failed.
    Failure(String),
}

/// What the stand-in for `gh` keeps.
#[derive(Debug, Deserialize)]
pub(super) struct Kept {
    pub(super) comments: Vec<Comment>,
    pub(super) issues: Vec<Issue>,
}

/// A comment.
#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) body: String,
}

/// An issue.
#[derive(Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) state: String,
    pub(super) body: String,
}

/// What the steps of a job share.
struct Scope<'a> {
    values: Values,
    environment: &'a [(&'a str, &'a str)],
}

impl Stage {
    /// An empty stage below `target/workflows`, with a git repository whose origin is a folder beside it.
    pub(super) fn new(name: &str, boundstone: &Path) -> Result<Self> {
        let folder = workspace::empty_folder(&format!("workflows/{name}"))?;
        for inner in ["checkout", "artefacts", "temp", "bin"] {
            std::fs::create_dir_all(folder.join(inner))?;
        }
        let link = |from: &str, to: &str| symlink(workspace::root().join(from), folder.join(to));
        for ours in ["action.yml", ".github", "Cargo.toml", "Cargo.lock"] {
            link(ours, &format!("checkout/{ours}"))?;
        }
        for sources in ["cases", "harness", "reports", "snapshots"] {
            link(sources, &format!("checkout/{sources}"))?;
        }
        for stand_in in ["gh", "cargo"] {
            link(&format!("xtask/workflows/{stand_in}"), &format!("bin/{stand_in}"))?;
        }
        let origin = folder.join("origin.git");
        cmd!("git", "init", "--quiet", "--bare", &origin).run()?;
        let checkout = folder.join("checkout");
        cmd!("git", "init", "--quiet", &checkout).run()?;
        cmd!("git", "remote", "add", "origin", &origin).dir(&checkout).run()?;
        write(&folder.join("gh.json"), r#"{"comments": [], "issues": [], "labels": []}"#)?;

        let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let environment = [
            ("PATH", workspace::path_behind(&folder.join("bin"))),
            ("GH_STATE", file("gh.json")),
            ("STAGE_BOUNDSTONE", boundstone.to_string_lossy().into_owned()),
            ("GITHUB_STEP_SUMMARY", file("summary.md")),
            ("GITHUB_OUTPUT", file("output")),
        ];
        let mut stage = Self {
            action: Action::read()?,
            values: Values::new(),
            environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
            folder,
        };
        for (expression, value) in [
            ("github.action_path", "."),
            ("github.repository", "owner/boundstone"),
            ("github.server_url", "https://github.example"),
            ("github.run_id", "1"),
            ("github.token", "a token"),
            ("runner.os", "Linux"),
            ("runner.arch", "X64"),
        ] {
            stage.set(expression, value);
        }
        stage.set("runner.temp", &stage.temp().to_string_lossy());
        Ok(stage)
    }

    /// Lets a value stand for an expression.
    pub(super) fn set(&mut self, expression: &str, value: &str) {
        self.values.insert(expression.to_owned(), value.to_owned());
    }

    /// The folder that the steps run in.
    pub(super) fn checkout(&self) -> PathBuf {
        self.folder.join("checkout")
    }

    /// The folder of what lasts as long as a job.
    pub(super) fn temp(&self) -> PathBuf {
        self.folder.join("temp")
    }

    /// The folder of an artefact, which is made if it is not there.
    pub(super) fn artefact(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join("artefacts").join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// What the steps appended to their summaries.
    pub(super) fn summary(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.join("summary.md"))?)
    }

    /// What `gh` keeps.
    pub(super) fn kept(&self) -> Result<Kept> {
        Ok(serde_json::from_str(&std::fs::read_to_string(self.folder.join("gh.json"))?)?)
    }

    /// Lets `gh` keep other things.
    pub(super) fn keep(&self, state: &serde_json::Value) -> Result<()> {
        write(&self.folder.join("gh.json"), &state.to_string())
    }

    /// Carries out a job of a workflow, with values for its matrix and an environment of its own.
    pub(super) fn job(
        &self,
        workflow: &Workflow,
        id: &str,
        matrix: &[(&str, &str)],
        environment: &[(&str, &str)],
    ) -> Result<Ending> {
        let mut scope = Scope { values: self.values.clone(), environment };
        for (name, value) in matrix {
            scope.values.insert(format!("matrix.{name}"), (*value).to_owned());
        }
        let Job { steps, .. } = workflow.job(id)?;
        self.steps(steps, &mut scope).with_context(|| format!("the job {id}"))
    }

    /// Carries out the action, and gives its outputs.
    pub(super) fn action(
        &self,
        with: &BTreeMap<String, Scalar>,
        environment: &[(&str, &str)],
    ) -> Result<(Ending, Values)> {
        let outer = Scope { values: self.values.clone(), environment };
        self.composite(with, &outer)
    }

    fn steps(&self, steps: &[Step], scope: &mut Scope<'_>) -> Result<Ending> {
        let mut ending = Ending::Success;
        for step in steps {
            let failed = ending != Ending::Success;
            let runs = match step.condition.as_deref() {
                Some("!cancelled()") => true,
                _ if failed => false,
                None => true,
                Some(condition) => scope.value(condition)? == "true",
            };
            if runs
                && !self.step(step, scope).with_context(|| format!("the step “{}”", step.title()))?
                && !failed
            {
                ending = Ending::Failure(step.title().to_owned());
            }
        }
        Ok(ending)
    }

    /// Whether the step succeeded.
    fn step(&self, step: &Step, scope: &mut Scope<'_>) -> Result<bool> {
        if let Some(run) = &step.run {
            return self.shell(step, run, scope);
        }
        let uses = step.uses.as_deref().context("a step runs or uses something")?;
        if uses == "./" {
            let (ending, outputs) = self.composite(&step.with, scope)?;
            if let Some(id) = &step.id {
                scope.outputs(id, outputs);
            }
            return Ok(ending == Ending::Success);
        }
        if IDLE.iter().any(|action| uses.starts_with(action)) {
            return Ok(true);
        }
        let with = |name: &str| -> Result<Option<String>> {
            step.with.get(name).map(|value| scope.text(&value.to_string())).transpose()
        };
        let path = with("path")?.context("an artefact has a path")?;
        if uses.starts_with("actions/upload-artifact@") {
            self.upload(&with("name")?.context("an artefact has a name")?, &path)?;
        } else if uses.starts_with("actions/download-artifact@") {
            match (with("name")?, with("pattern")?) {
                (Some(name), _) => copy(&self.artefact(&name)?, &self.checkout().join(path))?,
                (None, Some(pattern)) => self.download(&pattern, &self.checkout().join(path))?,
                (None, None) => bail!("an artefact has a name or a pattern"),
            }
        } else {
            bail!("nothing is known of {uses}");
        }
        Ok(true)
    }

    /// Runs a step's shell as GitHub does.
    fn shell(&self, step: &Step, run: &str, scope: &mut Scope<'_>) -> Result<bool> {
        ensure!(!run.contains("${{"), "an expression stands in the shell, and not in the environment");
        let output = self.folder.join("output");
        write(&output, "")?;
        let shell = cmd!("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", run);
        let mut command = shell.dir(self.checkout());
        for (name, value) in &self.environment {
            command = command.env(name, value);
        }
        for (name, value) in scope.environment {
            command = command.env(name, value);
        }
        for (name, value) in &step.env {
            command = command.env(name, scope.text(&value.to_string())?);
        }
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log.txt"))?;
        let command = command.stdin_null().stderr_to_stdout().stdout_file(log);
        let success = command.unchecked().run()?.status.success();
        if let Some(id) = &step.id {
            let text = std::fs::read_to_string(&output)?;
            let outputs = text.lines().map(|line| {
                let (name, value) = line.split_once('=').context("an output is name=value")?;
                Ok((name.to_owned(), value.to_owned()))
            });
            scope.outputs(id, outputs.collect::<Result<_>>()?);
        }
        Ok(success)
    }

    /// Carries out the steps of the action.
    fn composite(&self, with: &BTreeMap<String, Scalar>, outer: &Scope<'_>) -> Result<(Ending, Values)> {
        let mut scope = Scope { values: self.values.clone(), environment: outer.environment };
        for name in with.keys() {
            ensure!(self.action.inputs.contains_key(name), "the action has no input {name}");
        }
        for (name, input) in &self.action.inputs {
            let given = with.get(name).map(|value| outer.text(&value.to_string())).transpose()?;
            let value = given.or_else(|| input.default.clone()).unwrap_or_default();
            scope.values.insert(format!("inputs.{name}"), value);
        }
        let binary = scope.value("inputs.binary")?.to_owned();
        let builds = binary.is_empty().to_string();
        let built = format!("{}/boundstone/bin/boundstone", scope.value("runner.temp")?);
        for (expression, value) in [
            ("inputs.binary == ''", builds.clone()),
            ("inputs.binary == '' && steps.cache.outputs.cache-hit != 'true'", builds),
            (
                "inputs.binary || format('{0}/boundstone/bin/boundstone', runner.temp)",
                if binary.is_empty() { built } else { binary },
            ),
        ] {
            scope.values.insert(expression.to_owned(), value);
        }
        let ending = self.steps(&self.action.runs.steps, &mut scope)?;
        let outputs =
            self.action.outputs.iter().map(|(name, output)| Ok((name.clone(), scope.text(&output.value)?)));
        Ok((ending, outputs.collect::<Result<_>>()?))
    }

    /// Keeps a file, the files of a folder, or those that match.
    fn upload(&self, name: &str, path: &str) -> Result<()> {
        let from = self.checkout().join(path);
        let to = self.folder.join("artefacts").join(name);
        if from.is_dir() {
            return copy(&from, &to);
        }
        let (folder, pattern) = (from.parent(), from.file_name());
        let (folder, pattern) = folder.zip(pattern).context("an artefact has a path")?;
        let pattern = WildMatch::new(&pattern.to_string_lossy());
        // As with the real one, what is not there is not kept.
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let entry = entry?;
            if pattern.matches(&entry.file_name().to_string_lossy()) {
                std::fs::create_dir_all(&to)?;
                std::fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    /// Brings each artefact whose name matches into a folder of its name.
    fn download(&self, pattern: &str, to: &Path) -> Result<()> {
        let pattern = WildMatch::new(pattern);
        // A job starts with nothing but its checkout.
        if to.exists() {
            std::fs::remove_dir_all(to)?;
        }
        for entry in std::fs::read_dir(self.folder.join("artefacts"))? {
            let entry = entry?;
            if pattern.matches(&entry.file_name().to_string_lossy()) {
                copy(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
        Ok(())
    }
}

impl Scope<'_> {
    fn value(&self, expression: &str) -> Result<&str> {
        // The outputs of a step that did not run are empty.
        let is_output = expression.starts_with("steps.") && !expression.contains(' ');
        let value = self.values.get(expression).map(String::as_str);
        value
            .or(is_output.then_some(""))
            .with_context(|| format!("nothing stands for the expression {expression}"))
    }

    fn outputs(&mut self, id: &str, outputs: Values) {
        self.values
            .extend(outputs.into_iter().map(|(name, value)| (format!("steps.{id}.outputs.{name}"), value)));
    }

    /// A text with values in place of its expressions.
    fn text(&self, text: &str) -> Result<String> {
        let mut parts = text.split("${{");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").context("an expression has no end")?;
            whole += self.value(expression.trim())?;
            whole += rest;
        }
        Ok(whole)
    }
}

/// Copies the files of a folder and of the folders in it, in place of what was there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
