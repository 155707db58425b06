//! `cargo xtask kubernetes`: the manifests of `deploy/kubernetes`, held to the schemas of Kubernetes, and their
//! containers carried out here, one for each index.
//!
//! No cluster is asked: whether pods are scheduled and volumes mounted is up to it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::{Expression, cmd};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::packages::python;
use crate::shards::Whole;
use crate::workspace;

/// The manifests, in the order in which they are applied.
const MANIFESTS: [&str; 2] = ["deploy/kubernetes/job.yaml", "deploy/kubernetes/merge.yaml"];

/// What the test sets in place of the manifest: where things are, and how often they may be asked.
const SET_HERE: [&str; 5] =
    ["REPORTS", "BOUNDSTONE_TARGET", "BOUNDSTONE_CONTRACT", "BOUNDSTONE_FIXTURES", "BOUNDSTONE_RATE"];

/// A document of a manifest.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind")]
enum Document {
    Job { spec: JobSpec },
    ConfigMap(IgnoredAny),
    PersistentVolumeClaim(IgnoredAny),
}

/// What a job does, and how often.
#[derive(Debug, Deserialize)]
struct JobSpec {
    completions: Option<usize>,
    template: Template,
}

#[derive(Debug, Deserialize)]
struct Template {
    spec: PodSpec,
}

#[derive(Debug, Deserialize)]
struct PodSpec {
    containers: [Container; 1],
}

#[derive(Debug, Deserialize)]
struct Container {
    command: Vec<String>,
    args: Vec<String>,
    env: Vec<Variable>,
}

#[derive(Debug, Deserialize)]
struct Variable {
    name: String,
    value: String,
}

/// Checks the manifests and carries out what is in them.
pub(crate) fn run() -> Result<()> {
    let requirements = workspace::root().join("xtask/kubernetes/requirements.txt");
    let programs = python::programs(&requirements, &workspace::folder("kubernetes-venv")?)?;
    let arguments = [&["--strict", "--quiet"][..], &MANIFESTS].concat();
    cmd(programs.join("kubernetes-validate"), arguments)
        .dir(workspace::root())
        .run()
        .context("a manifest is not as Kubernetes wants it")?;

    let [shards, merge] = MANIFESTS.map(job);
    let (shards, merge) = (shards?, merge?);
    let count = shards.completions.context("the job says how many shards there are")?;
    for job in [&shards, &merge] {
        let of = job.container().variable("SHARDS")?;
        ensure!(of == count.to_string(), "there are {count} pods, and one is told of {of}");
    }

    let boundstone = workspace::build_boundstone()?;
    let folder = workspace::empty_folder("kubernetes")?;
    let whole = Whole::judge(&boundstone, &folder)?;
    let reports = folder.join("reports");
    let place = |command: Expression| -> Result<Expression> {
        let bin = boundstone.parent().context("a binary is in a folder")?;
        Ok(command
            .env("PATH", workspace::path_behind(bin))
            .env("REPORTS", &reports)
            .env("BOUNDSTONE_TARGET", whole.mock().url())
            .env("BOUNDSTONE_FIXTURES", whole.mock().fixtures())
            .dir(&folder)
            .unchecked())
    };
    let shard =
        |index: usize| place(shards.container().command().env("JOB_COMPLETION_INDEX", index.to_string()));
    for (wrong, code) in [("BOUNDSTONE_SEED", 2), ("BOUNDSTONE_UNIX_SOCKET", 3)] {
        let ended = shard(0)?.env(wrong, "missing").run()?.status.code();
        ensure!(ended == Some(code), "a pod with a wrong {wrong} ends with {ended:?}");
    }
    for index in 0..count {
        let code = shard(index)?.run()?.status.code();
        ensure!(code == Some(0), "the pod {index} would be tried again: it ends with {code:?}");
    }
    let code = place(merge.container().command())?.run()?.status.code();
    ensure!(code == Some(1), "the merged report does not say that something is violated: {code:?}");

    let of_shards: Vec<PathBuf> =
        (0..count).map(|index| reports.join(format!("{index}-of-{count}/report.json"))).collect();
    whole.is_found_by(&of_shards, &reports.join("merged/report.json"))?;
    println!("{count} pods find what one run finds");
    Ok(())
}

/// The job in a manifest.
fn job(manifest: &str) -> Result<JobSpec> {
    let text = std::fs::read_to_string(workspace::root().join(manifest))?;
    let documents: Vec<Document> =
        serde_saphyr::from_multiple(&text).with_context(|| format!("read {manifest}"))?;
    let mut jobs = documents.into_iter().filter_map(|document| match document {
        Document::Job { spec } => Some(spec),
        Document::ConfigMap(_) | Document::PersistentVolumeClaim(_) => None,
    });
    jobs.next().with_context(|| format!("there is no job in {manifest}"))
}

impl JobSpec {
    fn container(&self) -> &Container {
        let [container] = &self.template.spec.containers;
        container
    }
}

impl Container {
    /// The value of a variable of its environment.
    fn variable(&self, name: &str) -> Result<&str> {
        let variable = self.env.iter().find(|variable| variable.name == name);
        variable.map(|it| it.value.as_str()).with_context(|| format!("the variable {name} is not set"))
    }

    /// What runs in it, with its environment but for what is set here.
    fn command(&self) -> Expression {
        let words: Vec<&String> = self.command[1..].iter().chain(&self.args).collect();
        let variables = self.env.iter().filter(|variable| !SET_HERE.contains(&variable.name.as_str()));
        variables.fold(cmd(Path::new(&self.command[0]), words), |command, variable| {
            command.env(&variable.name, &variable.value)
        })
    }
}
