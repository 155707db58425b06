//! Writes the reports of a run into a folder.

use std::path::Path;

use reports::model::Report;

use crate::cli::error::CliError;

/// The line that names the reports.
pub(crate) fn summary_line(folder: &Path) -> String {
    format!("Reports: {}/ (report.html, report.md, report.json, junit.xml)\n", folder.display())
}

/// Writes `report.json`, `junit.xml`, `report.md` and `report.html`.
pub(crate) fn write(folder: &Path, report: &Report) -> Result<(), CliError> {
    let files = [
        ("report.json", reports::render::json::render(report)),
        ("junit.xml", reports::render::junit::render(report)),
        ("report.md", reports::render::markdown::render(report)),
        ("report.html", reports::render::html::render(report)),
    ];
    std::fs::create_dir_all(folder).map_err(|error| CliError::Out { path: folder.to_owned(), error })?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| CliError::Out { path, error })?;
    }
    Ok(())
}
