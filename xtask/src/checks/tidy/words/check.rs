//! Looks for the words of the table in prose and in names.

use std::collections::BTreeSet;

use super::exemption::{is_exempt, without_exempt_sections};
use super::forms::{Match, Word, find};
use super::names::{Kind, Name, names};
use super::prose;
use super::table::Place;
use crate::checks::tidy::problem::Problem;
use crate::checks::tidy::repository::{Repository, SourceFile, has_extension};
use crate::checks::tidy::syntax;

const WHY: &str = "There is one word for one thing: the word that people who test software know. `RULES` of this \
                   check lists where each word counts and where it is right.";

/// Checks every text of ours and the names of all files.
pub(in crate::checks::tidy) fn check(repository: &Repository) -> Vec<Problem> {
    let paths: Vec<&str> = repository.paths.iter().map(String::as_str).collect();
    let mut problems = check_paths(&paths);
    problems.extend(repository.files.iter().flat_map(check_file));
    problems
}

/// Checks the text of a file.
pub(super) fn check_file(file: &SourceFile) -> Vec<Problem> {
    if is_exempt(&file.path) {
        return Vec::new();
    }
    let mut found: BTreeSet<Found> = prose_problems(&without_exempt_sections(file));
    if has_extension(&file.path, "rs") {
        found.extend(names(&file.text).iter().flat_map(name_problems));
    }
    let problems = found.into_iter();
    problems
        .map(|it| Problem { place: format!("{}:{}", file.path, it.line), what: it.what, why: WHY })
        .collect()
}

/// A word that should not be there.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    line: usize,
    what: String,
}

fn prose_problems(file: &SourceFile) -> BTreeSet<Found> {
    let words = prose::words(file);
    let matches = find(&words).into_iter().map(|it| (&words[it.range.start], it));
    matches
        .filter(|(word, it)| counts_in_prose(it.rule.place, word))
        .map(|(word, it)| Found {
            line: word.line,
            what: format!("`{}`: write {}", it.form, it.rule.instead),
        })
        .collect()
}

fn counts_in_prose(place: Place, word: &Word) -> bool {
    match place {
        Place::Everywhere | Place::Prose => true,
        Place::Values => word.quoted,
        Place::WholeNames | Place::Starts | Place::Modules | Place::Types | Place::Constants => false,
    }
}

/// The words that a name must not have.
fn name_problems(name: &Name) -> Vec<Found> {
    let parts: Vec<Word> = syntax::parts(&name.text)
        .into_iter()
        .map(|text| Word { text, line: name.line, joined: true, quoted: true })
        .collect();
    find(&parts)
        .into_iter()
        .filter(|it| counts_in_name(it, name.kind, parts.len()))
        .map(|it| Found {
            line: name.line,
            what: format!("`{}` in the name `{}`: write {}", it.form, name.text, it.rule.instead),
        })
        .collect()
}

/// Whether a word counts in a name of so many parts.
fn counts_in_name(found: &Match, kind: Kind, parts: usize) -> bool {
    let is_whole = found.range == (0..parts);
    match found.rule.place {
        Place::Everywhere | Place::Values => true,
        Place::WholeNames => is_whole,
        Place::Starts => found.range.start == 0,
        Place::Modules => is_whole && kind == Kind::Module,
        Place::Types => is_whole && kind == Kind::Type,
        Place::Constants => found.range.start == 0 && kind == Kind::Constant,
        Place::Prose => false,
    }
}

/// Checks the names of files and folders, each of them once.
pub(super) fn check_paths(paths: &[&str]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    for path in paths.iter().filter(|path| !is_exempt(path)) {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        seen.extend(ends.map(|end| &path[..end]));
    }
    seen.into_iter().flat_map(check_path).collect()
}

/// Checks the last part of a path.
fn check_path(path: &str) -> Vec<Problem> {
    let file_name = path.rsplit('/').next().unwrap_or(path);
    let is_module = has_extension(path, "rs") || !file_name.contains('.');
    let kind = if is_module { Kind::Module } else { Kind::Other };
    let name = Name { text: file_name.trim_end_matches(".rs").to_owned(), line: 0, kind };
    let found = name_problems(&name).into_iter();
    found.map(|it| Problem { place: path.to_owned(), what: it.what, why: WHY }).collect()
}
