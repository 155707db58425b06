//! Every Rust file: it says what it is for and has no unsafe code.

use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};
use syn::AttrStyle;

use super::problem::Problem;
use super::repository::{Repository, SourceFile, has_extension};

/// Checks every Rust file.
pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    check_files(&repository.files)
}

fn check_files(files: &[SourceFile]) -> Vec<Problem> {
    files.iter().filter(|file| has_extension(&file.path, "rs")).flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<Problem> {
    let parsed = match syn::parse_file(&file.text) {
        Ok(parsed) => parsed,
        Err(error) => {
            return vec![Problem {
                place: format!("{}:{}", file.path, error.span().start().line),
                what: format!("does not parse: {error}"),
                why: "The other checks read the syntax tree.",
            }];
        }
    };
    let mut problems = Vec::new();
    if !parsed.attrs.iter().any(is_module_doc) {
        problems.push(Problem {
            place: format!("{}:1", file.path),
            what: "has no `//!` comment".to_owned(),
            why: "Each file is one idea, and its first line says which.",
        });
    }
    let tokens = TokenStream::from_str(&file.text).unwrap_or_default();
    for line in unsafe_lines(tokens) {
        problems.push(Problem {
            place: format!("{}:{line}", file.path),
            what: "has `unsafe`".to_owned(),
            why: "Nothing here needs it, and code that reads the responses of an untrusted server must not \
                  have it.",
        });
    }
    problems
}

/// Whether the attribute is a `//!` comment.
fn is_module_doc(attribute: &syn::Attribute) -> bool {
    matches!(attribute.style, AttrStyle::Inner(_)) && attribute.path().is_ident("doc")
}

/// The lines with the keyword `unsafe`, in macros too.
fn unsafe_lines(tokens: TokenStream) -> Vec<usize> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) if ident == "unsafe" => vec![ident.span().start().line],
            TokenTree::Group(group) => unsafe_lines(group.stream()),
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    fn problems(text: &str) -> Vec<String> {
        check_files(&[file("cases/src/a.rs", text)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn documented_safe_file_passes() {
        // `unsafe` in a comment, a string or a longer name is not the keyword.
        let text = "//! Does this.\n\n#![deny(unsafe_code)]\n// unsafe\nconst A: &str = \"unsafe\";\n";
        assert!(problems(text).is_empty(), "{:?}", problems(text));
    }

    #[test]
    fn other_files_are_not_read() {
        assert!(check_files(&[file("README.md", "unsafe")]).is_empty());
    }

    #[test]
    fn missing_module_comment_fails() {
        let text = "/// Documents `A`.\nconst A: u8 = 1;\n";
        assert_eq!(problems(text), ["cases/src/a.rs:1: has no `//!` comment"]);
    }

    #[test]
    fn unsafe_fails_in_items_and_macros() {
        let text = "//! Docs.\nunsafe fn f() {}\nfn g() {\n    m!(unsafe { 1 });\n}\n";
        assert_eq!(problems(text), ["cases/src/a.rs:2: has `unsafe`", "cases/src/a.rs:4: has `unsafe`"]);
    }

    #[test]
    fn invalid_rust_fails() {
        let found = problems("//! Docs.\nfn {");
        assert!(found[0].starts_with("cases/src/a.rs:2: does not parse"), "{found:?}");
    }
}
