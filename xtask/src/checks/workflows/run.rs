//! Lints everything, then runs the scripts.

use anyhow::Result;

use super::{lint, scripts};
use crate::support::workspace;

/// Lints the workflows and runs their scripts.
///
/// # Errors
/// A linter is missing or complains, or a script does not do what it should.
pub(crate) fn run() -> Result<()> {
    lint::run()?;
    scripts::run(&workspace::build_boundstone()?)
}
