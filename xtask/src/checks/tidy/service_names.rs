//! The engine knows no name of the service under test: names come from the contract files alone.
//!
//! The names are read from those files too, so that a new member needs no entry here.
//! A name counts in any spelling: `ApplicationIdentifier` is also `application_identifier` and
//! `application-identifier`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use serde_json::Value;
use syn::visit::{self, Visit};

use super::problem::Problem;
use super::repository::{Repository, SourceFile, has_extension};
use super::syntax::{is_for_tests, parts};

const CONTRACTS: [&str; 2] = ["cases/contracts/page.json", "cases/contracts/model.json"];

/// The folders of the engine.
const ENGINE: [&str; 4] = ["cases/src/", "reports/src/", "snapshots/src/", "harness/src/"];

/// Not part of the engine, though in its folders: the provisioner, which calls the service's control plane.
const OTHERS: [&str; 1] = ["harness/src/provision"];

/// Names of the contract that any service may have. Single words need no entry: they never count.
const GENERIC: [&str; 6] = [
    "ContentType",
    "InternalServerException",
    "InvalidParameters",
    "ResourceType",
    "StringMap",
    "ThrottlingException",
];

const WHY: &str = "The engine works for any contract: names of the service come from \
                   cases/contracts, and only the mock and the provisioner spell them out.";

/// Checks the engine against the contract files.
pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    check_files(&repository.files)
}

fn check_files(files: &[SourceFile]) -> Vec<Problem> {
    let (names, mut problems) = read_contracts(files);
    // A file that does not parse is reported by another check.
    let engine: Vec<(&str, syn::File)> = files
        .iter()
        .filter(|file| is_engine(&file.path))
        .filter_map(|file| Some((file.path.as_str(), syn::parse_file(&file.text).ok()?)))
        .collect();
    let tests: BTreeSet<String> = engine.iter().flat_map(|(path, file)| test_files(path, file)).collect();
    for (path, file) in engine.iter().filter(|(path, _)| !tests.contains(*path)) {
        let mut search = Search { names: &names, found: Vec::new() };
        search.visit_file(file);
        problems.extend(search.found.into_iter().map(|(line, name)| Problem {
            place: format!("{path}:{line}"),
            what: format!("names `{name}`"),
            why: WHY,
        }));
    }
    problems
}

/// The names of all contracts, and what is wrong with the contract files.
fn read_contracts(files: &[SourceFile]) -> (Names, Vec<Problem>) {
    let mut names = Names::default();
    let mut problems = Vec::new();
    for path in CONTRACTS {
        let contract = files
            .iter()
            .find(|file| file.path == path)
            .ok_or_else(|| "is missing".to_owned())
            .and_then(|file| serde_json::from_str(&file.text).map_err(|error| format!("is no JSON: {error}")))
            .and_then(|contract: Value| names.read(&contract));
        if let Err(what) = contract {
            problems.push(Problem { place: path.to_owned(), what, why: WHY });
        }
    }
    (names, problems)
}

/// Whether a path is a Rust file of the engine.
fn is_engine(path: &str) -> bool {
    has_extension(path, "rs")
        && ENGINE.iter().any(|folder| path.starts_with(folder))
        && !OTHERS.iter().any(|other| path.starts_with(other))
}

/// The names of the contracts that only this service has.
#[derive(Default)]
struct Names {
    /// By their parts in lower case, joined.
    by_parts: BTreeMap<String, String>,
    uris: BTreeSet<String>,
}

impl Names {
    /// Adds the names of a Smithy model in its JSON AST.
    fn read(&mut self, contract: &Value) -> Result<(), String> {
        let shapes = contract["shapes"].as_object().ok_or("has no `shapes`")?;
        let (service, _) = shapes
            .iter()
            .find(|(_, shape)| shape["type"] == "service")
            .ok_or("has no shape of type `service`")?;
        // Shapes of other namespaces, such as traits of our own, are not names of the service.
        let (namespace, _) = service.split_once('#').ok_or("names its service without namespace")?;

        for (id, shape) in shapes {
            let Some(local) = id.strip_prefix(namespace).and_then(|it| it.strip_prefix('#')) else {
                continue;
            };
            let traits = &shape["traits"];
            if id == service {
                // Even a single word of these is the name of the service.
                let about = &traits["aws.api#service"];
                let signing = &traits["aws.auth#sigv4"]["name"];
                let own = ["sdkId", "arnNamespace", "endpointPrefix"].map(|key| &about[key]);
                for name in own.into_iter().chain([signing]).filter_map(Value::as_str) {
                    self.insert(name);
                }
                self.insert(local);
            } else {
                self.insert_unless_generic(local);
            }
            if let Some(uri) = traits["smithy.api#http"]["uri"].as_str() {
                let path = uri.split('?').next().unwrap_or(uri);
                if path != "/" {
                    self.uris.insert(path.to_owned());
                }
            }
            for (member, about) in shape["members"].as_object().into_iter().flatten() {
                self.insert_unless_generic(member);
                for binding in ["httpHeader", "httpQuery", "jsonName", "enumValue"] {
                    let binding = &about["traits"][format!("smithy.api#{binding}")];
                    binding.as_str().into_iter().for_each(|name| self.insert_unless_generic(name));
                }
            }
        }
        Ok(())
    }

    fn insert(&mut self, name: &str) {
        self.by_parts.insert(parts(name).concat(), name.to_owned());
    }

    fn insert_unless_generic(&mut self, name: &str) {
        let name_parts = parts(name);
        let is_generic = GENERIC.iter().any(|generic| parts(generic) == name_parts);
        if name_parts.len() > 1 && !is_generic {
            self.insert(name);
        }
    }

    /// The first name that is part of an identifier or of one word of a text.
    fn find_in_word(&self, word: &str) -> Option<&str> {
        let parts = parts(word);
        (0..parts.len())
            .flat_map(|start| (start + 1..=parts.len()).map(move |end| start..end))
            .find_map(|range| self.by_parts.get(&parts[range].concat()).map(String::as_str))
    }

    /// The first name in a text.
    fn find_in_text(&self, text: &str) -> Option<&str> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        text.split(|c| !is_part(c)).find_map(|word| self.find_in_word(word)).or_else(|| {
            let mut uris = self.uris.iter().map(String::as_str);
            uris.find(|uri| {
                text.match_indices(uri).any(|(at, _)| !text[at + uri.len()..].starts_with(is_part))
            })
        })
    }
}

/// The files of the modules that `file` declares for tests only: `#[cfg(test)] mod tests;`.
fn test_files(path: &str, file: &syn::File) -> Vec<String> {
    let path = Path::new(path);
    let stem = path.file_stem().unwrap_or_default();
    let parent = path.parent().unwrap_or(path);
    let folder =
        if stem == "lib" || stem == "main" || stem == "mod" { parent.to_owned() } else { parent.join(stem) };
    let modules = file.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_none() && is_for_tests(&module.attrs) => {
            Some(folder.join(format!("{}.rs", module.ident)).to_string_lossy().into_owned())
        }
        _ => None,
    });
    modules.collect()
}

/// Searches code and string literals, without comments and tests.
struct Search<'a> {
    names: &'a Names,
    /// Line and name.
    found: Vec<(usize, String)>,
}

impl Search<'_> {
    fn add(&mut self, span: Span, name: Option<&str>) {
        self.found.extend(name.map(|name| (span.start().line, name.to_owned())));
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if !attribute.path().is_ident("doc") {
            visit::visit_attribute(self, attribute);
        }
    }

    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.add(ident.span(), self.names.find_in_word(&ident.to_string()));
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.add(literal.span(), self.names.find_in_text(&literal.value()));
    }

    fn visit_lit_byte_str(&mut self, literal: &'ast syn::LitByteStr) {
        let text = String::from_utf8_lossy(&literal.value()).into_owned();
        self.add(literal.span(), self.names.find_in_text(&text));
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.search_tokens(tokens.clone());
    }
}

impl Search<'_> {
    /// Searches the tokens of a macro or an attribute, which have no syntax tree.
    fn search_tokens(&mut self, tokens: TokenStream) {
        let mut after_hash = false;
        for token in tokens {
            let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
            match token {
                TokenTree::Ident(ident) => self.visit_ident(&ident),
                TokenTree::Literal(literal) => self.search_literal(&literal),
                TokenTree::Group(group) if after_hash && is_doc(&group) => {}
                TokenTree::Group(group) => self.search_tokens(group.stream()),
                TokenTree::Punct(_) => {}
            }
            after_hash = is_hash;
        }
    }

    fn search_literal(&mut self, literal: &Literal) {
        match syn::Lit::new(literal.clone()) {
            syn::Lit::Str(literal) => self.visit_lit_str(&literal),
            syn::Lit::ByteStr(literal) => self.visit_lit_byte_str(&literal),
            _ => {}
        }
    }
}

/// Whether a group in brackets is `[doc = "…"]`: a doc comment in a macro.
fn is_doc(group: &proc_macro2::Group) -> bool {
    group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(it)) if it == "doc")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    const CONTRACT: &str = r#"{
        "smithy": "2.0",
        "shapes": {
            "example.bakery#Bakery": {
                "type": "service",
                "traits": {
                    "aws.api#service": {"sdkId": "Bakery Data"},
                    "aws.auth#sigv4": {"name": "bakery"}
                }
            },
            "example.bakery#BakeBread": {
                "type": "operation",
                "traits": {"smithy.api#http": {"method": "POST", "uri": "/oven?hot"}}
            },
            "example.bakery#ListBread": {
                "type": "operation",
                "traits": {"smithy.api#http": {"method": "GET", "uri": "/"}}
            },
            "example.bakery#Identifier": {"type": "string"},
            "example.bakery#BakeBreadRequest": {
                "type": "structure",
                "members": {
                    "FlourIdentifier": {"target": "example.bakery#Identifier"},
                    "ContentType": {
                        "target": "smithy.api#String",
                        "traits": {"smithy.api#httpHeader": "Content-Type"}
                    },
                    "Age": {
                        "target": "smithy.api#Integer",
                        "traits": {"smithy.api#httpQuery": "dough_age"}
                    }
                }
            },
            "boundstone#readsOnce": {"type": "structure", "members": {"onlyHere": {}}}
        }
    }"#;

    /// The names found in one engine file with this text.
    fn found(text: &str) -> Vec<String> {
        let files =
            [file(CONTRACTS[0], CONTRACT), file(CONTRACTS[1], CONTRACT), file("cases/src/a.rs", text)];
        check_files(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn name_in_literal_fails_in_any_spelling() {
        for literal in ["FlourIdentifier", "a: flour_identifier", "bake-bread/flour-identifier/max"] {
            let text = format!("//! Docs.\nconst A: &str = \"{literal}\";\n");
            assert_eq!(found(&text).len(), 1, "{literal}");
        }
        assert_eq!(
            found("//! Docs.\nconst A: &[u8] = b\"X-Dough-Age\";\n"),
            ["cases/src/a.rs:2: names `dough_age`"]
        );
    }

    #[test]
    fn name_in_code_fails() {
        assert_eq!(
            found("//! Docs.\nstruct BakeBread;\nfn f() { let dough_age = 1; }\n"),
            ["cases/src/a.rs:2: names `BakeBread`", "cases/src/a.rs:3: names `dough_age`"]
        );
    }

    #[test]
    fn name_in_macro_or_attribute_fails() {
        assert_eq!(
            found("//! Docs.\n#[serde(rename = \"FlourIdentifier\")]\nstruct A;\nm! { [\"dough_age\"] }\n"),
            ["cases/src/a.rs:2: names `FlourIdentifier`", "cases/src/a.rs:4: names `dough_age`"]
        );
    }

    #[test]
    fn service_name_fails_even_as_one_word() {
        assert_eq!(found("//! Docs.\nconst A: &str = \"the bakery\";\nmod bakery_data {}\n").len(), 2);
    }

    #[test]
    fn whole_uri_fails() {
        assert_eq!(
            found("//! Docs.\nconst A: &str = \"/oven?x\";\nconst B: &str = \"/ovens\";\n"),
            ["cases/src/a.rs:2: names `/oven`"]
        );
    }

    #[test]
    fn generic_names_and_single_words_pass() {
        let text = "//! Docs.\nstruct Identifier;\nfn content_type(age: u8) {}\n\
                    const A: &str = \"Content-Type Identifier / the dough age {flour}identifier\";\n\
                    fn only_here() {}\n";
        assert!(found(text).is_empty(), "{:?}", found(text));
    }

    #[test]
    fn comments_and_tests_pass() {
        let text = "//! About FlourIdentifier.\n\n// dough_age\n/// BakeBread\nfn f() {}\n\
                    m! {\n/// FlourIdentifier\nx }\n\
                    #[cfg(test)]\nmod tests { const A: &str = \"FlourIdentifier\"; }\n";
        assert!(found(text).is_empty(), "{:?}", found(text));
    }

    #[test]
    fn test_modules_in_own_file_pass() {
        let files = [
            file(CONTRACTS[0], CONTRACT),
            file(CONTRACTS[1], CONTRACT),
            file("cases/src/a.rs", "//! Docs.\n#[cfg(test)]\nmod examples;\nmod more;\n"),
            file("cases/src/a/examples.rs", "//! Docs.\nstruct BakeBread;\n"),
            file("cases/src/a/more.rs", "//! Docs.\nstruct BakeBread;\n"),
        ];
        let problems = check_files(&files);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].place, "cases/src/a/more.rs:2");
    }

    #[test]
    fn mock_provisioner_and_other_crates_pass() {
        let text = "//! Docs.\nstruct BakeBread;\n";
        let files = [
            file(CONTRACTS[0], CONTRACT),
            file(CONTRACTS[1], CONTRACT),
            file("harness/mock/src/session.rs", text),
            file("harness/src/provision.rs", text),
            file("harness/src/provision/create.rs", text),
            file("harness/tests/session.rs", text),
            file("xtask/src/main.rs", text),
        ];
        assert!(check_files(&files).is_empty());
    }

    #[test]
    fn missing_or_broken_contract_fails() {
        let problems = check_files(&[file(CONTRACTS[1], "{")]);
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0].what, "is missing");
        assert!(problems[1].what.starts_with("is no JSON"));
        let problems = check_files(&[file(CONTRACTS[0], CONTRACT), file(CONTRACTS[1], r#"{"shapes":{}}"#)]);
        assert_eq!(problems[0].what, "has no shape of type `service`");
    }
}
