//! `boundstone run --write-known-failures`: writes new failures to a file of known failures.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use reports::model::Report;

use crate::cli::error::CliError;
use crate::config::draft::draft;
use crate::config::user_file::{FileError, read_text};

/// A file of known failures to write after the run.
pub(crate) struct Draft {
    file: PathBuf,
    /// The text of `--known-failures`, which the new entries follow.
    existing: String,
}

impl Draft {
    /// Checks before the run that the file can be written. `known` is the file of `--known-failures`.
    ///
    /// # Errors
    /// The file would overwrite another one, or its folder does not exist.
    pub(crate) fn new(file: PathBuf, known: Option<&Path>) -> Result<Self, CliError> {
        let existing = match known {
            Some(path) => {
                read_text(path).map_err(|problem| FileError::of_setting("known-failures", path, problem))?
            }
            None => String::new(),
        };
        if file.exists() && known != Some(file.as_path()) {
            return Err(CliError::KnownFailuresExist { path: file });
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            let problem = "the folder does not exist, and --write-known-failures creates none";
            return Err(CliError::File { path: file, error: Error::new(ErrorKind::NotFound, problem) });
        }
        Ok(Self { file, existing })
    }

    /// Writes the file, and returns the line that names it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, report: &Report) -> Result<String, CliError> {
        let draft = draft(report, &self.existing);
        // Renaming keeps the old file complete if writing fails.
        let temporary = self.file.with_extension("toml.new");
        std::fs::write(&temporary, &draft.text)
            .and_then(|()| std::fs::rename(&temporary, &self.file))
            .map_err(|error| CliError::File { path: self.file.clone(), error })?;
        let entries = match draft.entries {
            0 => "nothing new".to_owned(),
            1 => "1 new entry, which needs a reason".to_owned(),
            n => format!("{n} new entries, each of which needs a reason"),
        };
        Ok(format!("Known failures: {} ({entries})\n", self.file.display()))
    }
}
