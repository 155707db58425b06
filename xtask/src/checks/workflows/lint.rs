//! Lints the workflows, the action, and the scripts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use crate::support::packages::python;
use crate::support::workspace;

/// Lints the workflows and the action with jactionlint, and the scripts with shellcheck.
///
/// # Errors
/// A linter is missing or complains.
pub(super) fn run() -> Result<()> {
    let requirements = workspace::root().join("xtask/workflows/requirements.txt");
    let programs = python::programs(&requirements, &workspace::folder("workflows/venv")?)?;
    // Without file names it reads all workflows and actions of the repository, and checks each `run` with shellcheck
    // if that is installed.
    cmd!(programs.join("jactionlint"), "--strict-exit", "--no-hints")
        .dir(workspace::root())
        .run()
        .context("jactionlint complains about a workflow or the action")?;

    let scripts: Vec<PathBuf> = workspace::files()?.into_iter().filter(|path| is_shell(path)).collect();
    cmd("shellcheck", &scripts)
        .dir(workspace::root())
        .run()
        .context("shellcheck complains about a script, or is not installed")?;
    println!("linted: the workflows, the action, and {} scripts", scripts.len());
    Ok(())
}

/// Whether a file is a shell script.
fn is_shell(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sh")
        || [".ci/run", "xtask/workflows/gh"].map(Path::new).contains(&path)
}
