//! Output for GitHub Actions: the summary of a step, and annotations.

use std::io::Write as _;
use std::path::PathBuf;

use reports::model::Report;

use crate::cli::error::CliError;
use crate::cli::terminal::print;

/// The variable that names the summary file of a step.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Appends the report to the summary of the step, if there is one.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn append_summary(report: &Report) -> Result<(), CliError> {
    let Some(path) = std::env::var_os(SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(());
    };
    let markdown = reports::render::markdown::render(report);
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{markdown}\n").as_bytes()))
        .map_err(|error| CliError::File { path, error })
}

/// Prints an annotation for each finding.
pub(crate) fn annotate(report: &Report) {
    print(&reports::render::annotations::render(report));
}
