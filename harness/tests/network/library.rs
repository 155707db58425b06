//! A run in this process.

use std::path::PathBuf;
use std::sync::Arc;

use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::error::SetupError;
use boundstone::setup::prepare::{RunSetup, prepare};
use reports::model::{Ending, Report};

use crate::support::folder;

/// A fixtures file of that text.
pub(crate) fn fixtures(name: &str, text: &str) -> PathBuf {
    let file = folder(&format!("network/{name}")).join("fixtures.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// Runs with these arguments.
pub(crate) async fn run(args: RunConfig) -> Result<Report, SetupError> {
    let RunSetup { plan, transport, limits, .. } = prepare(args).await?;
    Ok(boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await)
}

/// Runs against an endpoint and expects that every requirement holds that was not skipped.
pub(crate) async fn holds(endpoint: EndpointConfig) -> Report {
    let report = run(RunConfig { endpoint, samples: 4, ..RunConfig::default() });
    let report = report.await.unwrap();
    let shown = reports::render::terminal::render(&report, reports::render::terminal::Style::default());
    assert_eq!(reports::summary::outcome(&report).code(), 0, "{shown}");
    let counts = report.totals.requirements;
    assert_eq!((counts.failed, counts.flaky, counts.inconclusive), (0, 0, 0), "{shown}");
    report
}

/// The reason why an endpoint cannot be judged.
pub(crate) async fn refusal(endpoint: EndpointConfig) -> String {
    let args = RunConfig { endpoint, only: vec!["accepts".to_owned()], ..RunConfig::default() };
    let report = run(args).await.unwrap();
    assert_eq!(reports::summary::outcome(&report).code(), 3);
    match report.ending {
        Ending::NotTested { reason } => reason,
        other => panic!("{other:?}"),
    }
}
