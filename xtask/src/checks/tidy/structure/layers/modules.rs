//! The modules of all crates: each file under the crate roots that declare it.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use syn::{Attribute, Item, ItemMod};

use super::scope::Scope;
use crate::checks::tidy::repository::{SourceFile, has_extension};
use crate::checks::tidy::syntax::is_for_tests;

/// A module by its position in `Modules`.
pub(super) type ModuleId = usize;

/// Every module of every crate. A file that several crates declare is a module of each.
pub(super) struct Modules {
    pub(super) modules: Vec<Module>,
}

/// A module, in a file of its own or inside another.
pub(super) struct Module {
    /// The file that it is in.
    pub(super) file: String,
    pub(super) parent: Option<ModuleId>,
    pub(super) root: ModuleId,
    /// Whether its file, or one around it, is declared for tests only.
    pub(super) is_test_file: bool,
    /// Whether it is for tests only.
    pub(super) is_test: bool,
    /// Whether it declares modules in files of their own.
    pub(super) has_files: bool,
    pub(super) scope: Scope,
    pub(super) children: BTreeMap<String, Vec<ModuleId>>,
}

impl Modules {
    /// Reads the modules of every crate whose `Cargo.toml` is among the files.
    pub(super) fn new(files: &[SourceFile]) -> Self {
        // A file that does not parse is reported by another check.
        let parsed: BTreeMap<&str, syn::File> = files
            .iter()
            .filter(|file| has_extension(&file.path, "rs"))
            .filter_map(|file| Some((file.path.as_str(), syn::parse_file(&file.text).ok()?)))
            .collect();
        let packages: Vec<&str> = files.iter().filter_map(|file| package_folder(&file.path)).collect();
        let mut loader = Loader { files: &parsed, modules: Vec::new() };
        for path in parsed.keys() {
            if packages.iter().any(|package| is_crate_root(path, package)) {
                let place =
                    Place { file: (*path).to_owned(), parent: None, is_test_file: false, is_test: false };
                loader.load(place, &parsed[path].items, &folder_of(path));
            }
        }
        Self { modules: loader.modules }
    }

    /// The modules around a module, from the nearest to the root of the crate.
    pub(super) fn ancestors(&self, module: ModuleId) -> impl Iterator<Item = ModuleId> {
        std::iter::successors(self.modules[module].parent, |parent| self.modules[*parent].parent)
    }
}

/// The folder of a package, with a `/` at its end, if the path is that of its manifest.
pub(super) fn package_folder(path: &str) -> Option<&str> {
    path.strip_suffix("Cargo.toml").filter(|folder| folder.is_empty() || folder.ends_with('/'))
}

/// Whether cargo takes the file for the root of a crate of the package.
fn is_crate_root(path: &str, package: &str) -> bool {
    let Some(rest) = path.strip_prefix(package) else { return false };
    let parts: Vec<&str> = rest.split('/').collect();
    matches!(
        parts.as_slice(),
        ["build.rs"]
            | ["src", "lib.rs" | "main.rs"]
            | ["src", "bin", _]
            | ["tests" | "benches" | "examples", _]
            | ["tests" | "benches" | "examples", _, "main.rs"]
    )
}

/// Where a module is.
struct Place {
    file: String,
    parent: Option<ModuleId>,
    is_test_file: bool,
    is_test: bool,
}

struct Loader<'a> {
    files: &'a BTreeMap<&'a str, syn::File>,
    modules: Vec<Module>,
}

impl Loader<'_> {
    /// Adds a module and those that it declares, whose files are in `folder`.
    fn load(&mut self, place: Place, items: &[Item], folder: &Path) -> ModuleId {
        let id = self.modules.len();
        let file = place.file.clone();
        let Place { is_test_file, is_test, .. } = place;
        self.modules.push(Module {
            root: place.parent.map_or(id, |parent| self.modules[parent].root),
            file: place.file,
            parent: place.parent,
            is_test_file,
            is_test,
            has_files: false,
            scope: Scope::new(items),
            children: BTreeMap::new(),
        });
        for item in items {
            let Item::Mod(declaration) = item else { continue };
            let name = declaration.ident.to_string();
            if let Some((_, items)) = &declaration.content {
                let is_test = is_test || is_for_tests(&declaration.attrs);
                let place = Place { file: file.clone(), parent: Some(id), is_test_file, is_test };
                let child = self.load(place, items, &folder.join(&name));
                self.modules[id].children.entry(name).or_default().push(child);
            } else {
                self.load_files(id, declaration, folder);
            }
        }
        id
    }

    /// Adds the module that a declaration such as `mod a;` finds in a file, or in one of several.
    fn load_files(&mut self, parent: ModuleId, declaration: &ItemMod, folder: &Path) {
        let name = declaration.ident.to_string();
        let is_test_file = self.modules[parent].is_test_file || is_for_tests(&declaration.attrs);
        self.modules[parent].has_files = true;
        for path in candidates(declaration, &self.modules[parent].file, folder) {
            let Some((file, parsed)) = self.files.get_key_value(path.as_str()) else { continue };
            let is_test = is_test_file || self.modules[parent].is_test;
            let place = Place { file: (*file).to_owned(), parent: Some(parent), is_test_file, is_test };
            let child = self.load(place, &parsed.items, &folder_of_children(file));
            self.modules[parent].children.entry(name.clone()).or_default().push(child);
        }
    }
}

/// The files in which a declared module may be.
fn candidates(declaration: &ItemMod, file: &str, folder: &Path) -> Vec<String> {
    let name = declaration.ident.to_string();
    let named = declaration.attrs.iter().filter_map(path_attribute);
    let mut paths: Vec<PathBuf> = named.map(|path| folder_of(file).join(path)).collect();
    if !declaration.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
        paths.push(folder.join(format!("{name}.rs")));
        paths.push(folder.join(name).join("mod.rs"));
    }
    paths.iter().map(|path| normalized(path)).collect()
}

/// The path in `#[path = "…"]` or in `#[cfg_attr(…, path = "…")]`.
fn path_attribute(attribute: &Attribute) -> Option<String> {
    if attribute.path().is_ident("path") {
        return string(&attribute.meta.require_name_value().ok()?.value);
    }
    let value = attribute
        .path()
        .is_ident("cfg_attr")
        .then(|| attribute.parse_args_with(conditional_value).ok())??;
    value.path.is_ident("path").then(|| string(&value.value))?
}

/// Parses `CONDITION, NAME = VALUE`.
fn conditional_value(input: syn::parse::ParseStream<'_>) -> syn::Result<syn::MetaNameValue> {
    let _condition: syn::Meta = input.parse()?;
    let _comma: syn::Token![,] = input.parse()?;
    input.parse()
}

fn string(value: &syn::Expr) -> Option<String> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// The folder of the modules that a file declares.
fn folder_of_children(file: &str) -> PathBuf {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    if stem == "mod" { folder_of(file) } else { folder_of(file).join(stem) }
}

fn folder_of(file: &str) -> PathBuf {
    Path::new(file).parent().unwrap_or(Path::new("")).to_owned()
}

/// The path without `..`, with `/`.
fn normalized(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    /// The files of all modules, with `test` behind those for tests only.
    fn loaded(files: &[SourceFile]) -> Vec<String> {
        let modules = Modules::new(files).modules.into_iter();
        modules.map(|it| format!("{}{}", it.file, if it.is_test_file { " test" } else { "" })).collect()
    }

    #[test]
    fn declared_files_are_found() {
        let files = [
            file("a/Cargo.toml", ""),
            file("a/src/lib.rs", "mod b; mod c; #[cfg(test)] mod t; #[path = \"d/../e.rs\"] mod f;"),
            file("a/src/b.rs", "mod g { mod h; }"),
            file("a/src/b/g/h.rs", ""),
            file("a/src/c/mod.rs", "mod i;"),
            file("a/src/c/i.rs", ""),
            file("a/src/t.rs", ""),
            file("a/src/e.rs", ""),
            file("a/src/undeclared.rs", ""),
        ];
        assert_eq!(
            loaded(&files),
            [
                "a/src/lib.rs",
                "a/src/b.rs",
                "a/src/b.rs",
                "a/src/b/g/h.rs",
                "a/src/c/mod.rs",
                "a/src/c/i.rs",
                "a/src/t.rs test",
                "a/src/e.rs"
            ]
        );
    }

    #[test]
    fn every_target_is_a_root() {
        for path in
            ["build.rs", "src/main.rs", "src/bin/x.rs", "tests/x.rs", "tests/x/main.rs", "benches/x.rs"]
        {
            assert_eq!(loaded(&[file("Cargo.toml", ""), file(path, "")]), [path]);
        }
        assert_eq!(loaded(&[file("Cargo.toml", ""), file("tests/x/y.rs", "")]), [""; 0]);
    }

    #[test]
    fn conditional_path_is_one_of_two_files() {
        let files = [
            file("Cargo.toml", ""),
            file("src/lib.rs", "#[cfg_attr(not(feature = \"a\"), path = \"c.rs\")] mod b;"),
            file("src/b.rs", ""),
            file("src/c.rs", ""),
        ];
        assert_eq!(loaded(&files), ["src/lib.rs", "src/c.rs", "src/b.rs"]);
    }
}
