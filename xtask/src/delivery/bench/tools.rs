//! The programs of others that boundstone is compared with. They send requests to the same server.

use std::time::Duration;

use anyhow::{Context, Result};
use duct::cmd;
use serde::Deserialize;

use super::assets::asset;
use super::boundstone::Rate;
use crate::support::fixtures::Fixtures;
use crate::support::packages::python;
use crate::support::test_server::TestServer;
use crate::support::workspace;

/// The path of the operation that starts a session.
const START: &str = "/configurationsessions";

/// The maximum number of requests that Schemathesis generates for each operation.
const MAX_EXAMPLES: &str = "500";

/// A valid request to start a session with the first resource of a mock.
fn body(mock: &TestServer) -> Result<String> {
    let fixtures: Fixtures = toml::from_str(&std::fs::read_to_string(mock.fixtures())?)?;
    let first = fixtures.resource.first().context("the mock printed no resource")?;
    Ok(serde_json::json!({
        "ApplicationIdentifier": first.application.id,
        "EnvironmentIdentifier": first.environment.id,
        "ConfigurationProfileIdentifier": first.profile.id,
    })
    .to_string())
}

/// The maximum rate: `wrk` sends the same request each time and does not check the responses.
///
/// # Errors
/// wrk is missing, or a response is not a success.
pub(super) fn wrk(mock: &TestServer, connections: usize, time: Duration) -> Result<Rate> {
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
    .context("cannot run wrk (install the Debian package wrk)")?;
    rate_of_wrk(&output).with_context(|| format!("wrk printed no valid rate: {output}"))
}

/// The rate in the output of wrk, unless a response was an error.
fn rate_of_wrk(output: &str) -> Option<Rate> {
    // A rate of error responses is no maximum.
    let has_errors = output.contains("Non-2xx");
    let line = output.lines().find_map(|line| line.strip_prefix("Requests/sec:"))?;
    line.trim().parse().ok().filter(|_| !has_errors)
}

/// The rate of `oha`, a load generator in Rust, if it is installed.
///
/// # Errors
/// Its output has no rate, or more than 1 % of its requests failed.
pub(super) fn oha(mock: &TestServer, connections: usize, time: Duration) -> Result<Option<Rate>> {
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
    let Output { summary } = serde_json::from_str(&output).context("oha printed no rate")?;
    anyhow::ensure!(
        summary.success_rate > 0.99,
        "only {} of the requests of oha succeeded",
        summary.success_rate
    );
    Ok(Some(summary.requests_per_sec))
}

/// The rate of Schemathesis, which generates requests from an `OpenAPI` description and checks the responses.
///
/// # Errors
/// Schemathesis cannot be installed, or its output has no rate.
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
        MAX_EXAMPLES,
        "--continue-on-failure",
        "--suppress-health-check=all",
        "--no-color"
    )
    // It writes its findings into the current folder.
    .dir(workspace::folder("bench")?)
    .unchecked()
    .stderr_to_stdout()
    .read()?;
    rate_of_schemathesis(&output).with_context(|| format!("Schemathesis printed no rate: {output}"))
}

/// The rate, from the lines `  473 generated, …` and `… in 12.70s …`.
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
    fn rates_are_read_from_output() {
        let wrk = "  10 requests in 4.00s, 4MB read\nRequests/sec:  39743.87\nTransfer/sec: 10MB\n";
        assert_eq!(rate_of_wrk(wrk), Some(39743.87));
        assert_eq!(rate_of_wrk(&format!("  Non-2xx or 3xx responses: 7\n{wrk}")), None);
        let schemathesis =
            "Test cases:\n  400 generated, 1 found\n\nSeed: 1\n\n==== 1 failure in 12.50s ====\n";
        assert_eq!(rate_of_schemathesis(schemathesis), Some(32.0));
        assert_eq!(rate_of_schemathesis("nothing"), None);
    }
}
