//! Other programs that send requests to the same server.

use std::time::Duration;

use anyhow::{Context, Result};
use duct::cmd;
use serde::Deserialize;

use super::asset;
use super::table::Rate;
use crate::emulators::Fixtures;
use crate::packages::python;
use crate::peer::Peer;
use crate::workspace;

/// Where a session begins in the contract that is measured by.
const START: &str = "/configurationsessions";

/// What Schemathesis may make of each operation.
const EXAMPLES: &str = "500";

/// A valid request to start a session with the first resource of a mock.
fn body(mock: &Peer) -> Result<String> {
    let fixtures: Fixtures = toml::from_str(&std::fs::read_to_string(mock.fixtures())?)?;
    let first = fixtures.resource.first().context("the mock has a resource")?;
    let id = |part: &crate::emulators::Part| part.id.clone().unwrap_or_default();
    Ok(serde_json::json!({
        "ApplicationIdentifier": id(&first.application),
        "EnvironmentIdentifier": id(&first.environment),
        "ConfigurationProfileIdentifier": id(&first.profile),
    })
    .to_string())
}

/// The raw ceiling: `wrk` sends one request over and over and reads no answer.
pub(super) fn wrk(mock: &Peer, connections: usize, time: Duration) -> Result<Rate> {
    let output = cmd!(
        "wrk",
        "--threads=1",
        format!("--connections={connections}"),
        format!("--duration={}s", time.as_secs()),
        "--script",
        asset("start.lua"),
        format!("{}{START}", mock.url())
    )
    .env("BODY", body(mock)?)
    .read()
    .context("wrk does not run (Debian's package wrk)")?;
    rate_of_wrk(&output).with_context(|| format!("wrk says no rate: {output}"))
}

fn rate_of_wrk(output: &str) -> Option<Rate> {
    // A ceiling of refusals would be none.
    let refused = output.contains("Non-2xx");
    let line = output.lines().find_map(|line| line.strip_prefix("Requests/sec:"))?;
    line.trim().parse().ok().filter(|_| !refused)
}

/// `oha`, a load generator in Rust, if it is installed.
pub(super) fn oha(mock: &Peer, connections: usize, time: Duration) -> Result<Option<Rate>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        summary: Summary,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Summary {
        requests_per_sec: Rate,
        success_rate: f64,
    }
    let command = cmd!(
        "oha",
        "--no-tui",
        "--output-format=json",
        "-c",
        connections.to_string(),
        "-z",
        format!("{}s", time.as_secs()),
        "-m",
        "POST",
        "-T",
        "application/json",
        "-d",
        body(mock)?,
        format!("{}{START}", mock.url())
    );
    let Ok(output) = command.stderr_null().read() else { return Ok(None) };
    let Output { summary } = serde_json::from_str(&output).context("oha says no rate")?;
    anyhow::ensure!(summary.success_rate > 0.99, "oha was refused: {}", summary.success_rate);
    Ok(Some(summary.requests_per_sec))
}

/// Schemathesis, which makes requests of an `OpenAPI` description and judges the answers by it.
pub(super) fn schemathesis(url: &str) -> Result<Rate> {
    let programs = python::programs(&asset("requirements.txt"), &workspace::folder("bench/venv")?)?;
    let output = cmd!(
        programs.join("schemathesis"),
        "run",
        workspace::root().join("xtask/emulators/appconfigdata.openapi.yaml"),
        "--url",
        url,
        "--phases=coverage,fuzzing",
        "--max-examples",
        EXAMPLES,
        "--continue-on-failure",
        "--suppress-health-check=all",
        "--no-color"
    )
    // It keeps what it finds where it runs, which is no matter here.
    .dir(workspace::folder("bench")?)
    .unchecked()
    .stderr_to_stdout()
    .read()?;
    rate_of_schemathesis(&output).with_context(|| format!("Schemathesis says no rate: {output}"))
}

/// `  473 generated, …` and `… in 12.70s …`.
fn rate_of_schemathesis(output: &str) -> Option<Rate> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let generated = output.lines().find_map(|line| number(line.split_once(" generated")?.0))?;
    let last = output.lines().rev().find(|line| line.starts_with('='))?;
    let seconds = number(last.rsplit_once(" in ")?.1.split('s').next()?)?;
    Some(generated / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        let wrk = "  10 requests in 4.00s, 4MB read\nRequests/sec:  39743.87\nTransfer/sec: 10MB\n";
        assert_eq!(rate_of_wrk(wrk), Some(39743.87));
        assert_eq!(rate_of_wrk(&format!("  Non-2xx or 3xx responses: 7\n{wrk}")), None);
        let schemathesis =
            "Test cases:\n  400 generated, 1 found\n\nSeed: 1\n\n==== 1 failure in 12.50s ====\n";
        assert_eq!(rate_of_schemathesis(schemathesis), Some(32.0));
        assert_eq!(rate_of_schemathesis("nothing"), None);
    }
}
