//! `cargo xtask emulators ministack`: boundstone judges a real emulator.
//!
//! MiniStack deviates from the contract, so this is a smoke test of boundstone as a whole: it
//! passes when boundstone ends with "a requirement is violated" and leaves well-formed reports.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;

use super::server::{Server, free_address, is_listening};
use super::{Fixtures, asset, folder, python, write};
use crate::workspace;

/// Emulators route a request by the scope of its credential and do not check the signature.
const AUTHORIZATION: &str = "Authorization: AWS4-HMAC-SHA256 \
     Credential=test/20260101/us-east-1/appconfig/aws4_request, SignedHeaders=host, Signature=00";

/// The exit code of `boundstone run` that says: judged, and a requirement is violated.
const VIOLATED: i32 = 1;

/// Starts MiniStack, judges it and checks the reports. With `keep` it stays afterwards until
/// Ctrl-C.
pub(super) fn run(keep: bool) -> Result<()> {
    let out = folder("ministack")?;
    let programs = python::programs()?;
    let address = free_address()?;
    let server = start(&programs, address, &out)?;
    let target = format!("http://{address}");

    let fixtures = out.join("fixtures.toml");
    provision(&programs, &target, &fixtures)?;
    println!("MiniStack answers at {target}, its fixtures are in {}", fixtures.display());

    let result = judge(&target, &fixtures, &out);
    if keep {
        if let Err(error) = &result {
            println!("failed: {error:#}");
        }
        println!("MiniStack stays at {target}; end it with Ctrl-C");
        server.wait()?;
    }
    result
}

/// Starts MiniStack without anything that outlives it or leaves this machine.
fn start(programs: &Path, address: SocketAddr, out: &Path) -> Result<Server> {
    let log = out.join("ministack.log");
    let temporary = folder("ministack/tmp")?;
    let command = cmd!(programs.join("ministack"))
        .env("BIND_HOST", address.ip().to_string())
        .env("GATEWAY_PORT", address.port().to_string())
        .env("MINISTACK_REGION", "us-east-1")
        .env("PERSIST_STATE", "0")
        .env("S3_PERSIST", "0")
        .env("SFTP_ENABLED", "0")
        .env("IOT_MTLS_ENABLED", "0")
        // A socket that does not exist: MiniStack then leaves Docker alone.
        .env("DOCKER_HOST", format!("unix://{}", temporary.join("no-docker").display()))
        // Its process id file.
        .env("TMPDIR", temporary)
        .stdin_null()
        .stderr_to_stdout()
        .stdout_path(&log);
    let server = Server::start("MiniStack", &command)?;
    server.wait_until(|| is_listening(address)).with_context(|| format!("its log is {}", log.display()))?;
    Ok(server)
}

/// Creates the resources and writes them down as fixtures.
fn provision(programs: &Path, target: &str, fixtures: &Path) -> Result<()> {
    let json = cmd!(programs.join("python"), asset("provision.py"), target)
        .read()
        .context("the resources could not be created")?;
    let resources: Fixtures = serde_json::from_str(&json).context("provision.py prints JSON")?;
    write(fixtures, &toml::to_string(&resources)?)
}

/// Runs boundstone against MiniStack and checks how it ends and what it leaves.
fn judge(target: &str, fixtures: &Path, out: &Path) -> Result<()> {
    for report in Report::ALL {
        // A report of an earlier run would pass for one of this run.
        let path = report.path(out);
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    let boundstone = workspace::build_boundstone()?;
    // Reports show the paths that they were given: as seen from the root, they hold anywhere.
    let relative = |path: &Path| path.strip_prefix(workspace::root()).unwrap_or(path).to_owned();
    let output = cmd!(
        boundstone,
        "run",
        "--contract",
        "model",
        "--target",
        target,
        "--fixtures",
        relative(fixtures),
        "--header",
        AUTHORIZATION,
        "--out",
        relative(out)
    )
    .dir(workspace::root())
    .unchecked()
    .run()
    .context("boundstone does not start")?;
    let code = output.status.code();
    ensure!(
        code == Some(VIOLATED),
        "boundstone ended with {}, not with exit code {VIOLATED}: MiniStack deviates from the \
         contract, and a run must find that",
        output.status
    );
    for report in Report::ALL {
        report.check(out)?;
        println!("well-formed: {}", report.path(out).display());
    }
    Ok(())
}

/// The reports that a run leaves.
#[derive(Clone, Copy)]
enum Report {
    Json,
    JUnit,
    Markdown,
    Html,
}

impl Report {
    const ALL: [Self; 4] = [Self::Json, Self::JUnit, Self::Markdown, Self::Html];

    fn path(self, out: &Path) -> PathBuf {
        out.join(match self {
            Self::Json => "report.json",
            Self::JUnit => "junit.xml",
            Self::Markdown => "report.md",
            Self::Html => "report.html",
        })
    }

    /// Fails when the report is missing or not well-formed.
    fn check(self, out: &Path) -> Result<()> {
        let path = self.path(out);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("the report {} is missing", path.display()))?;
        match self {
            Self::Json => serde_json::from_str::<serde_json::Value>(&text).map(drop)?,
            Self::JUnit => roxmltree::Document::parse(&text).map(drop)?,
            Self::Markdown | Self::Html => {
                ensure!(!text.trim().is_empty(), "the report {} is empty", path.display());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_report_is_an_error() {
        let out = tempfile::tempdir().unwrap();
        for report in Report::ALL {
            let error = report.check(out.path()).unwrap_err().to_string();
            assert!(error.contains("is missing"), "{error}");
        }
    }

    #[test]
    fn a_broken_report_is_an_error() {
        let out = tempfile::tempdir().unwrap();
        for (report, text) in [
            (Report::Json, "{\"seed\": 1"),
            (Report::JUnit, "<testsuites><testsuite></testsuites>"),
            (Report::Markdown, " \n"),
            (Report::Html, ""),
        ] {
            std::fs::write(report.path(out.path()), text).unwrap();
            assert!(report.check(out.path()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_good_report_passes() {
        let out = tempfile::tempdir().unwrap();
        for (report, text) in [
            (Report::Json, "{\"seed\": 1}"),
            (Report::JUnit, "<testsuites/>"),
            (Report::Markdown, "# Report"),
            (Report::Html, "<!doctype html>"),
        ] {
            std::fs::write(report.path(out.path()), text).unwrap();
            report.check(out.path()).unwrap();
        }
    }
}
