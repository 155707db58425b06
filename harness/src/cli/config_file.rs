//! Reads `boundstone.toml`, which sets arguments of `run`.

use std::path::Path;

use crate::cli::args::RunArgs;
use crate::cli::error::CliError;
use crate::config::user_file::{FileError, FileProblem, read_text};

/// The configuration file in the working folder.
const CONFIG_FILE: &str = "boundstone.toml";

/// Reads the arguments of the configuration file. Without a file there are none.
pub(crate) fn read_config_file() -> Result<RunArgs, CliError> {
    let path = Path::new(CONFIG_FILE);
    match read_text(path) {
        Ok(text) => RunArgs::from_toml(&text)
            .map_err(|problem| CliError::ConfigFile { path: path.to_owned(), problem }),
        Err(FileProblem::Missing) => Ok(RunArgs::default()),
        Err(problem) => Err(FileError { name: path.display().to_string(), problem, remedy: None }.into()),
    }
}
