//! `cargo xtask readers` reads the reports of real runs with programs of others.
//!
//! Schemas and parsers of others check junit.xml and report.json, and the numbers in junit.xml are compared with those
//! in report.json.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use duct::cmd;

use crate::interop::emulators::assets::python_programs;
use crate::support::test_server::TestServer;
use crate::support::workspace;

/// A mutant that accepts one character too many. Its findings are reproducible.
const REPRODUCIBLE: &str = "length-max-plus-one-accepted";
/// A mutant whose findings are not reproducible.
const RANDOM: &str = "every-200th-request-fails";

const PASSED: i32 = 0;
const FAILED: i32 = 1;

/// Runs boundstone, then the readers.
///
/// # Errors
/// A run ends with another exit code than expected, or a reader disagrees with boundstone.
pub(crate) fn run() -> Result<()> {
    let programs = python_programs()?;
    let runs =
        Runs { boundstone: workspace::build_boundstone()?, out: workspace::folder("readers/reports")? };
    let reports = [runs.passed()?, runs.failed()?, runs.known()?, runs.flaky()?, runs.hostile()?];
    let schemas = [workspace::root().join("reports/report.schema.json"), asset("junit-10.xsd")];
    let arguments = [asset("read.py")].into_iter().chain(schemas).chain(reports);
    cmd(programs.join("python"), arguments).run().context("a reader disagrees with boundstone")?;
    Ok(())
}

/// The path of a file in `xtask/readers`.
fn asset(name: &str) -> PathBuf {
    workspace::root().join("xtask/readers").join(name)
}

/// Runs of boundstone, each with the folder of its reports.
struct Runs {
    boundstone: PathBuf,
    out: PathBuf,
}

impl Runs {
    /// Every requirement passes.
    fn passed(&self) -> Result<PathBuf> {
        self.run("passed", &[], PASSED)
    }

    fn failed(&self) -> Result<PathBuf> {
        let mock = self.serve(REPRODUCIBLE)?;
        self.run("failed", &mock.arguments(), FAILED)
    }

    /// The findings are known failures. A further known failure does not occur.
    fn known(&self) -> Result<PathBuf> {
        let mock = self.serve(REPRODUCIBLE)?;
        let known = self.out.join("known.toml");
        if known.exists() {
            std::fs::remove_file(&known).context("cannot remove an old file of known failures")?;
        }
        let file = known.display().to_string();
        self.run(
            "drafted",
            &[&mock.arguments()[..], &words(["--write-known-failures", &file])].concat(),
            FAILED,
        )?;
        let draft = std::fs::read_to_string(&known).context("the run wrote no known failures")?;
        let reasoned =
            draft.replace("reason = \"\"", "reason = \"<known> ]]> & [so](https://example.com/)\"");
        let unneeded = "[[known]]\ncase = \"start-configuration-session/application-identifier/required\"\n\
                        reason = \"It passes.\"\n";
        std::fs::write(&known, format!("{reasoned}\n{unneeded}"))
            .context("cannot write the known failures")?;
        self.run("known", &[&mock.arguments()[..], &words(["--known-failures", &file])].concat(), FAILED)
    }

    fn flaky(&self) -> Result<PathBuf> {
        let mock = self.serve(RANDOM)?;
        self.run("flaky", &mock.arguments(), FAILED)
    }

    fn hostile(&self) -> Result<PathBuf> {
        let server = TestServer::hostile(&workspace::folder("readers/hostile")?)?;
        self.run("hostile", &[&server.arguments()[..], &words(["--timeout", "1s"])].concat(), FAILED)
    }

    /// Serves a mutant.
    fn serve(&self, mutant: &str) -> Result<TestServer> {
        let folder = workspace::folder(&format!("readers/{mutant}"))?;
        TestServer::mock(&self.boundstone, &folder, &["--mutant", mutant])
    }

    /// Runs boundstone and returns the folder of its reports.
    fn run(&self, name: &str, arguments: &[String], code: i32) -> Result<PathBuf> {
        let reports = self.out.join(name);
        let own_arguments = words(["run", "--out", &reports.display().to_string()]);
        let output = cmd(&self.boundstone, [&own_arguments[..], arguments].concat())
            .dir(&self.out)
            .stdout_null()
            .stderr_null()
            .unchecked()
            .run()
            .context("boundstone does not start")?;
        ensure!(
            output.status.code() == Some(code),
            "the run `{name}` ended with {}, not with exit code {code}",
            output.status
        );
        Ok(reports)
    }
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
