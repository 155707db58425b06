//! The workflow of a pull request: one push that changes nothing, a worse one, and one from a fork.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::json;

use super::definition::Workflow;
use super::stage::{Ending, Stage};
use crate::peer::Peer;
use crate::workspace;

const PULL_REQUEST: u64 = 7;

/// How the mock of a worse head errs.
const MUTANT: &str = "--mutant=length-max-plus-one-accepted";

/// Carries out the jobs of the workflow that judge, compare and comment.
pub(super) fn rehearse(boundstone: &Path) -> Result<()> {
    let workflow = Workflow::read("pull-request")?;
    let mut stage = Stage::new("pull-request", boundstone)?;
    stage.set("github.event.pull_request.number", &PULL_REQUEST.to_string());
    set_fork(&mut stage, false);
    // Somebody else wrote the marker first.
    let other = json!({"id": 1, "issue": PULL_REQUEST, "user": {"login": "someone", "type": "User"},
        "body": "<!-- boundstone: comparison -->\nHello."});
    stage.keep(&json!({"comments": [other], "issues": [], "labels": []}))?;
    for side in workflow.job("build")?.matrix("side") {
        let commit = "side == 'base' && github.event.pull_request.base.sha || github.sha";
        let ending = stage.job(&workflow, "build", &[("side", &side), (commit, "a commit")], &[])?;
        ensure!(ending == Ending::Success, "the {side} is not built: {ending:?}");
        judge(&stage, &workflow, &side, |_| Vec::new())?;
    }

    ensure!(stage.job(&workflow, "compare", &[], &[])? == Ending::Success, "equal sides differ");
    ensure!(stage.job(&workflow, "comment", &[], &[])? == Ending::Success, "there can be no comment");
    for merged in ["base-page", "base-model", "head-page", "head-model"] {
        let report = stage.checkout().join("comparison").join(merged).join("report.json");
        let left_out = std::fs::read_to_string(report)?.contains("not selected");
        ensure!(!left_out, "the shards of {merged} are not all cases");
    }
    let first = our_comment(&stage)?;
    ensure!(first.1.contains("No findings in either report"), "the first comment is\n{}", first.1);

    let contracts = workflow.job("judge")?.matrix("contract");
    let mut mocks = BTreeMap::new();
    for contract in &contracts {
        let out = workspace::folder(&format!("workflows/pull-request-{contract}"))?;
        mocks.insert(&**contract, Peer::mock(boundstone, &out, &["--contract", contract, MUTANT])?);
    }
    judge(&stage, &workflow, "head", |contract| {
        let mock = &mocks[contract];
        let fixtures = mock.fixtures().to_string_lossy().into_owned();
        vec![("BOUNDSTONE_TARGET", mock.url().to_owned()), ("BOUNDSTONE_FIXTURES", fixtures)]
    })?;
    let ending = stage.job(&workflow, "compare", &[], &[])?;
    ensure!(matches!(ending, Ending::Failure(_)), "a worse head passes");
    ensure!(stage.job(&workflow, "comment", &[], &[])? == Ending::Success, "there can be no comment");
    let second = our_comment(&stage)?;
    ensure!(second.0 == first.0, "the comment was not brought up to date but written again");
    ensure!(second.1.matches("### New").count() == contracts.len(), "the second comment is\n{}", second.1);

    set_fork(&mut stage, true);
    stage.keep(&json!({"comments": [], "issues": [], "labels": []}))?;
    ensure!(
        stage.job(&workflow, "comment", &[], &[])? == Ending::Success,
        "a fork fails for want of a token"
    );
    ensure!(stage.kept()?.comments.is_empty(), "a fork needs a token");
    println!("rehearsed: the workflow of a pull request");
    Ok(())
}

/// Judges a side in shards.
fn judge(
    stage: &Stage,
    workflow: &Workflow,
    side: &str,
    environment: impl Fn(&str) -> Vec<(&'static str, String)>,
) -> Result<()> {
    let job = workflow.job("judge")?;
    for contract in job.matrix("contract") {
        let environment = environment(&contract);
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for shard in job.matrix("shard") {
            let is_head = (side == "head").to_string();
            let matrix = [
                ("side", side),
                ("contract", &contract),
                ("shard", &shard),
                ("side == 'head'", is_head.as_str()),
            ];
            let ending = stage.job(workflow, "judge", &matrix, &environment)?;
            ensure!(ending == Ending::Success, "{side} {contract} {shard}: {ending:?}");
        }
    }
    Ok(())
}

fn set_fork(stage: &mut Stage, is_fork: bool) {
    let head = "github.event.pull_request.head.repo.full_name";
    let own =
        format!("{head} == github.repository && github.event.pull_request.user.login != 'dependabot[bot]'");
    let other =
        format!("{head} != github.repository || github.event.pull_request.user.login == 'dependabot[bot]'");
    stage.set(&own, &(!is_fork).to_string());
    stage.set(&other, &is_fork.to_string());
    stage.set("!cancelled() && needs.compare.result != 'skipped'", "true");
}

/// The id and the text of the one comment that is ours. The one of somebody else is as it was.
fn our_comment(stage: &Stage) -> Result<(u64, String)> {
    let kept = stage.kept()?;
    ensure!(kept.comments[0].body.ends_with("Hello."), "the comment of somebody else was changed");
    let [_, ours] = &kept.comments[..] else {
        anyhow::bail!("there are {} comments, not one and ours", kept.comments.len());
    };
    Ok((ours.id, ours.body.clone()))
}
