//! `cargo xtask readers`: the reports of real runs, read by programs that we did not write.
//!
//! Schemas and readers of others are asked whether junit.xml and report.json are what they
//! say, and whether their sums are those of report.json.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use duct::cmd;

use crate::emulators::python_programs;
use crate::peer::Peer;
use crate::workspace;

/// One character too many is accepted: findings that come again each time.
const STEADY: &str = "length-max-plus-one-accepted";
/// Findings that do not come again.
const RARE: &str = "every-200th-request-fails";

const HELD: i32 = 0;
const VIOLATED: i32 = 1;

/// Makes reports and lets them be read.
pub(crate) fn run() -> Result<()> {
    let programs = python_programs()?;
    let runs =
        Runs { boundstone: workspace::build_boundstone()?, out: workspace::folder("readers/reports")? };
    let reports = [runs.passed()?, runs.failed()?, runs.known()?, runs.flaky()?, runs.hostile()?];
    let schemas = [workspace::root().join("reports/report.schema.json"), asset("junit-10.xsd")];
    let arguments = [asset("read.py")].into_iter().chain(schemas).chain(reports);
    cmd(programs.join("python"), arguments)
        .run()
        .context("a reader does not take the reports as they are meant")?;
    Ok(())
}

/// A file of `xtask/readers`.
fn asset(name: &str) -> PathBuf {
    workspace::root().join("xtask/readers").join(name)
}

/// Runs of boundstone, each with the folder of its reports.
struct Runs {
    boundstone: PathBuf,
    out: PathBuf,
}

impl Runs {
    /// Everything holds.
    fn passed(&self) -> Result<PathBuf> {
        self.run("passed", &[], HELD)
    }

    fn failed(&self) -> Result<PathBuf> {
        let mock = self.serve(STEADY)?;
        self.run("failed", &mock.arguments(), VIOLATED)
    }

    /// What is found is known, and so does something that does not occur.
    fn known(&self) -> Result<PathBuf> {
        let mock = self.serve(STEADY)?;
        let known = self.out.join("known.toml");
        if known.exists() {
            std::fs::remove_file(&known).context("an old file of known failures stays")?;
        }
        let file = known.display().to_string();
        self.run(
            "drafted",
            &[&mock.arguments()[..], &words(["--write-known-failures", &file])].concat(),
            VIOLATED,
        )?;
        let draft = std::fs::read_to_string(&known).context("no known failures were drafted")?;
        let reasoned =
            draft.replace("reason = \"\"", "reason = \"<known> ]]> & [so](https://example.com/)\"");
        let gone = "[[known]]\ncase = \"start-configuration-session/application-identifier/required\"\n\
                    reason = \"It holds.\"\n";
        std::fs::write(&known, format!("{reasoned}\n{gone}")).context("write the known failures")?;
        self.run("known", &[&mock.arguments()[..], &words(["--known-failures", &file])].concat(), VIOLATED)
    }

    fn flaky(&self) -> Result<PathBuf> {
        let mock = self.serve(RARE)?;
        self.run("flaky", &mock.arguments(), VIOLATED)
    }

    fn hostile(&self) -> Result<PathBuf> {
        let peer = Peer::hostile(&workspace::folder("readers/hostile")?)?;
        self.run("hostile", &[&peer.arguments()[..], &words(["--timeout", "1s"])].concat(), VIOLATED)
    }

    /// Serves a mutant.
    fn serve(&self, mutant: &str) -> Result<Peer> {
        let folder = workspace::folder(&format!("readers/{mutant}"))?;
        Peer::mock(&self.boundstone, &folder, &["--mutant", mutant])
    }

    /// Runs boundstone and gives the folder of its reports.
    fn run(&self, name: &str, arguments: &[String], code: i32) -> Result<PathBuf> {
        let reports = self.out.join(name);
        let own = words(["run", "--out", &reports.display().to_string()]);
        let output = cmd(&self.boundstone, [&own[..], arguments].concat())
            .dir(&self.out)
            .stdout_null()
            .stderr_null()
            .unchecked()
            .run()
            .context("boundstone does not start")?;
        let ended = output.status.code();
        ensure!(
            ended == Some(code),
            "the run `{name}` ended with {}, not with exit code {code}",
            output.status
        );
        Ok(reports)
    }
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
