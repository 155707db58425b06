//! Writes the reports of a run into a folder.

use std::path::Path;

use reports::report::Report;

use crate::setup::error::CliError;

/// Says where they are.
pub(crate) fn written(folder: &Path, sarif: bool) -> String {
    let more = if sarif { ", report.sarif" } else { "" };
    format!("Reports: {}/ (report.html, report.md, report.json, junit.xml{more})\n", folder.display())
}

/// Writes `report.json`, `junit.xml`, `report.md` and `report.html`, and `report.sarif` if it is asked for.
pub(crate) fn write(folder: &Path, report: &Report, sarif: bool) -> Result<(), CliError> {
    let mut files = vec![
        ("report.json", reports::json::render(report)),
        ("junit.xml", reports::junit::render(report)),
        ("report.md", reports::markdown::render(report)),
        ("report.html", reports::html::render(report)),
    ];
    if sarif {
        files.push(("report.sarif", reports::sarif::render(report)));
    }
    std::fs::create_dir_all(folder).map_err(|error| CliError::Out { path: folder.to_owned(), error })?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| CliError::Out { path, error })?;
    }
    Ok(())
}
