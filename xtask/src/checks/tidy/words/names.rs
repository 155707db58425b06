//! The names that a Rust file defines. Names that it only uses may be those of other people.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A name and where it is defined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// What a name names, as far as rules differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Constant,
    Module,
    Type,
    Other,
}

/// The names that the text of a Rust file defines; none if it does not parse.
pub(super) fn names(text: &str) -> Vec<Name> {
    let mut collector = Collector { names: Vec::new() };
    if let Ok(file) = syn::parse_file(text) {
        collector.visit_file(&file);
    }
    collector.names
}

struct Collector {
    names: Vec<Name>,
}

impl Collector {
    fn add(&mut self, ident: &Ident, kind: Kind) {
        self.names.push(Name { text: ident.to_string(), line: ident.span().start().line, kind });
    }

    /// Adds the names that follow a keyword in the tokens of a macro.
    fn add_from_tokens(&mut self, tokens: TokenStream) {
        let mut keyword = String::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if ident == "mut" => {}
                TokenTree::Ident(ident) => {
                    let previous = std::mem::replace(&mut keyword, ident.to_string());
                    if let Some(kind) = keyword_kind(&previous)
                        && keyword_kind(&keyword).is_none()
                    {
                        self.add(&ident, kind);
                    }
                }
                TokenTree::Group(group) => {
                    self.add_from_tokens(group.stream());
                    keyword.clear();
                }
                _ => keyword.clear(),
            }
        }
    }
}

/// What the keyword in front of a name makes of it.
fn keyword_kind(keyword: &str) -> Option<Kind> {
    match keyword {
        "const" | "static" => Some(Kind::Constant),
        "mod" => Some(Kind::Module),
        "struct" | "enum" | "type" | "trait" => Some(Kind::Type),
        "fn" | "let" => Some(Kind::Other),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Const(it) => Some((&it.ident, Kind::Constant)),
            syn::Item::Static(it) => Some((&it.ident, Kind::Constant)),
            syn::Item::Mod(it) => Some((&it.ident, Kind::Module)),
            syn::Item::Fn(it) => Some((&it.sig.ident, Kind::Other)),
            syn::Item::Struct(it) => Some((&it.ident, Kind::Type)),
            syn::Item::Enum(it) => Some((&it.ident, Kind::Type)),
            syn::Item::Union(it) => Some((&it.ident, Kind::Type)),
            syn::Item::Type(it) => Some((&it.ident, Kind::Type)),
            syn::Item::Trait(it) => Some((&it.ident, Kind::Type)),
            syn::Item::Macro(it) => it.ident.as_ref().map(|ident| (ident, Kind::Other)),
            _ => None,
        };
        if let Some((ident, kind)) = name {
            self.add(ident, kind);
        }
        visit::visit_item(self, item);
    }

    /// The items of a trait for a type have the names that the trait gives them.
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        for it in item.items.iter().filter(|_| item.trait_.is_none()) {
            match it {
                syn::ImplItem::Const(it) => self.add(&it.ident, Kind::Constant),
                syn::ImplItem::Fn(it) => self.add(&it.sig.ident, Kind::Other),
                syn::ImplItem::Type(it) => self.add(&it.ident, Kind::Type),
                _ => {}
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        match item {
            syn::TraitItem::Const(it) => self.add(&it.ident, Kind::Constant),
            syn::TraitItem::Fn(it) => self.add(&it.sig.ident, Kind::Other),
            syn::TraitItem::Type(it) => self.add(&it.ident, Kind::Type),
            _ => {}
        }
        visit::visit_trait_item(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.add(&variant.ident, Kind::Other);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(ident) = &field.ident {
            self.add(ident, Kind::Other);
        }
        visit::visit_field(self, field);
    }

    /// Without the short form `Type { field }`, which uses the name of a field.
    fn visit_field_pat(&mut self, field: &'ast syn::FieldPat) {
        if field.colon_token.is_some() {
            visit::visit_field_pat(self, field);
        }
    }

    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        // A constant or a variant is used in a pattern, not defined.
        if !pattern.ident.to_string().starts_with(char::is_uppercase) {
            self.add(&pattern.ident, Kind::Other);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_generic_param(&mut self, parameter: &'ast syn::GenericParam) {
        match parameter {
            syn::GenericParam::Type(it) => self.add(&it.ident, Kind::Type),
            syn::GenericParam::Const(it) => self.add(&it.ident, Kind::Constant),
            syn::GenericParam::Lifetime(it) => self.add(&it.lifetime.ident, Kind::Other),
        }
        visit::visit_generic_param(self, parameter);
    }

    fn visit_use_rename(&mut self, rename: &'ast syn::UseRename) {
        self.add(&rename.rename, Kind::Other);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.add_from_tokens(invocation.tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defined(text: &str) -> Vec<String> {
        names(text).into_iter().map(|name| name.text).collect()
    }

    #[test]
    fn definitions_are_found() {
        let text = "mod a { const B: u8 = 1; struct C<'d, E> { f: u8 } enum G { H } }\n\
                    fn i(j: u8) { let (k, mut l) = (1, 2); for m in 0..1 {} |n| n; }\n\
                    impl C { fn o() {} } trait P { fn q(); } use x::y as r;";
        let mut found = defined(text);
        found.sort();
        let mut expected: Vec<String> =
            "a B C d E f G H i j k l m n o P q r".split(' ').map(str::to_owned).collect();
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn uses_are_no_definitions() {
        let text = "use a::b; fn f() { c::d(); e.g(); let S { h } = i else { return }; }\n\
                    impl T for U { fn j() {} }";
        assert_eq!(defined(text), ["f"]);
    }

    #[test]
    fn definitions_in_macros_are_found() {
        let text = "m! { fn a() { let mut b = c; let d = 1; } const E: u8 = 2; const fn f() {} }";
        assert_eq!(defined(text), ["a", "b", "d", "E", "f"]);
    }

    #[test]
    fn kinds_and_lines_are_told_apart() {
        let found = names("\nmod a {}\nconst B: u8 = 1;\n");
        let expected = [
            Name { text: "a".into(), line: 2, kind: Kind::Module },
            Name { text: "B".into(), line: 3, kind: Kind::Constant },
        ];
        assert_eq!(found, expected);
    }
}
