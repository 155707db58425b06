//! Planted arrows and circles fail, and the corrected trees pass.

use super::check::check_files;
use super::document;
use crate::checks::tidy::repository::{SourceFile, file};

/// The problems of a crate in `c` with these layers and files.
fn problems(layers: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![file("ARCHITECTURE.md", &format!("## Layers\n\n{layers}")), file("c/Cargo.toml", "")];
    all.extend(files.iter().map(|(path, text)| file(&format!("c/{path}"), text)));
    check_files(&all).iter().map(ToString::to_string).collect()
}

const LAYERS: &str = "```layers c/src\nlow\nmiddle side\nhigh\n```\n";

const LIB: (&str, &str) = ("src/lib.rs", "mod low; mod middle; mod side; mod high;");

/// The problems of a crate with three layers and this text in one of its files.
fn with(path: &str, text: &str) -> Vec<String> {
    let mut files = vec![
        LIB,
        ("src/low.rs", "pub struct Low;"),
        ("src/middle.rs", "use crate::low::Low; pub struct Middle;"),
        ("src/side.rs", "pub struct Side;"),
        ("src/high.rs", "use crate::middle::Middle; use crate::{low, side::Side};"),
    ];
    files.retain(|(other, _)| *other != path);
    files.push((path, text));
    problems(LAYERS, &files)
}

#[test]
fn downward_imports_pass() {
    assert_eq!(with("src/low.rs", "pub struct Low;"), [""; 0]);
}

#[test]
fn upward_import_fails() {
    assert_eq!(
        with("src/low.rs", "pub struct Low;\nuse crate::side::Side;"),
        ["c/src/low.rs:2: `low` imports `Side` of `side`, which is on a higher layer"]
    );
}

#[test]
fn sideways_import_fails() {
    assert_eq!(
        with("src/side.rs", "pub struct Side;\nuse super::middle::Middle;"),
        ["c/src/side.rs:2: `side` imports `Middle` of `middle`, which is on the same layer"]
    );
}

#[test]
fn inline_path_and_test_count() {
    let expected = ["c/src/low.rs:2: `low` imports `Side` of `side`, which is on a higher layer"];
    assert_eq!(with("src/low.rs", "pub struct Low;\nfn f() { g(crate::side::Side) }"), expected);
    assert_eq!(
        with("src/low.rs", "pub struct Low;\n#[cfg(test)] mod tests { use crate::side::Side; }"),
        expected
    );
}

#[test]
fn reexport_counts_as_what_it_leads_to() {
    let lib = "mod low; mod middle; mod side; mod high; pub use side::Side;";
    let files = [
        ("src/lib.rs", lib),
        ("src/low.rs", "use crate::Side;"),
        ("src/middle.rs", ""),
        ("src/side.rs", "pub struct Side;"),
        ("src/high.rs", ""),
    ];
    assert_eq!(
        problems(LAYERS, &files),
        ["c/src/low.rs:1: `low` imports `Side` of `side`, which is on a higher layer"]
    );
}

#[test]
fn glob_counts_by_the_names_that_are_used() {
    let text = "pub struct Low;\nuse crate::side::*;\nfn f(_: Side) {}";
    assert_eq!(
        with("src/low.rs", text),
        ["c/src/low.rs:2: `low` imports `Side` of `side`, which is on a higher layer"]
    );
}

#[test]
fn each_module_is_named_once() {
    let layers = "```layers c/src\nlow low gone\nhigh\n```\n";
    let files =
        [("src/lib.rs", "mod low; mod high;"), ("src/low.rs", ""), ("src/high.rs", ""), ("src/new/a.rs", "")];
    assert_eq!(
        problems(layers, &files),
        [
            "ARCHITECTURE.md:4: names `low` of c/src again",
            "ARCHITECTURE.md:4: names `gone`, which is no module in c/src",
            "ARCHITECTURE.md:3: does not name `new` of c/src"
        ]
    );
}

#[test]
fn crate_without_block_fails() {
    let files = [("src/lib.rs", "mod a; mod b;"), ("src/a.rs", ""), ("src/b.rs", "")];
    assert_eq!(problems("", &files), ["c/src: has no block `layers c/src` in ARCHITECTURE.md"]);
    assert_eq!(problems("```layers c/src\na b\n```\n", &files), [""; 0]);
    assert_eq!(problems("", &files[..2]), [""; 0]);
}

#[test]
fn missing_heading_fails() {
    let found = check_files(&[file("ARCHITECTURE.md", "# Architecture\n")]);
    assert_eq!(found[0].to_string(), "ARCHITECTURE.md: has no heading `Layers`");
}

#[test]
fn folder_of_tests_may_have_a_block() {
    let layers = "```layers c/tests\nsupport\nrun\n```\n";
    let support = ("tests/support.rs", "pub struct S;");
    let run = ("tests/run.rs", "mod support; use support::S;");
    assert_eq!(problems(layers, &[support, run]), [""; 0]);
    let turned = layers.replace("support\nrun", "run\nsupport");
    assert_eq!(
        problems(&turned, &[support, run]),
        ["c/tests/run.rs:1: `run` imports `S` of `support`, which is on a higher layer"]
    );
}

#[test]
fn second_block_of_folder_names_nothing_again() {
    let files = [("src/lib.rs", "mod a; mod b;"), ("src/a.rs", ""), ("src/b.rs", "")];
    assert_eq!(
        problems("```layers c/src\na b\n```\n```layers c/src\nb\n```\n", &files),
        ["ARCHITECTURE.md:7: names `b` of c/src again"]
    );
}

/// The problems of a crate with one folder `a`.
fn in_folder(parent: &str, children: &[(&str, &str)]) -> Vec<String> {
    let mut files = vec![("src/lib.rs", "mod a;"), ("src/a.rs", parent)];
    files.extend(children);
    problems("", &files)
}

#[test]
fn circle_of_files_fails() {
    let parent = "mod b; mod c; mod d; pub use c::C;";
    let d = ("src/a/d.rs", "use super::C; use super::b::B;");
    assert_eq!(
        in_folder(
            parent,
            &[
                ("src/a/b.rs", "//! Docs.\nuse super::C;\npub struct B;"),
                ("src/a/c.rs", "pub struct C;\nfn f() { super::b::B::new(); }"),
                d
            ]
        ),
        ["c/src/a/b.rs: is in a circle of 2 files\
          \n      c/src/a/b.rs:2 → c/src/a/c.rs: C\
          \n      c/src/a/c.rs:2 → c/src/a/b.rs: B"]
    );
    assert_eq!(
        in_folder(
            parent,
            &[("src/a/b.rs", "use super::C;\npub struct B;"), ("src/a/c.rs", "pub struct C;"), d]
        ),
        [""; 0]
    );
}

#[test]
fn item_of_parent_fails() {
    assert_eq!(
        in_folder("mod b;\nuse b::f;\npub struct A;", &[("src/a/b.rs", "use super::A;\npub fn f() {}")]),
        ["c/src/a/b.rs:1: imports `A`, which its parent c/src/a.rs defines"]
    );
    let children = [("src/a/b.rs", "use super::A;\npub fn f() {}"), ("src/a/c.rs", "pub struct A;")];
    assert_eq!(in_folder("mod b;\nmod c;\nuse b::f;\npub use c::A;", &children), [""; 0]);
}

#[test]
fn file_of_tests_may_import_its_parent() {
    let parent = "#[cfg(test)] mod tests;\npub struct A;";
    assert_eq!(in_folder(parent, &[("src/a/tests.rs", "use super::*;\nfn f(_: A) {}")]), [""; 0]);
}

#[test]
fn import_of_parent_module_is_no_circle() {
    let parent = "mod b; mod c; pub use b::B; pub use c::C;";
    let children =
        [("src/a/b.rs", "use crate::a;\nfn f(_: a::C) {} pub struct B;"), ("src/a/c.rs", "pub struct C;")];
    assert_eq!(in_folder(parent, &children), [""; 0]);
}

#[test]
fn layers_of_this_repository_can_be_read() {
    let path = crate::support::workspace::root().join(document::PATH);
    let architecture =
        SourceFile { path: document::PATH.to_owned(), text: std::fs::read_to_string(path).unwrap() };
    let blocks = document::blocks(&architecture.text).unwrap();
    assert!(blocks.iter().all(|block| !block.names.is_empty()));
}
