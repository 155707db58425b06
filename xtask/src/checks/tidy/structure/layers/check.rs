//! Checks the modules against the layers of ARCHITECTURE.md, and looks for circles.

use std::collections::{BTreeMap, BTreeSet};

use super::circles::{Circle, circles};
use super::dependency::{BlockingFailure, Kind, dependencies};
use super::document::{self, Block};
use super::modules::{Modules, package_folder};
use crate::checks::tidy::problem::Problem;
use crate::checks::tidy::repository::{Repository, SourceFile, has_extension};

const WHY_NAMED: &str =
    "ARCHITECTURE.md lists under `Layers` each module of a crate once, from the bottom to the top.";
const WHY_DOWN: &str =
    "A module imports only modules of lower layers (ARCHITECTURE.md, `Layers`), tests included.";
const WHY_PARENT: &str = "A parent module only names its children: what they share is a module of its own.";
const WHY_CIRCLE: &str = "Files that need one another can only be understood together: what both need is a module of \
                          its own below them.";

/// Checks every crate.
pub(in crate::checks::tidy) fn check(repository: &Repository) -> Vec<Problem> {
    check_files(&repository.files)
}

pub(super) fn check_files(files: &[SourceFile]) -> Vec<Problem> {
    let document =
        files.iter().find(|file| file.path == document::PATH).map_or("", |file| file.text.as_str());
    let blocks = document::blocks(document);
    let dependencies = dependencies(&Modules::new(files));
    let mut problems = match &blocks {
        Some(blocks) => check_names(blocks, files),
        None => vec![Problem {
            place: document::PATH.to_owned(),
            what: "has no heading `Layers`".to_owned(),
            why: WHY_NAMED,
        }],
    };
    problems.extend(blocks.iter().flatten().flat_map(|block| check_order(block, &dependencies)));
    problems.extend(check_parents(&dependencies));
    problems.extend(circles(&dependencies).iter().map(circle_problem));
    problems
}

/// Checks that each crate has a block, and that the blocks name each module once.
fn check_names(blocks: &[Block], files: &[SourceFile]) -> Vec<Problem> {
    let listed: BTreeSet<&str> = blocks.iter().map(|block| block.folder.as_str()).collect();
    let missing = source_folders(files)
        .into_iter()
        .filter(|folder| !listed.contains(folder.as_str()) && children(files, folder).len() > 1)
        .map(|folder| Problem {
            what: format!("has no block `layers {folder}` in {}", document::PATH),
            place: folder,
            why: WHY_NAMED,
        });
    let mut named = BTreeSet::new();
    let mut problems: Vec<Problem> = missing.collect();
    for block in blocks {
        problems.extend(check_block(block, files, &mut named));
    }
    let unnamed = blocks.iter().flat_map(|block| unnamed(block, files, &named));
    problems.extend(unnamed);
    problems
}

/// Checks the names of a block, and notes them with their folder.
fn check_block<'a>(
    block: &'a Block,
    files: &[SourceFile],
    named: &mut BTreeSet<(&'a str, &'a str)>,
) -> Vec<Problem> {
    let children = children(files, &block.folder);
    let mut problems = Vec::new();
    for entry in &block.names {
        if !children.contains(entry.name.as_str()) {
            let what = format!("names `{}`, which is no module in {}", entry.name, block.folder);
            problems.push(document_problem(entry.line, what));
        } else if !named.insert((&block.folder, &entry.name)) {
            problems.push(document_problem(
                entry.line,
                format!("names `{}` of {} again", entry.name, block.folder),
            ));
        }
    }
    problems
}

/// The modules in the folder of a block that no block names.
fn unnamed(block: &Block, files: &[SourceFile], named: &BTreeSet<(&str, &str)>) -> Vec<Problem> {
    children(files, &block.folder)
        .into_iter()
        .filter(|child| !named.contains(&(block.folder.as_str(), *child)))
        .map(|child| document_problem(block.line, format!("does not name `{child}` of {}", block.folder)))
        .collect()
}

fn document_problem(line: usize, what: String) -> Problem {
    Problem { place: format!("{}:{line}", document::PATH), what, why: WHY_NAMED }
}

/// The `src` folder of each package.
fn source_folders(files: &[SourceFile]) -> BTreeSet<String> {
    files.iter().filter_map(|file| Some(format!("{}src", package_folder(&file.path)?))).collect()
}

/// The modules in a folder.
fn children<'a>(files: &'a [SourceFile], folder: &str) -> BTreeSet<&'a str> {
    files.iter().filter_map(|file| child(folder, &file.path)).collect()
}

/// The module in `folder` that a Rust file belongs to: none for the root of a crate and outside the folder.
fn child<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
    let is_root = ["lib.rs", "main.rs", "mod.rs"].contains(&rest);
    if is_root || !has_extension(path, "rs") {
        return None;
    }
    rest.split('/').next().map(|first| first.strip_suffix(".rs").unwrap_or(first))
}

/// Checks that the dependencies between the modules of a folder point to lower layers.
fn check_order(block: &Block, dependencies: &BTreeSet<BlockingFailure>) -> Vec<Problem> {
    let layers = block.layers();
    let mut problems = First::default();
    for dependency in dependencies {
        let Some(from) = child(&block.folder, &dependency.from) else { continue };
        let targets: BTreeSet<&str> =
            dependency.through.iter().filter_map(|file| child(&block.folder, file)).collect();
        for to in targets.into_iter().filter(|to| *to != from) {
            let (Some(own), Some(other)) = (layers.get(from), layers.get(to)) else { continue };
            if other >= own {
                let relation = if other == own { "the same layer" } else { "a higher layer" };
                let what =
                    format!("`{from}` imports `{}` of `{to}`, which is on {relation}", dependency.name);
                problems.add(dependency, what);
            }
        }
    }
    problems.into_problems(WHY_DOWN)
}

/// Checks that no module needs an item that a module around it defines.
fn check_parents(dependencies: &BTreeSet<BlockingFailure>) -> Vec<Problem> {
    let mut problems = First::default();
    for dependency in dependencies.iter().filter(|dependency| dependency.kind == Kind::ParentItem) {
        let what = format!("imports `{}`, which its parent {} defines", dependency.name, dependency.to);
        problems.add(dependency, what);
    }
    problems.into_problems(WHY_PARENT)
}

/// What is wrong in each file, with the first line where it is.
#[derive(Default)]
struct First {
    lines: BTreeMap<(String, String), usize>,
}

impl First {
    fn add(&mut self, dependency: &BlockingFailure, what: String) {
        let line = self.lines.entry((dependency.from.clone(), what)).or_insert(dependency.line);
        *line = dependency.line.min(*line);
    }

    fn into_problems(self, why: &'static str) -> Vec<Problem> {
        let problems = self.lines.into_iter();
        problems.map(|((file, what), line)| Problem { place: format!("{file}:{line}"), what, why }).collect()
    }
}

/// Lists the files of the circle and what ties each to the next.
fn circle_problem(circle: &Circle<'_>) -> Problem {
    let edges: String = circle.edges.iter().map(|((from, to), ties)| edge(from, to, ties)).collect();
    Problem {
        place: circle.files.first().map_or_else(String::new, |file| (*file).to_owned()),
        what: format!("is in a circle of {} files{edges}", circle.files.len()),
        why: WHY_CIRCLE,
    }
}

/// A line about what one file needs of another.
fn edge(from: &str, to: &str, ties: &[&BlockingFailure]) -> String {
    let line = ties.iter().map(|tie| tie.line).min().unwrap_or(1);
    let names: BTreeSet<&str> = ties.iter().map(|tie| tie.name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let in_tests = if ties.iter().all(|tie| tie.in_test) { " (only in tests)" } else { "" };
    format!("\n      {from}:{line} → {to}: {}{in_tests}", names.join(", "))
}
