//! `boundstone report`.

use std::path::{Path, PathBuf};

use reports::history::Diff;
use reports::model::Report;
use reports::summary::{Outcome, outcome};

use crate::cli::args::{Color, ReportArgs, ReportCommand, ReportFormat};
use crate::cli::error::CliError;
use crate::cli::output::reports_dir;
use crate::cli::terminal::{print, style};
use crate::config::user_file::{FileError, read_text};
use crate::setup::rerun_command;

pub(crate) fn main(args: ReportArgs) -> Result<u8, CliError> {
    match args.command {
        ReportCommand::Merge { reports, out } => {
            let mut merged = reports::history::merge(read_all(&reports)?)?;
            reports::summary::number_findings(&mut merged, &rerun_command::replay(&out));
            reports_dir::write(&out, &merged)?;
            print(&reports::render::terminal::render(&merged, style(Color::Auto)));
            print(&reports_dir::summary_line(&out));
            Ok(outcome(&merged).code())
        }
        ReportCommand::Diff { base, head, markdown } => {
            let (base, head) = (read(&base)?, read(&head)?);
            let diff = Diff::of(&base, &head);
            print(&if markdown { diff.to_markdown() } else { diff.to_text() });
            Ok(if diff.is_worse() { Outcome::Failed.code() } else { Outcome::Passed.code() })
        }
        ReportCommand::Trend { reports } => {
            print(&reports::history::trend_page(&read_all(&reports)?));
            Ok(Outcome::Passed.code())
        }
        ReportCommand::Render { report, format } => {
            let report = read(&report)?;
            print(&match format {
                ReportFormat::Text => reports::render::terminal::render(&report, style(Color::Auto)),
                ReportFormat::Markdown => reports::render::markdown::render(&report),
                ReportFormat::Html => reports::render::html::render(&report),
                ReportFormat::Junit => reports::render::junit::render(&report),
                ReportFormat::Json => reports::render::json::render(&report),
            });
            Ok(Outcome::Passed.code())
        }
    }
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Report>, CliError> {
    paths.iter().map(|path| read(path)).collect()
}

/// Reads a report.json.
pub(crate) fn read(path: &Path) -> Result<Report, CliError> {
    let text = read_text(path).map_err(|problem| {
        FileError { name: path.display().to_string(), problem, remedy: None }
            .with_remedy("name the report.json of a run")
    })?;
    reports::render::json::parse(&text).map_err(|error| CliError::Report { path: path.to_owned(), error })
}
