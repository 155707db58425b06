//! What a path names: follows modules, imports and re-exports to the module that defines an item.

use std::collections::BTreeSet;

use super::modules::{ModuleId, Modules};

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// The module that is named, or that defines the item.
    pub(super) module: ModuleId,
    /// The name of the item; none if the path names the module itself.
    pub(super) item: Option<String>,
    /// The modules that the path and the re-exports name on the way.
    pub(super) through: BTreeSet<ModuleId>,
}

/// Resolves paths, and remembers which names it has followed, since re-exports may go in a circle.
pub(super) struct Resolver<'a> {
    modules: &'a Modules,
    followed: BTreeSet<(ModuleId, String)>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(modules: &'a Modules) -> Self {
        Self { modules, followed: BTreeSet::new() }
    }

    /// What `path` in the module `from` names. Nothing if it leads out of the workspace.
    pub(super) fn resolve(&mut self, from: ModuleId, path: &[String]) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let module = &self.modules.modules[from];
        match first.as_str() {
            "crate" => self.walk(module.root, rest),
            "self" => self.walk(from, rest),
            "super" => self.resolve_in_parent(from, rest),
            _ => self.walk(from, path),
        }
    }

    fn resolve_in_parent(&mut self, from: ModuleId, rest: &[String]) -> Vec<Target> {
        let Some(parent) = self.modules.modules[from].parent else { return Vec::new() };
        match rest.first() {
            Some(next) if next == "super" => self.resolve_in_parent(parent, &rest[1..]),
            _ => self.walk(parent, rest),
        }
    }

    /// Follows `path` from inside a module.
    fn walk(&mut self, module: ModuleId, path: &[String]) -> Vec<Target> {
        let Some((name, rest)) = path.split_first() else {
            return vec![Target { module, item: None, through: BTreeSet::new() }];
        };
        let (modules, items): (Vec<Target>, Vec<Target>) =
            self.look_up(module, name).into_iter().partition(|target| target.item.is_none());
        if rest.is_empty() {
            return modules.into_iter().chain(items).collect();
        }
        if modules.is_empty() {
            // What follows an item is one of its variants or functions.
            return items;
        }
        modules.iter().flat_map(|target| self.walk_on(target, rest)).collect()
    }

    /// Follows the rest of a path from the module that its start named.
    fn walk_on(&mut self, start: &Target, rest: &[String]) -> Vec<Target> {
        let mut targets = self.walk(start.module, rest);
        for target in &mut targets {
            target.through.insert(start.module);
            target.through.extend(&start.through);
        }
        targets
    }

    /// What a name means in a module: an item, a child or an import, and one of several kinds may have it.
    pub(super) fn look_up(&mut self, module: ModuleId, name: &str) -> Vec<Target> {
        if !self.followed.insert((module, name.to_owned())) {
            return Vec::new();
        }
        let modules = self.modules;
        let scope = &modules.modules[module].scope;
        let mut targets = Vec::new();
        if scope.items.contains(name) {
            let item = Some(name.to_owned());
            targets.push(Target { module, item, through: BTreeSet::from([module]) });
        }
        for child in modules.modules[module].children.get(name).into_iter().flatten() {
            targets.push(Target { module: *child, item: None, through: BTreeSet::from([*child]) });
        }
        for path in scope.imports.get(name).into_iter().flatten() {
            targets.extend(self.follow(module, path));
        }
        if targets.is_empty() {
            for glob in &scope.globs {
                targets.extend(self.look_up_in_glob(module, &glob.path, name));
            }
        }
        self.followed.remove(&(module, name.to_owned()));
        targets
    }

    /// What an import of a module names; the module counts as named too.
    fn follow(&mut self, module: ModuleId, path: &[String]) -> Vec<Target> {
        let mut targets = self.resolve(module, path);
        for target in &mut targets {
            target.through.insert(module);
        }
        targets
    }

    fn look_up_in_glob(&mut self, module: ModuleId, path: &[String], name: &str) -> Vec<Target> {
        let origins = self.resolve(module, path).into_iter().filter(|origin| origin.item.is_none());
        let origins: BTreeSet<ModuleId> = origins.map(|origin| origin.module).collect();
        origins.into_iter().flat_map(|origin| self.look_up(origin, name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    /// The files that `path` in the module of the file `from` leads to, with the items.
    fn resolved(from: &str, path: &str) -> Vec<String> {
        let files = [
            file("Cargo.toml", ""),
            file("src/lib.rs", "mod a; mod b; pub use b::c::C as D; pub struct Root;"),
            file("src/a.rs", "use crate::b; use super::b::*; use std::fmt; mod tests { use super::*; }"),
            file(
                "src/b.rs",
                "pub mod c; pub use c::{C, run}; mod run; pub use run::run as go; pub use self::x::x;",
            ),
            file("src/b/c.rs", "pub struct C; pub fn run() {}"),
            file("src/b/run.rs", "pub fn run() {}"),
        ];
        let modules = Modules::new(&files);
        let from = modules.modules.iter().position(|module| module.file == from).unwrap();
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        let targets = Resolver::new(&modules).resolve(from, &path).into_iter();
        let mut shown: Vec<String> = targets
            .map(|it| format!("{} {}", modules.modules[it.module].file, it.item.unwrap_or_default()))
            .collect();
        shown.sort();
        shown
    }

    #[test]
    fn paths_lead_to_definitions() {
        assert_eq!(resolved("src/a.rs", "crate::b::c::C"), ["src/b/c.rs C"]);
        assert_eq!(resolved("src/a.rs", "super::Root"), ["src/lib.rs Root"]);
        assert_eq!(resolved("src/b/c.rs", "super::super::a"), ["src/a.rs "]);
        assert_eq!(resolved("src/b.rs", "c::C::method"), ["src/b/c.rs C"]);
    }

    #[test]
    fn imports_and_reexports_are_followed() {
        assert_eq!(resolved("src/a.rs", "b::C"), ["src/b/c.rs C"]);
        assert_eq!(resolved("src/a.rs", "crate::D"), ["src/b/c.rs C"]);
        assert_eq!(resolved("src/a.rs", "crate::b::go"), ["src/b/run.rs run"]);
        // A module and a function of one name.
        assert_eq!(resolved("src/a.rs", "crate::b::run"), ["src/b/c.rs run", "src/b/run.rs "]);
    }

    #[test]
    fn globs_are_searched() {
        assert_eq!(resolved("src/a.rs", "self::C"), ["src/b/c.rs C"]);
        assert_eq!(resolved("src/a.rs", "self::tests::C"), ["src/b/c.rs C"]);
    }

    #[test]
    fn other_crates_lead_nowhere() {
        assert_eq!(resolved("src/a.rs", "std::fmt"), [""; 0]);
        assert_eq!(resolved("src/a.rs", "fmt::Display"), [""; 0]);
        assert_eq!(resolved("src/b.rs", "x"), [""; 0]);
    }

    #[test]
    fn named_modules_are_noted() {
        let files = [
            file("Cargo.toml", ""),
            file("src/lib.rs", "mod a; mod b; mod c;"),
            file("src/a.rs", ""),
            file("src/b.rs", "pub use crate::c::C;"),
            file("src/c.rs", "pub struct C;"),
        ];
        let modules = Modules::new(&files);
        let path = ["crate", "b", "C"].map(str::to_owned);
        let target = Resolver::new(&modules).resolve(1, &path).remove(0);
        let through: Vec<&str> = target.through.iter().map(|id| modules.modules[*id].file.as_str()).collect();
        assert_eq!(through, ["src/b.rs", "src/c.rs"]);
    }
}
