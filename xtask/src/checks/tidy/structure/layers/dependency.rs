//! Which file needs which, and for what.

use std::collections::BTreeSet;

use super::modules::{ModuleId, Modules};
use super::resolution::{Resolver, Target};
use super::scope::Reference;

/// One place in a file that names something of another file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlockingFailure {
    pub(super) from: String,
    /// Counted from 1.
    pub(super) line: usize,
    /// The path as it is written.
    pub(super) path: String,
    /// The name of the item or of the module.
    pub(super) name: String,
    /// The file that defines it.
    pub(super) to: String,
    pub(super) kind: Kind,
    /// Whether only a test needs it.
    pub(super) in_test: bool,
    /// The files of the modules that the path and re-exports name, and `to`.
    pub(super) through: BTreeSet<String>,
}

/// What a dependency is to the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A child needs an item that a module around it defines.
    ParentItem,
    /// It names a module that only leads to others, or a module around it.
    Passage,
    /// Any other.
    Ordinary,
}

/// Every dependency between files of the same crate.
pub(super) fn dependencies(modules: &Modules) -> BTreeSet<BlockingFailure> {
    (0..modules.modules.len()).flat_map(|module| of_module(modules, module)).collect()
}

fn of_module(modules: &Modules, from: ModuleId) -> Vec<BlockingFailure> {
    let module = &modules.modules[from];
    let mut found = Vec::new();
    for reference in &module.scope.references {
        let targets = Resolver::new(modules).resolve(from, &reference.path);
        found.extend(targets.into_iter().filter_map(|target| dependency(modules, from, reference, target)));
    }
    for glob in &module.scope.globs {
        for origin in Resolver::new(modules).resolve(from, &glob.path) {
            // What comes from elsewhere in the same file is imported there.
            if origin.item.is_none() && modules.modules[origin.module].file != module.file {
                found.extend(of_glob(modules, from, glob, origin.module));
            }
        }
    }
    found
}

/// The dependencies of a module on what it uses of another one by `::*`.
fn of_glob(modules: &Modules, from: ModuleId, glob: &Reference, origin: ModuleId) -> Vec<BlockingFailure> {
    let mut found = Vec::new();
    for name in &modules.modules[from].scope.identifiers {
        for target in Resolver::new(modules).look_up(origin, name) {
            let path = [glob.path.as_slice(), std::slice::from_ref(name)].concat();
            found.extend(dependency(modules, from, &Reference { path, line: glob.line }, target));
        }
    }
    found
}

/// The dependency of a module on a target in another file.
fn dependency(
    modules: &Modules,
    from: ModuleId,
    reference: &Reference,
    target: Target,
) -> Option<BlockingFailure> {
    let module = &modules.modules[from];
    let file = |module: ModuleId| modules.modules[module].file.clone();
    let kind = kind(modules, from, &target);
    let to = file(target.module);
    let through: BTreeSet<String> = target.through.into_iter().map(file).chain([to.clone()]).collect();
    let leads_out = through.iter().any(|other| *other != module.file);
    leads_out.then(|| BlockingFailure {
        from: module.file.clone(),
        line: reference.line,
        path: reference.path.join("::"),
        name: target.item.or_else(|| reference.path.last().cloned()).unwrap_or_default(),
        to,
        kind,
        in_test: module.is_test,
        through,
    })
}

fn kind(modules: &Modules, from: ModuleId, target: &Target) -> Kind {
    let own = &modules.modules[from];
    let to = &modules.modules[target.module];
    if own.file == to.file {
        return Kind::Passage;
    }
    let is_around = modules.ancestors(from).any(|around| modules.modules[around].file == to.file);
    let leads_on = to.scope.items.is_empty() && to.has_files;
    match &target.item {
        // A file with the tests of its parent is about nothing else.
        Some(_) if is_around && !own.is_test_file => Kind::ParentItem,
        None if is_around || leads_on => Kind::Passage,
        _ => Kind::Ordinary,
    }
}
