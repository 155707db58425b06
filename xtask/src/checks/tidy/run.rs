//! Runs the checks and prints what they report.

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use super::problem::{Problem, render};
use super::repository::Repository;
use super::{msrv, paths, rust_files, service_names, structure, words};

/// The arguments of `cargo xtask tidy`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Run every check, including those that the tree does not pass yet
    #[arg(long)]
    all: bool,
}

type Check = fn(&Repository) -> Vec<Problem>;

/// The checks of every run.
const CHECKS: [Check; 5] =
    [structure::crates, msrv::check, rust_files::check, service_names::check, paths::check];

/// The checks that only `--all` runs, because the tree does not pass them yet. Once it does, they belong in
/// `CHECKS`, and the flag goes.
const CHECKS_OF_ALL: [Check; 3] = [words::check, structure::layers, structure::folders];

/// Runs the checks.
///
/// # Errors
/// A rule is broken (each place is printed), or the repository cannot be read.
pub(crate) fn run(args: &Args) -> Result<()> {
    let repository = Repository::read()?;
    let more: &[Check] = if args.all { &CHECKS_OF_ALL } else { &[] };
    let problems: Vec<Problem> = CHECKS.iter().chain(more).flat_map(|check| check(&repository)).collect();

    print!("{}", render(&problems));
    match problems.len() {
        0 => {
            println!("tidy: {} files, no problem", repository.paths.len());
            Ok(())
        }
        1 => bail!("1 problem"),
        count => bail!("{count} problems"),
    }
}
