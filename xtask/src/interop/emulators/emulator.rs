//! Tests an emulator with boundstone, and checks that the reports are well-formed.
//!
//! An emulator breaks the contract in some places. Therefore this is a smoke test of boundstone as a whole: it passes
//! if boundstone finds a failed requirement.

use std::path::{Display, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;

use super::assets::folder;
use crate::support::fixtures::Fixtures;
use crate::support::server::Server;
use crate::support::workspace::{self, write};

/// The exit code of `boundstone run` if a requirement failed.
const FAILED: i32 = 1;

/// The contract that emulators implement.
const CONTRACT: &str = "model";

/// An emulator of the service.
pub(super) struct Emulator {
    /// Its name, as its authors write it.
    pub(super) name: &'static str,
    /// Its folder in `target/emulators`, and its key in `confirmed.toml`.
    pub(super) key: &'static str,
    /// Where it comes from, and what it serves.
    pub(super) about: &'static str,
    /// Its base URL with its default port.
    pub(super) default_target: &'static str,
    /// A header of every request.
    pub(super) header: Option<(&'static str, &'static str)>,
    /// Further arguments of `boundstone run`.
    pub(super) arguments: &'static [&'static str],
}

/// An emulator that accepts requests.
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
    /// The folder of its log, its fixtures, and its reports.
    pub(super) fn out(&self) -> Result<PathBuf> {
        folder(self.key)
    }

    /// The file with the version that was tested.
    pub(super) fn version_file(&self) -> Result<PathBuf> {
        Ok(self.out()?.join("version.txt"))
    }

    /// The file with the resources that were served.
    pub(super) fn fixtures_file(&self) -> Result<PathBuf> {
        Ok(self.out()?.join("fixtures.toml"))
    }

    /// Tests the emulator and checks the reports. With `keep` the emulator stays up until Ctrl-C.
    ///
    /// # Errors
    /// boundstone finds no failure, or a report is missing or malformed.
    pub(super) fn test(&self, running: &Running<'_>, keep: bool) -> Result<()> {
        let Running { server, target, version, fixtures } = running;
        write(&self.version_file()?, version)?;
        let fixtures_file = self.fixtures_file()?;
        write(&fixtures_file, &toml::to_string(fixtures)?)?;
        let name = self.name;
        println!("{name} {version} is ready at {target}; its fixtures are in {}", fixtures_file.display());

        let result = self.run_boundstone(target, &fixtures_file);
        if keep {
            if let Err(error) = &result {
                println!("failed: {error:#}");
            }
            println!("{name} stays up at {target}; press Ctrl-C to stop it");
            server.wait()?;
        }
        result
    }

    /// Runs boundstone, and checks its exit code and its reports.
    fn run_boundstone(&self, target: &str, fixtures: &Path) -> Result<()> {
        let out = self.out()?;
        for report in Report::ALL {
            // A report of an earlier run could be taken for one of this run.
            let path = report.path(&out);
            if path.exists() {
                std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        let boundstone = workspace::build_boundstone()?;
        let output = cmd(boundstone, self.run_arguments(target, fixtures, &out))
            .dir(workspace::root())
            .unchecked()
            .run()
            .context("boundstone does not start")?;
        ensure!(
            output.status.code() == Some(FAILED),
            "boundstone ended with {}, not with exit code {FAILED}: {} breaks the contract, and a run must find that",
            output.status,
            self.name
        );
        for report in Report::ALL {
            report.check(&out)?;
            println!("well-formed: {}", report.path(&out).display());
        }
        Ok(())
    }

    fn run_arguments(&self, target: &str, fixtures: &Path, out: &Path) -> Vec<String> {
        let mut arguments = vec![
            "run".to_owned(),
            format!("--contract={CONTRACT}"),
            format!("--target={target}"),
            // Reports show these paths. Relative ones are valid on any machine.
            format!("--fixtures={}", relative(fixtures)),
            format!("--out={}", relative(out)),
        ];
        arguments.extend(self.header.map(|(name, value)| format!("--header={name}: {value}")));
        arguments.extend(self.arguments.iter().map(|argument| (*argument).to_owned()));
        arguments
    }
}

/// The path relative to the root of the repository, if it is in there.
fn relative(path: &Path) -> Display<'_> {
    path.strip_prefix(workspace::root()).unwrap_or(path).display()
}

/// The reports that a run writes.
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

    /// Fails if the report is missing or malformed.
    fn check(self, out: &Path) -> Result<()> {
        let path = self.path(out);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the report {}", path.display()))?;
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
    fn missing_report_is_an_error() {
        let out = tempfile::tempdir().unwrap();
        for report in Report::ALL {
            let error = report.check(out.path()).unwrap_err().to_string();
            assert!(error.contains("cannot read"), "{error}");
        }
    }

    #[test]
    fn malformed_report_is_an_error() {
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
    fn well_formed_report_passes() {
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
