//! Folders: each holds few entries, and a parent module only names its children.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Span;
use syn::Item;

use crate::checks::tidy::problem::Problem;
use crate::checks::tidy::repository::{Repository, SourceFile, has_extension};
use crate::checks::tidy::syntax::is_for_tests;

/// The folders that are checked, with all below them.
const TREES: [&str; 8] = [
    "cases/src",
    "harness/src",
    "harness/mock/src",
    "harness/stub/src",
    "reports/src",
    "xtask/src",
    "harness/tests",
    "docs",
];

/// The most files and folders in a folder. A module and the folder of its children are one entry; the root of a
/// crate is none.
const MAX_ENTRIES: usize = 10;

/// Files that are no entry of their folder.
const ROOTS: [&str; 3] = ["lib.rs", "main.rs", "mod.rs"];

/// Folders that may hold more, each with the reason: they are lists of one kind. The last part of their path.
const LISTS: [(&str, &str); 11] = [
    ("harness/src", "one folder for each stage of the data flow"),
    ("harness/tests", "one module for each subject of the tests"),
    ("aspects", "one module for each aspect of a requirement"),
    ("mutations", "one module for each kind of mutation"),
    ("catalogue", "one module for each aspect of a requirement"),
    ("mutants", "one module for each theme of the mutants"),
    ("mutant", "one module for each theme of the mutants"),
    ("variants", "one module for each theme of the variants"),
    ("variant", "one module for each theme of the variants"),
    ("fuzz_targets", "one target for each reader"),
    ("snapshots", "one snapshot for each case"),
];

const WHY_FEW: &str = "A folder is a stage of the data flow or a thing with one name: at most ten entries, unless they \
                       are all of one kind (`LISTS` of this check).";

const WHY_NO_LOGIC: &str = "A parent module and lib.rs hold only `mod`, `use`, documentation and attributes, and main.rs \
                            only `main` besides: what children share is a module of its own.";

/// Checks the folders of the source trees.
pub(in crate::checks::tidy) fn check(repository: &Repository) -> Vec<Problem> {
    let paths: Vec<&str> = repository.paths.iter().map(String::as_str).collect();
    let mut problems = check_entries(&paths);
    problems.extend(check_parents(&repository.files));
    problems
}

/// Whether a path lies in one of the trees.
fn is_checked(path: &str) -> bool {
    TREES.iter().any(|tree| path.strip_prefix(tree).is_some_and(|rest| rest.starts_with('/')))
}

fn check_entries(paths: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (folder, entries) in entries(paths) {
        if entries.len() > MAX_ENTRIES && !is_list(folder) {
            let names: Vec<&str> = entries.into_iter().collect();
            problems.push(Problem {
                place: folder.to_owned(),
                what: format!("has {} entries: {}", names.len(), names.join(", ")),
                why: WHY_FEW,
            });
        }
    }
    problems
}

/// The entries of each folder in the trees.
fn entries<'a>(paths: &[&'a str]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in paths.iter().filter(|path| is_checked(path)) {
        for (at, _) in path.match_indices('/') {
            let (folder, entry) = (&path[..at], path[at + 1..].split('/').next().unwrap_or_default());
            if !ROOTS.contains(&entry) && (is_checked(folder) || TREES.contains(&folder)) {
                folders.entry(folder).or_default().insert(entry.strip_suffix(".rs").unwrap_or(entry));
            }
        }
    }
    folders
}

fn is_list(folder: &str) -> bool {
    LISTS.iter().any(|(list, _)| *list == folder || *list == last_part(folder))
}

fn check_parents(files: &[SourceFile]) -> Vec<Problem> {
    let folders: BTreeSet<&str> = files
        .iter()
        .filter(|file| has_extension(&file.path, "rs"))
        .filter_map(|file| Some(file.path.rsplit_once('/')?.0))
        .collect();
    files
        .iter()
        .filter(|file| is_checked(&file.path) && is_parent(&file.path, &folders))
        .filter_map(check_parent)
        .collect()
}

/// Whether a Rust file is the root of a crate or has a folder of its name.
fn is_parent(path: &str, folders: &BTreeSet<&str>) -> bool {
    ROOTS.contains(&last_part(path))
        || path.strip_suffix(".rs").is_some_and(|folder| folders.contains(folder))
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn check_parent(file: &SourceFile) -> Option<Problem> {
    // A file that does not parse is reported by another check.
    let parsed = syn::parse_file(&file.text).ok()?;
    let name = last_part(&file.path);
    let is_root = name == "lib.rs" || name == "main.rs";
    if !is_root && has_only_test_children(&parsed.items) {
        return None;
    }
    let is_main = name == "main.rs";
    let logic = parsed.items.iter().filter(|item| !(leads_on(item) || (is_main && belongs_to_main(item))));
    let described: Vec<(Span, String)> = logic.map(describe).collect();
    let line = described.first()?.0.start().line;
    let names: Vec<&str> = described.iter().map(|(_, name)| name.as_str()).collect();
    Some(Problem {
        place: format!("{}:{line}", file.path),
        what: format!("holds {}", names.join(", ")),
        why: WHY_NO_LOGIC,
    })
}

/// Whether an item only leads to other files.
fn leads_on(item: &Item) -> bool {
    match item {
        Item::Mod(module) => module.content.is_none(),
        Item::Use(_) | Item::ExternCrate(_) => true,
        _ => false,
    }
}

/// Whether an item is the function `main` or the allocator of the program.
fn belongs_to_main(item: &Item) -> bool {
    match item {
        Item::Fn(function) => function.sig.ident == "main",
        Item::Static(it) => it.attrs.iter().any(|attribute| attribute.path().is_ident("global_allocator")),
        _ => false,
    }
}

/// Whether the children of a module are its tests alone.
fn has_only_test_children(items: &[Item]) -> bool {
    let mut children = items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() => Some(is_for_tests(&module.attrs)),
        _ => None,
    });
    children.all(|is_test| is_test)
}

/// Where an item is, and its kind and name.
fn describe(item: &Item) -> (Span, String) {
    let (kind, ident) = match item {
        Item::Const(it) => ("const", &it.ident),
        Item::Enum(it) => ("enum", &it.ident),
        Item::Fn(it) => ("fn", &it.sig.ident),
        Item::Mod(it) => return (it.ident.span(), format!("mod {} {{…}}", it.ident)),
        Item::Static(it) => ("static", &it.ident),
        Item::Struct(it) => ("struct", &it.ident),
        Item::Trait(it) => ("trait", &it.ident),
        Item::Type(it) => ("type", &it.ident),
        Item::Impl(it) => return (it.impl_token.span, format!("impl {}", type_name(&it.self_ty))),
        Item::Macro(it) => ("macro", it.ident.as_ref().unwrap_or(&it.mac.path.segments[0].ident)),
        _ => return (Span::call_site(), "an item".to_owned()),
    };
    (ident.span(), format!("{kind} {ident}"))
}

/// The name of a type without its path and parameters.
fn type_name(of: &syn::Type) -> String {
    let last = match of {
        syn::Type::Path(it) => it.path.segments.last(),
        _ => None,
    };
    last.map_or_else(|| "…".to_owned(), |segment| segment.ident.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    fn messages(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }

    /// The problems of a folder with modules of these names.
    fn entries(folder: &str, names: impl Iterator<Item = String>) -> Vec<String> {
        let paths: Vec<String> = names.map(|name| format!("{folder}/{name}")).collect();
        messages(&check_entries(&paths.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    #[test]
    fn eleven_entries_fail_and_ten_pass() {
        let names = |count: u8| (b'a'..b'a' + count).map(|name| format!("{}.rs", char::from(name)));
        let found = entries("cases/src/generate", names(11));
        assert_eq!(found, ["cases/src/generate: has 11 entries: a, b, c, d, e, f, g, h, i, j, k"]);
        assert!(entries("cases/src/generate", names(10)).is_empty());
        assert_eq!(entries("docs", names(11)).len(), 1);
        assert!(entries("cases/src/catalogue", names(11)).is_empty());
        assert!(entries("fuzz/src", names(11)).is_empty());
    }

    #[test]
    fn module_and_its_folder_are_one_entry() {
        let names = (b'a'..=b'j').map(char::from);
        let modules = names.clone().map(|name| format!("{name}.rs"));
        let children = names.map(|name| format!("{name}/child.rs"));
        let roots = ["lib.rs", "main.rs"].map(str::to_owned);
        assert!(entries("harness/src", modules.chain(children).chain(roots)).is_empty());
    }

    /// The problems of a parent with this text and one child.
    fn parent(path: &str, text: &str) -> Vec<String> {
        let folder = path.trim_end_matches(".rs");
        messages(&check_parents(&[file(path, text), file(&format!("{folder}/child.rs"), "fn f() {}")]))
    }

    #[test]
    fn logic_in_parent_fails() {
        let text = "//! Docs.\nmod child;\nfn f() {}\nstruct A;\nimpl A {}\nmod b {}\n";
        assert_eq!(
            parent("cases/src/a.rs", text),
            ["cases/src/a.rs:3: holds fn f, struct A, impl A, mod b {…}"]
        );
        assert!(
            parent("cases/src/a.rs", "//! Docs.\n#![allow(x)]\nmod child;\npub use child::f;\n").is_empty()
        );
    }

    #[test]
    fn crate_roots_hold_modules_and_main() {
        assert_eq!(parent("cases/src/lib.rs", "mod a;\nfn main() {}\n").len(), 1);
        assert!(parent("cases/src/lib.rs", "mod a;\npub use a::B;\n").is_empty());
        assert_eq!(parent("xtask/src/main.rs", "mod a;\nfn main() {}\nstruct Cli;\n").len(), 1);
        assert!(
            parent("xtask/src/main.rs", "mod a;\nfn main() {}\n#[global_allocator]\nstatic A: B = B;\n")
                .is_empty()
        );
    }

    #[test]
    fn module_with_its_tests_in_a_file_passes() {
        assert!(parent("cases/src/a.rs", "#[cfg(test)]\nmod tests;\nfn f() {}\n").is_empty());
        assert_eq!(parent("cases/src/a.rs", "mod child;\n#[cfg(test)]\nmod tests;\nfn f() {}\n").len(), 1);
    }
}
