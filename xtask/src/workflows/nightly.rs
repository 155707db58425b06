//! The nightly workflow: night after night against a target that changes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;
use serde_json::Value;

use super::definition::Workflow;
use super::stage::{Ending, Kept, Stage};
use crate::peer::Peer;
use crate::workspace::{self, write};

/// The step that fails a bad night, when all is done.
const LAST_STEP: &str = "Fail a bad night";

/// The branch of the history.
const BRANCH: &str = "nightly-history";

/// Carries out the jobs of the workflow that judge AWS and compare the nights.
pub(super) fn rehearse(boundstone: &Path) -> Result<()> {
    let workflow = Workflow::read("nightly")?;
    aws(&workflow, boundstone)?;
    let reports = Reports::make(boundstone)?;
    let mut nights = Nights::new(&workflow, boundstone)?;

    nights.pass("a first night", &reports.known)?;
    ensure!(nights.kept()?.issues.is_empty(), "a first night opens an issue");
    nights.pass("a night like the one before", &reports.known)?;
    ensure!(nights.kept()?.issues.is_empty(), "an equal night opens an issue");

    for night in ["a first bad night", "a second bad night"] {
        nights.fail(night, &reports.worse, "bad")?;
        let kept = nights.kept()?;
        ensure!(kept.issues.len() == 1, "after {night} there are {} issues", kept.issues.len());
        ensure!(kept.issues[0].state == "open" && kept.issues[0].body.contains("### New"), "{kept:?}");
    }
    for (night, report, state) in [
        ("a night without an answer", &reports.unjudged, "unjudged"),
        ("a night that does not judge what was broken", &reports.partial, "open"),
    ] {
        nights.fail(night, report, state)?;
        ensure!(nights.kept()?.issues[0].state == "open", "{night} closes the issue");
    }
    nights.pass("a good night", &reports.known)?;
    let kept = nights.kept()?;
    ensure!(kept.issues[0].state == "closed", "a good night does not close the issue");
    ensure!(kept.comments.len() == 1, "nothing tells why the issue was closed");

    nights.fail("a bad night after a good one", &reports.worse, "bad")?;
    let kept = nights.kept()?;
    ensure!(kept.issues.iter().map(|it| it.number).eq([1, 2]), "what is broken anew opens no issue");
    nights.accept(&reports.worse)?;
    ensure!(nights.kept()?.issues[1].state == "closed", "what is accepted stays an issue");
    nights.pass("a night after what was accepted", &reports.worse)?;

    let page = std::fs::read_to_string(nights.stage.checkout().join("nights/target/trend.html"))?;
    ensure!(page.contains("</html>"), "there is no page on the nights");
    let branch = nights.branch()?;
    ensure!(branch.iter().filter(|path| path.starts_with("target/nights/")).count() == 9, "kept: {branch:?}");
    ensure!(!branch.contains(&"target/bad.json".to_owned()), "a bad night outlives what was accepted");
    println!("rehearsed: the nightly workflow");
    Ok(())
}

/// What the workflow asks of AWS makes sense to boundstone. Nothing is sent.
fn aws(workflow: &Workflow, boundstone: &Path) -> Result<()> {
    let mut stage = Stage::new("nightly-aws", boundstone)?;
    stage.set("vars.AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/boundstone");
    stage.set("vars.AWS_REGION", "eu-central-1");
    let environment = [
        ("BOUNDSTONE_DRY_RUN", "true"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "an example"),
    ];
    let ending = stage.job(workflow, "aws", &[], &environment)?;
    ensure!(ending == Ending::Success, "AWS cannot be judged as the workflow says: {ending:?}");
    Ok(())
}

/// Reports on one target, each as a folder.
struct Reports {
    /// It errs in a way.
    known: PathBuf,
    /// It errs in further ways.
    worse: PathBuf,
    /// It does not answer.
    unjudged: PathBuf,
    /// It is not asked what would show any of that.
    partial: PathBuf,
}

impl Reports {
    fn make(boundstone: &Path) -> Result<Self> {
        let folder = workspace::folder("workflows/nightly-reports")?;
        let judge = |name: &str, mutant: &str, arguments: &[&str]| {
            let out = folder.join(name);
            std::fs::create_dir_all(&out)?;
            let mock = Peer::mock(boundstone, &out, &["--mutant", mutant])?;
            let target = format!("--target={}", mock.url());
            let fixtures = format!("--fixtures={}", mock.fixtures().display());
            let out_argument = format!("--out={}", out.display());
            let all = [&["run", "--quiet", &target, &fixtures, &out_argument], arguments].concat();
            cmd(boundstone, all).stdout_null().unchecked().run().with_context(|| format!("judge {name}"))?;
            ensure!(out.join("report.json").is_file(), "there is no report {name}");
            Ok(out)
        };
        Ok(Self {
            known: judge("known", "length-max-not-enforced-for-profile", &["--only=start-*"])?,
            worse: judge("worse", "length-max-not-enforced", &["--only=start-*"])?,
            unjudged: judge("unjudged", "length-max-not-enforced", &["--unix-socket=no.socket"])?,
            partial: judge("partial", "length-max-not-enforced", &["--only=start-*/required/*"])?,
        })
    }
}

/// One night after the other.
struct Nights<'a> {
    workflow: &'a Workflow,
    stage: Stage,
    count: u8,
}

impl<'a> Nights<'a> {
    fn new(workflow: &'a Workflow, boundstone: &Path) -> Result<Self> {
        Ok(Self { workflow, stage: Stage::new("nightly", boundstone)?, count: 0 })
    }

    /// A night on which nothing may fail.
    fn pass(&mut self, night: &str, report: &Path) -> Result<()> {
        let ending = self.night(report, false)?;
        ensure!(ending == Ending::Success, "{night} ends with {ending:?}");
        Ok(())
    }

    /// A night that has to fail, and only for what it found.
    fn fail(&mut self, night: &str, report: &Path, state: &str) -> Result<()> {
        let ending = self.night(report, false)?;
        ensure!(ending == Ending::Failure(LAST_STEP.to_owned()), "{night} ends with {ending:?}");
        let said = std::fs::read_to_string(self.stage.checkout().join("nights/target/state"))?;
        ensure!(said.trim() == state, "{night} is {said}, not {state}");
        Ok(())
    }

    /// A night whose findings are taken as they are.
    fn accept(&mut self, report: &Path) -> Result<()> {
        let ending = self.night(report, true)?;
        ensure!(ending == Ending::Success, "what is accepted ends with {ending:?}");
        Ok(())
    }

    fn night(&mut self, report: &Path, accept: bool) -> Result<Ending> {
        // Each night begins with a fresh checkout.
        for left in ["history", "nights"] {
            let left = self.stage.checkout().join(left);
            if left.exists() {
                std::fs::remove_dir_all(left)?;
            }
        }
        self.count += 1;
        let mut report: Value = serde_json::from_str(&std::fs::read_to_string(report.join("report.json"))?)?;
        report["started_at"] = format!("2026-01-{:02}T02:17:00Z", self.count).into();
        write(&self.stage.artefact("night-target")?.join("report.json"), &report.to_string())?;
        self.stage.set("inputs.accept || false", &accept.to_string());
        self.stage.job(self.workflow, "night", &[], &[])
    }

    fn kept(&self) -> Result<Kept> {
        self.stage.kept()
    }

    /// The files on the branch of the history, which is one commit.
    fn branch(&self) -> Result<Vec<String>> {
        let git = |arguments: &[&str]| {
            let all = [&["-C", "../origin.git"], arguments].concat();
            cmd("git", all).dir(self.stage.checkout()).read().context("the history is on no branch")
        };
        let commits = git(&["rev-list", "--count", BRANCH])?;
        ensure!(commits == "1", "the history is {commits} commits");
        Ok(git(&["ls-tree", "-r", "--name-only", BRANCH])?.lines().map(str::to_owned).collect())
    }
}
