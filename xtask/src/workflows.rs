//! `cargo xtask workflows`: the action, the workflows and the scripts of GitHub are linted, and each script runs
//! as it is with small inputs. Nothing asks GitHub.

mod lint;
mod scripts;

use anyhow::Result;

use crate::workspace;

/// Checks the workflows.
pub(crate) fn run() -> Result<()> {
    lint::run()?;
    scripts::run(&workspace::build_boundstone()?)
}
