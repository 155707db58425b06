//! `cargo xtask workflows`: the action and the workflows of GitHub, read by a linter and carried out here.
//!
//! No GitHub is asked. What runs is the shell of the steps as it stands in the files; artefacts are folders,
//! and in place of `gh` and `cargo` stand the scripts of `xtask/workflows`.

mod action;
mod definition;
mod lint;
mod nightly;
mod pull_request;
mod stage;

use anyhow::{Context, Result};

use crate::workspace;

/// Checks the workflows.
pub(crate) fn run() -> Result<()> {
    lint::run()?;
    let boundstone = workspace::build_boundstone()?;
    action::rehearse(&boundstone)
        .and_then(|()| pull_request::rehearse(&boundstone))
        .and_then(|()| nightly::rehearse(&boundstone))
        .context("what the steps said is in target/workflows/*/log.txt")
}
