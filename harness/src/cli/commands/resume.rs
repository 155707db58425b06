//! The checkpoint of `boundstone run`, and `--resume`, which continues from it.

use std::path::Path;
use std::sync::Arc;

use reports::summary::counted;
use sha2::{Digest, Sha256};

use crate::cli::args::RunArgs;
use crate::cli::print_error;
use crate::plan::plan::Plan;
use crate::results::checkpoint::{Checkpoint, Settings};
use crate::setup::error::CliError;

/// The file in the folder of the reports.
const FILE: &str = "checkpoint.jsonl";

/// How a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// At its beginning.
    Anew,
    /// Where an earlier one was stopped, if one was.
    Resumed,
}

/// Refuses what cannot be gone on with.
pub(crate) fn is_possible(args: &RunArgs) -> Result<(), CliError> {
    let other = [
        (args.dry_run, "--dry-run sends nothing that could be gone on with"),
        (
            args.provision,
            "--provision makes new fixtures, and what is known is known of others; name those with --fixtures FILE",
        ),
    ];
    match other.into_iter().find(|(given, _)| args.resume && *given) {
        Some((_, problem)) => Err(CliError::Resume(problem)),
        None => Ok(()),
    }
}

/// Starts the checkpoint of a plan in the folder of its reports, or continues the one that is there.
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
            0 => format!("Nothing to go on with in {}: the run begins at its beginning.\n", path.display()),
            finished => format!(
                "Goes on where {} ends: {requests} sent, {} tried so far.\n",
                path.display(),
                counted(finished as u64, "case")
            ),
        });
    }
    plan.restored = state;
    let registry = std::mem::take(&mut plan.restored.registry);
    plan.restored.registry =
        registry.telling(Box::new(move |digest, origin| notes.record_issued(digest, origin)));
    plan.checkpoint = Some(checkpoint);
    Ok(())
}

/// Ends the checkpoint of a run. If the run can continue from it, returns a line that says so.
pub(crate) fn end(checkpoint: &Checkpoint, folder: &Path) -> String {
    match checkpoint.end() {
        Ok(false) => String::new(),
        Ok(true) => {
            format!(
                "Checkpoint: {} (the same command with --resume continues from it)\n",
                folder.join(FILE).display()
            )
        }
        Err(error) => {
            print_error(&format!("warning: the checkpoint was not kept: {error}\n"));
            String::new()
        }
    }
}

/// What has to be the same for a plan to go on.
fn settings(plan: &Plan) -> Settings {
    let world = &plan.world;
    let digest = |parts: &mut dyn Iterator<Item = Vec<u8>>| {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let first = digest.finalize().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{first:016x}")
    };
    let mut fixtures = world.fixtures.iter().flat_map(|fixture| {
        let texts = fixture.parts.iter().flat_map(|(sort, part)| {
            [Some(sort), part.id.as_ref(), part.name.as_ref()].map(|text| text.cloned().unwrap_or_default())
        });
        let contents =
            fixture.contents.iter().flat_map(|(key, content)| [key.clone().into(), content.clone()]);
        texts.map(String::into_bytes).chain(contents).collect::<Vec<_>>()
    });
    let headers = &plan.route.headers;
    let mut cases = plan.selected_cases().map(|(_, case)| case.id.as_str().as_bytes().to_vec());
    [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("--contract", format!("{} ({})", world.contract.name, world.contract.digest)),
        ("--target", plan.target.url.clone()),
        ("--fixtures of digest", digest(&mut fixtures)),
        ("--seed", plan.seed.to_string()),
        ("--cases", plan.samples.to_string()),
        ("--only, --skip or --shard of digest", digest(&mut cases)),
        ("--sigv4 with --region", plan.route.scope.as_ref().map_or("none", |scope| &scope.region).to_owned()),
        ("--header", if headers.is_empty() { "none".to_owned() } else { headers.join(", ") }),
        ("--http", if plan.http2_only { "2" } else { "any" }.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
