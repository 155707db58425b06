//! What one module defines, imports and names, read from its syntax tree.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, UseTree};

/// A module by itself, without the modules inside it.
#[derive(Default)]
pub(super) struct Scope {
    /// The names of the items that it defines.
    pub(super) items: BTreeSet<String>,
    /// What it imports, by the name that it has here.
    pub(super) imports: BTreeMap<String, Vec<Path>>,
    /// The paths before `::*`.
    pub(super) globs: Vec<Reference>,
    /// Every path of more than one part, in imports and elsewhere.
    pub(super) references: Vec<Reference>,
    /// Every identifier.
    pub(super) identifiers: BTreeSet<String>,
}

/// The parts of a path such as `crate::a::B`.
pub(super) type Path = Vec<String>;

/// A path and where it is.
pub(super) struct Reference {
    pub(super) path: Path,
    /// Counted from 1.
    pub(super) line: usize,
}

impl Scope {
    /// Reads the items of a module.
    pub(super) fn new(items: &[Item]) -> Self {
        let mut scope = Self::default();
        for item in items {
            scope.items.extend(item_name(item).map(ToString::to_string));
            scope.visit_item(item);
        }
        scope
    }

    fn add_use(&mut self, tree: &UseTree, prefix: &[String]) {
        let longer = |ident: &Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(it) => self.add_use(&it.tree, &longer(&it.ident)),
            UseTree::Group(it) => it.items.iter().for_each(|tree| self.add_use(tree, prefix)),
            UseTree::Glob(it) => {
                let line = it.star_token.spans[0].start().line;
                self.globs.push(Reference { path: prefix.to_vec(), line });
            }
            UseTree::Name(it) if it.ident == "self" => {
                let name = prefix.last().cloned().unwrap_or_default();
                self.add_import(prefix.to_vec(), name, it.ident.span().start().line);
            }
            UseTree::Name(it) => {
                self.add_import(longer(&it.ident), it.ident.to_string(), it.ident.span().start().line);
            }
            UseTree::Rename(it) => {
                let path = if it.ident == "self" { prefix.to_vec() } else { longer(&it.ident) };
                self.add_import(path, it.rename.to_string(), it.ident.span().start().line);
            }
        }
    }

    fn add_import(&mut self, path: Path, name: String, line: usize) {
        self.imports.entry(name).or_default().push(path.clone());
        self.references.push(Reference { path, line });
    }

    /// Adds the paths in the tokens of a macro or an attribute.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = TokenPath::default();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    self.identifiers.insert(ident.to_string());
                    if !path.accepts(&ident) {
                        self.references.extend(std::mem::take(&mut path).finish());
                        path = TokenPath::start(&ident);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => path.colons += 1,
                TokenTree::Group(group) => {
                    self.references.extend(std::mem::take(&mut path).finish());
                    self.add_tokens(group.stream());
                }
                _ => self.references.extend(std::mem::take(&mut path).finish()),
            }
        }
        self.references.extend(path.finish());
    }

    /// Adds the paths that attributes of serde give as strings.
    fn add_literals(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.add_literals(group.stream()),
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal)
                        && let Ok(path) = text.parse::<syn::Path>()
                    {
                        let line = text.span().start().line;
                        let path: Path = path.segments.iter().map(|part| part.ident.to_string()).collect();
                        self.references.extend((path.len() > 1).then_some(Reference { path, line }));
                    }
                }
                _ => {}
            }
        }
    }
}

/// A path that is being read from tokens.
#[derive(Default)]
struct TokenPath {
    parts: Path,
    line: usize,
    /// The colons since the last part.
    colons: usize,
}

impl TokenPath {
    fn start(ident: &Ident) -> Self {
        Self { parts: vec![ident.to_string()], line: ident.span().start().line, colons: 0 }
    }

    /// Adds a part if it continues the path.
    fn accepts(&mut self, ident: &Ident) -> bool {
        let continues = !self.parts.is_empty() && self.colons == 2;
        if continues {
            self.parts.push(ident.to_string());
            self.colons = 0;
        }
        continues
    }

    fn finish(self) -> Option<Reference> {
        (self.parts.len() > 1).then_some(Reference { path: self.parts, line: self.line })
    }
}

impl<'ast> Visit<'ast> for Scope {
    /// A module inside this one has a scope of its own.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.add_use(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let line = path.segments[0].ident.span().start().line;
            let path = path.segments.iter().map(|part| part.ident.to_string()).collect();
            self.references.push(Reference { path, line });
        }
        visit::visit_path(self, path);
    }

    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.identifiers.insert(ident.to_string());
    }

    /// `pub(in crate::a)` names a module but needs nothing of it.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        visit::visit_macro(self, invocation);
        self.add_tokens(invocation.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
            if attribute.path().is_ident("serde") {
                self.add_literals(list.tokens.clone());
            }
        }
    }
}

fn item_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(it) => Some(&it.ident),
        Item::Enum(it) => Some(&it.ident),
        Item::Fn(it) => Some(&it.sig.ident),
        Item::Macro(it) => it.ident.as_ref(),
        Item::Static(it) => Some(&it.ident),
        Item::Struct(it) => Some(&it.ident),
        Item::Trait(it) => Some(&it.ident),
        Item::TraitAlias(it) => Some(&it.ident),
        Item::Type(it) => Some(&it.ident),
        Item::Union(it) => Some(&it.ident),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::new(&syn::parse_file(text).unwrap().items)
    }

    fn references(text: &str) -> Vec<String> {
        let references = scope(text).references.into_iter();
        references.map(|it| format!("{}:{}", it.path.join("::"), it.line)).collect()
    }

    #[test]
    fn use_trees_are_flattened() {
        let read = scope("use crate::a::{self, B, c::D as E, f::*};\nuse ::std::fmt;\n");
        let names: Vec<&String> = read.imports.keys().collect();
        assert_eq!(names, ["B", "E", "a"]);
        assert_eq!(read.imports["E"], [["crate", "a", "c", "D"]]);
        assert_eq!(read.globs[0].path, ["crate", "a", "f"]);
    }

    #[test]
    fn inline_paths_are_found() {
        let text = "fn f(x: crate::a::X) -> Vec<super::Y> { super::b::c(|| self::d::e()) }\n\
                    fn g() { use crate::h; }\n";
        assert_eq!(
            references(text),
            ["crate::a::X:1", "super::Y:1", "super::b::c:1", "self::d::e:1", "crate::h:2"]
        );
    }

    #[test]
    fn paths_in_macros_and_attributes_are_found() {
        let text = "fn f() { assert!(crate::a::b() == a::B::<u8>::new() && x.y()); }\n\
                    #[arg(parse = super::c)] #[serde(with = \"crate::d\")] struct S;\n";
        assert_eq!(references(text), ["crate::a::b:1", "a::B:1", "super::c:2", "crate::d:2"]);
    }

    #[test]
    fn inner_modules_and_visibility_are_left_out() {
        let text = "mod a { use crate::b::C; }\npub(in crate::d) fn f() {}\n";
        assert_eq!(references(text), [""; 0]);
        assert_eq!(scope(text).items.into_iter().collect::<Vec<_>>(), ["f"]);
    }
}
