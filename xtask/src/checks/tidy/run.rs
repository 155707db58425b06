//! Runs the checks and prints what they report.

use anyhow::{Result, bail};

use super::problem::{Problem, render};
use super::repository::Repository;
use super::{msrv, paths, rust_files, service_names, structure, words};

type Check = fn(&Repository) -> Vec<Problem>;

/// The checks, the quickest first.
const CHECKS: [Check; 8] = [
    structure::crates,
    msrv::check,
    rust_files::check,
    service_names::check,
    paths::check,
    words::check,
    structure::folders,
    structure::layers,
];

/// Runs the checks.
///
/// # Errors
/// A rule is broken (each place is printed), or the repository cannot be read.
pub(crate) fn run() -> Result<()> {
    let repository = Repository::read()?;
    let problems: Vec<Problem> = CHECKS.iter().flat_map(|check| check(&repository)).collect();

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
