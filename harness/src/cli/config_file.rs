//! `boundstone.toml`: arguments of `run` in a file.

use std::path::Path;

use crate::cli::args::RunArgs;
use crate::config::user_file::{FileError, FileProblem, read_text};
use crate::setup::error::CliError;

/// The configuration file, looked for in the working folder.
pub(crate) const CONFIG: &str = "boundstone.toml";

/// The file's arguments, or none if there is no file.
pub(crate) fn config(path: &Path) -> Result<RunArgs, CliError> {
    match read_text(path) {
        Ok(text) => {
            RunArgs::from_toml(&text).map_err(|problem| CliError::Config { path: path.to_owned(), problem })
        }
        Err(FileProblem::Missing) => Ok(RunArgs::default()),
        Err(problem) => Err(FileError { name: path.display().to_string(), problem, remedy: None }.into()),
    }
}
