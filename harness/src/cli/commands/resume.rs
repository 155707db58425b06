//! The journal of `boundstone run`, and `--resume`, which goes on with it.

use std::path::Path;
use std::sync::Arc;

use reports::summary::counted;
use sha2::{Digest, Sha256};

use crate::cli::args::RunArgs;
use crate::cli::print_error;
use crate::plan::plan::Plan;
use crate::results::checkpoint::{Journal, Settings};
use crate::setup::error::CliError;

/// The file in the folder of the reports.
const FILE: &str = "journal.jsonl";

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

/// Begins the journal of a plan in the folder of its reports, or goes on with the one that is there.
pub(crate) fn open(plan: &mut Plan, folder: &Path, start: Start, quiet: bool) -> Result<(), CliError> {
    let (path, resume) = (folder.join(FILE), start == Start::Resumed);
    let cases = plan.catalogue.cases.len();
    let (journal, past) = Journal::open(&path, settings(plan), cases, &plan.started_at, resume)?;
    let journal = Arc::new(journal);
    let notes = Arc::clone(&journal);
    if let Some(first) = &past.started_at {
        plan.started_at.clone_from(first);
    }
    if resume && !quiet {
        let requests = counted(past.spent.requests, "request");
        print_error(&match past.done.len() {
            0 => format!("Nothing to go on with in {}: the run begins at its beginning.\n", path.display()),
            done => format!(
                "Goes on where {} ends: {requests} sent, {} tried so far.\n",
                path.display(),
                counted(done as u64, "case")
            ),
        });
    }
    plan.past = past;
    let census = std::mem::take(&mut plan.past.census);
    plan.past.census = census.on_insert(Box::new(move |digest, origin| notes.issued(digest, origin)));
    plan.journal = Some(journal);
    Ok(())
}

/// Ends the journal of a run. If it can be gone on with, that is said in a line.
pub(crate) fn end(journal: &Journal, folder: &Path) -> String {
    match journal.end() {
        Ok(false) => String::new(),
        Ok(true) => {
            format!(
                "Journal: {} (the same command with --resume goes on from it)\n",
                folder.join(FILE).display()
            )
        }
        Err(error) => {
            print_error(&format!("warning: the journal was not kept: {error}\n"));
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
    let cases = plan.catalogue.cases.iter().zip(&plan.selected).filter(|(_, selected)| **selected);
    let mut cases = cases.map(|(case, _)| case.id.as_str().as_bytes().to_vec());
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
