//! A run in this process.

use std::path::PathBuf;
use std::sync::Arc;

use boundstone::cli::CliError;
use boundstone::cli::args::{EndpointArgs, RunArgs};
use boundstone::cli::run::{Prepared, prepare};
use reports::report::{Ending, Report};

use crate::support::folder;

/// A fixtures file of that text.
pub(crate) fn fixtures(name: &str, text: &str) -> PathBuf {
    let file = folder(&format!("network/{name}")).join("fixtures.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// Runs with these arguments.
pub(crate) async fn run(args: RunArgs) -> Result<Report, CliError> {
    let Prepared { plan, transport, limits, .. } = prepare(args).await?;
    Ok(boundstone::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await)
}

/// Runs against an endpoint and expects that every requirement holds that was not skipped.
pub(crate) async fn holds(endpoint: EndpointArgs) -> Report {
    let report = run(RunArgs { endpoint, cases: Some(4.try_into().unwrap()), ..RunArgs::default() });
    let report = report.await.unwrap();
    let shown = reports::human::render(&report, reports::human::Style::default());
    assert_eq!(reports::exit::outcome(&report).code(), 0, "{shown}");
    let counts = report.totals.requirements;
    assert_eq!((counts.violated, counts.unstable, counts.inconclusive), (0, 0, 0), "{shown}");
    report
}

/// The reason why an endpoint cannot be judged.
pub(crate) async fn refusal(endpoint: EndpointArgs) -> String {
    let args = RunArgs { endpoint, only: vec!["accepts".to_owned()], ..RunArgs::default() };
    let report = run(args).await.unwrap();
    assert_eq!(reports::exit::outcome(&report).code(), 3);
    match report.ending {
        Ending::NotJudged { reason } => reason,
        other => panic!("{other:?}"),
    }
}
