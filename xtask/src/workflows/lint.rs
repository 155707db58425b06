//! What a linter and shellcheck say of the workflows, the action and the scripts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use crate::packages::python;
use crate::workspace;

/// Lints everything that runs outside of Rust.
pub(super) fn run() -> Result<()> {
    let requirements = workspace::root().join("xtask/workflows/requirements.txt");
    let programs = python::programs(&requirements, &workspace::folder("workflows/venv")?)?;
    // Without names it reads the workflows and each action of the repository, and asks shellcheck, if it
    // is installed, what it thinks of each `run`.
    cmd!(programs.join("jactionlint"), "--strict-exit", "--no-hints")
        .dir(workspace::root())
        .run()
        .context("the workflows or the action are not as they should be")?;

    let scripts: Vec<PathBuf> = workspace::files()?.into_iter().filter(|path| is_shell(path)).collect();
    cmd("shellcheck", &scripts)
        .dir(workspace::root())
        .run()
        .context("shellcheck finds fault with a script (or is not installed)")?;
    println!("linted: the workflows, the action and {} scripts", scripts.len());
    Ok(())
}

/// Whether a file is a script of a shell.
fn is_shell(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sh")
        || [".ci/run", "xtask/workflows/gh"].map(Path::new).contains(&path)
}
