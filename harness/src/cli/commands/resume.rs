//! The checkpoint of `boundstone run`, and `--resume`, which continues from it.

use std::path::Path;
use std::sync::Arc;

use cases::fixture::Fixture;
use reports::summary::counted;
use sha2::{Digest, Sha256};

use crate::cli::args::RunArgs;
use crate::cli::error::CliError;
use crate::cli::terminal::print_error;
use crate::plan::run_plan::Plan;
use crate::results::checkpoint::{Checkpoint, Settings};

/// The file in the folder of the reports.
const FILE: &str = "checkpoint.jsonl";

/// Where a run starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// At its beginning.
    Fresh,
    /// At the checkpoint of an earlier run, if there is one.
    Resumed,
}

/// Rejects arguments that cannot be combined with `--resume`.
pub(crate) fn check(args: &RunArgs) -> Result<(), CliError> {
    let others = [
        (args.dry_run, "--dry-run sends nothing, so there is nothing to resume; omit one of them"),
        (
            args.provision,
            "--provision creates new fixtures, but the checkpoint has results of others; name those with --fixtures FILE",
        ),
    ];
    match others.into_iter().find(|(given, _)| args.resume && *given) {
        Some((_, problem)) => Err(CliError::Resume(problem)),
        None => Ok(()),
    }
}

/// Starts a checkpoint in the folder of the reports, or continues from the one that is there.
pub(crate) fn open(plan: &mut Plan, folder: &Path, start: Start, quiet: bool) -> Result<(), CliError> {
    let (path, resume) = (folder.join(FILE), start == Start::Resumed);
    let cases = plan.catalogue.cases.len();
    let (checkpoint, state) = Checkpoint::open(&path, settings(plan), cases, &plan.started_at, resume)?;
    let checkpoint = Arc::new(checkpoint);
    let notes = Arc::clone(&checkpoint);
    if let Some(first) = &state.started_at {
        plan.started_at.clone_from(first);
    }
    if resume && !quiet {
        let requests = counted(state.spent.requests, "request");
        print_error(&match state.finished.len() {
            0 => format!("Starting from the beginning: there is no checkpoint in {}.\n", path.display()),
            done => format!(
                "Resuming from {}: {requests} sent, {} started so far.\n",
                path.display(),
                counted(done as u64, "case")
            ),
        });
    }
    plan.restored = state;
    let registry = std::mem::take(&mut plan.restored.registry);
    plan.restored.registry =
        registry.on_insert(Box::new(move |digest, origin| notes.record_issued(digest, origin)));
    plan.checkpoint = Some(checkpoint);
    Ok(())
}

/// Ends the checkpoint of a run. Returns a line about it if the run can be resumed.
pub(crate) fn end(checkpoint: &Checkpoint, folder: &Path) -> String {
    match checkpoint.end() {
        Ok(false) => String::new(),
        Ok(true) => {
            let path = folder.join(FILE);
            format!("Checkpoint: {} (the same command with --resume continues)\n", path.display())
        }
        Err(error) => {
            print_error(&format!("warning: the checkpoint could not be written: {error}\n"));
            String::new()
        }
    }
}

/// The settings that must be unchanged for a run to be resumed.
fn settings(plan: &Plan) -> Settings {
    let world = &plan.world;
    let headers = &plan.route.headers;
    let cases = plan.selected_cases().map(|(_, case)| case.id.as_str().as_bytes().to_vec());
    [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("--contract", format!("{} ({})", world.contract.name, world.contract.digest)),
        ("--target", plan.target.url.clone()),
        ("--fixtures of digest", digest(world.fixtures.iter().flat_map(fixture_bytes))),
        ("--seed", plan.seed.to_string()),
        ("--cases", plan.samples.to_string()),
        ("--only, --skip or --shard of digest", digest(cases)),
        ("--sigv4 with --region", plan.route.scope.as_ref().map_or("none", |scope| &scope.region).to_owned()),
        ("--header", if headers.is_empty() { "none".to_owned() } else { headers.join(", ") }),
        ("--http", if plan.http2_only { "2" } else { "any" }.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn fixture_bytes(fixture: &Fixture) -> Vec<Vec<u8>> {
    let texts = fixture.resources.iter().flat_map(|(kind, resource)| {
        [Some(kind), resource.id.as_ref(), resource.name.as_ref()]
            .map(|text| text.cloned().unwrap_or_default())
    });
    let contents = fixture.contents.iter().flat_map(|(key, content)| [key.clone().into(), content.clone()]);
    texts.map(String::into_bytes).chain(contents).collect()
}

fn digest(parts: impl Iterator<Item = Vec<u8>>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let first = digest.finalize().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{first:016x}")
}
