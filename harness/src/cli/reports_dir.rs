//! Writes the reports of a run into a folder.

use std::path::Path;

use reports::report::Report;

use super::CliError;

/// Writes `report.json`, `junit.xml`, `report.md` and `report.html`.
pub(super) fn write(folder: &Path, report: &Report) -> Result<(), CliError> {
    let files = [
        ("report.json", reports::json::render(report)),
        ("junit.xml", reports::junit::render(report)),
        ("report.md", reports::markdown::render(report)),
        ("report.html", reports::html::render(report)),
    ];
    std::fs::create_dir_all(folder).map_err(|error| CliError::File { path: folder.to_owned(), error })?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| CliError::File { path, error })?;
    }
    Ok(())
}
