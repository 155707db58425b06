//! What emulators have in common: boundstone judges one, and leaves well-formed reports.
//!
//! An emulator deviates from the contract, so this is a smoke test of boundstone as a whole: it
//! passes when boundstone ends with "a requirement is failed".

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;

use super::{Fixtures, folder};
use crate::server::Server;
use crate::workspace;
use crate::workspace::write;

/// The exit code of `boundstone run` that says: judged, and a requirement is failed.
const VIOLATED: i32 = 1;

/// The contract that emulators speak.
const CONTRACT: &str = "model";

/// An emulator of the service.
pub(super) struct Emulator {
    /// As its makers write it.
    pub(super) name: &'static str,
    /// Its folder below `target/emulators`, and its key in `confirmed.toml`.
    pub(super) key: &'static str,
    /// Where it comes from, and what it serves.
    pub(super) about: &'static str,
    /// Its base URL where nobody asks for another port.
    pub(super) usual_target: &'static str,
    /// A header that goes with every request.
    pub(super) header: Option<(&'static str, &'static str)>,
    /// Further arguments of `boundstone run`.
    pub(super) arguments: &'static [&'static str],
}

/// One that answers.
pub(super) struct Running<'a> {
    pub(super) server: &'a Server,
    /// Its base URL.
    pub(super) target: &'a str,
    /// The version of its package.
    pub(super) version: &'a str,
    /// The resources that it serves.
    pub(super) fixtures: &'a Fixtures,
}

impl Emulator {
    /// The folder of its log, its fixtures and the reports on it.
    pub(super) fn out(&self) -> Result<PathBuf> {
        folder(self.key)
    }

    /// The file that holds the version that was judged.
    pub(super) fn version_file(&self) -> Result<PathBuf> {
        Ok(self.out()?.join("version.txt"))
    }

    /// The file that holds the resources that were served.
    pub(super) fn fixtures_file(&self) -> Result<PathBuf> {
        Ok(self.out()?.join("fixtures.toml"))
    }

    /// Judges the emulator and checks the reports. With `keep` it stays afterwards until Ctrl-C.
    pub(super) fn judge(&self, running: &Running<'_>, keep: bool) -> Result<()> {
        let Running { server, target, version, fixtures } = running;
        write(&self.version_file()?, version)?;
        let fixtures_file = self.fixtures_file()?;
        write(&fixtures_file, &toml::to_string(fixtures)?)?;
        let name = self.name;
        println!("{name} {version} answers at {target}, its fixtures are in {}", fixtures_file.display());

        let result = self.run_boundstone(target, &fixtures_file);
        if keep {
            if let Err(error) = &result {
                println!("failed: {error:#}");
            }
            println!("{name} stays at {target}; end it with Ctrl-C");
            server.wait()?;
        }
        result
    }

    /// Runs boundstone and checks how it ends and what it leaves.
    fn run_boundstone(&self, target: &str, fixtures: &Path) -> Result<()> {
        let out = self.out()?;
        for report in Report::ALL {
            // A report of an earlier run would pass for one of this run.
            let path = report.path(&out);
            if path.exists() {
                std::fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
            }
        }
        let boundstone = workspace::build_boundstone()?;
        // Reports show the paths that they were given: as seen from the root, they hold anywhere.
        let relative =
            |path: &Path| path.strip_prefix(workspace::root()).unwrap_or(path).to_string_lossy().into_owned();
        let mut arguments = vec![
            "run".to_owned(),
            format!("--contract={CONTRACT}"),
            format!("--target={target}"),
            format!("--fixtures={}", relative(fixtures)),
            format!("--out={}", relative(&out)),
        ];
        arguments.extend(self.header.map(|(name, value)| format!("--header={name}: {value}")));
        arguments.extend(self.arguments.iter().map(|argument| (*argument).to_owned()));
        let output = cmd(boundstone, arguments)
            .dir(workspace::root())
            .unchecked()
            .run()
            .context("boundstone does not start")?;
        ensure!(
            output.status.code() == Some(VIOLATED),
            "boundstone ended with {}, not with exit code {VIOLATED}: {} deviates from the \
             contract, and a run must find that",
            output.status,
            self.name
        );
        for report in Report::ALL {
            report.check(&out)?;
            println!("well-formed: {}", report.path(&out).display());
        }
        Ok(())
    }
}

/// The reports that a run leaves.
#[derive(Clone, Copy)]
pub(super) enum Report {
    Json,
    JUnit,
    Markdown,
    Html,
}

impl Report {
    const ALL: [Self; 4] = [Self::Json, Self::JUnit, Self::Markdown, Self::Html];

    pub(super) fn path(self, out: &Path) -> PathBuf {
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
