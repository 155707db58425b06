//! Reads the file that names resources which exist on the target.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cases::contract::Contract;
use cases::fixture::{Fixture, Part};
use serde::Deserialize;

use crate::located::located;

/// A fixtures file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixturesError {
    /// The file cannot be read.
    #[error("--fixtures {}: {error}; `boundstone provision` and `boundstone serve` print such a file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file is not TOML of the expected form.
    #[error("--fixtures {}: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        problem: String,
    },
    /// An entry does not say what the contract needs.
    #[error("--fixtures {}: resource {number}: {problem}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The number of the entry, from 1.
        number: usize,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    resource: Vec<BTreeMap<String, toml::Value>>,
}

/// Reads the fixtures of a contract from a file.
pub fn read(path: &Path, contract: &Contract) -> Result<Vec<Fixture>, FixturesError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| FixturesError::Unreadable { path: path.to_owned(), error })?;
    Ok(with_files(parse(&text, path, contract)?, path))
}

/// The same fixtures, but that content which names a file beside `path` is what the file holds.
pub(crate) fn with_files(mut fixtures: Vec<Fixture>, path: &Path) -> Vec<Fixture> {
    for content in fixtures.iter_mut().flat_map(|fixture| fixture.contents.values_mut()) {
        let file = std::str::from_utf8(content).map(|name| path.with_file_name("").join(name));
        if let Some(bytes) = file.ok().and_then(|file| std::fs::read(file).ok()) {
            *content = bytes;
        }
    }
    fixtures
}

/// Reads the fixtures of a contract from a text, which errors call `path`. Content is what stands there.
pub fn parse(text: &str, path: &Path, contract: &Contract) -> Result<Vec<Fixture>, FixturesError> {
    let syntax = |error| FixturesError::Syntax { path: path.to_owned(), problem: located(text, &error) };
    let file: File = toml::from_str(text).map_err(syntax)?;
    let resources: Vec<&str> = contract
        .operations
        .iter()
        .flat_map(|operation| &operation.input)
        .filter_map(|member| member.rules.identifies.as_ref().map(|rule| rule.resource.as_str()))
        .collect();
    let contents: Vec<&str> = contract
        .operations
        .iter()
        .flat_map(|operation| &operation.output)
        .filter_map(|member| member.rules.content.as_ref().map(|rule| rule.of.as_str()))
        .collect();
    (1..)
        .zip(file.resource)
        .map(|(number, entry)| {
            fixture(entry, &resources, &contents).map_err(|problem| FixturesError::Entry {
                path: path.to_owned(),
                number,
                problem,
            })
        })
        .collect()
}

/// The fixtures as a text that [`parse`] reads. Content that is not text is left out.
pub fn render(fixtures: &[Fixture]) -> String {
    let entry = |fixture: &Fixture| {
        let parts = fixture.parts.iter().map(|(key, part)| {
            let (id, name) =
                (part.id.iter().map(|id| ("id", id)), part.name.iter().map(|name| ("name", name)));
            let names = id.chain(name).map(|(form, text)| format!("{form} = {}", quoted(text)));
            format!("{key} = {{ {} }}\n", names.collect::<Vec<_>>().join(", "))
        });
        let contents = fixture.contents.iter().filter_map(|(key, content)| {
            Some(format!("{key} = {}\n", quoted(std::str::from_utf8(content).ok()?)))
        });
        format!("[[resource]]\n{}", parts.chain(contents).collect::<String>())
    };
    fixtures.iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> toml::Value {
    toml::Value::String(text.to_owned())
}

fn fixture(
    entry: BTreeMap<String, toml::Value>,
    resources: &[&str],
    contents: &[&str],
) -> Result<Fixture, String> {
    let mut fixture = Fixture::default();
    for (key, value) in entry {
        if resources.contains(&key.as_str()) {
            let part: Part = value.try_into().map_err(|error: toml::de::Error| {
                format!("`{key}`: {}; {{ id = \"…\", name = \"…\" }} is expected", error.message())
            })?;
            if part.id.is_none() && part.name.is_none() {
                return Err(format!("`{key}` has neither id nor name"));
            }
            fixture.parts.insert(key, part);
        } else if contents.contains(&key.as_str()) {
            let toml::Value::String(text) = value else {
                return Err(format!("`{key}` is not a string: a file or the text itself is expected"));
            };
            fixture.contents.insert(key, text.into_bytes());
        } else {
            let known = [resources, contents].concat().join(", ");
            return Err(format!("`{key}` is no part of a resource; the parts are {known}"));
        }
    }
    match resources.iter().find(|resource| !fixture.parts.contains_key(**resource)) {
        Some(missing) => Err(format!("`{missing}` is missing")),
        None => Ok(fixture),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Fixture>, String> {
        parse(text, Path::new("dir/fixtures.toml"), &Contract::model().unwrap())
            .map_err(|error| error.to_string())
    }

    const GOOD: &str = r#"
        [[resource]]
        application = { id = "abc1234", name = "demo" }
        environment = { name = "test" }
        profile = { id = "prof123" }
        configuration = "{}"
    "#;

    #[test]
    fn parts_and_content_are_read() {
        let fixtures = read(GOOD).unwrap();
        assert_eq!(fixtures[0].parts["application"].id.as_deref(), Some("abc1234"));
        assert_eq!(fixtures[0].parts["profile"].name, None);
        assert_eq!(fixtures[0].contents["configuration"], b"{}");
    }

    #[test]
    fn what_is_rendered_is_read_again() {
        let mut fixtures = read(GOOD).unwrap();
        fixtures[0].parts.get_mut("environment").unwrap().name = Some("\"größe\" \\ 🚀".to_owned());
        fixtures.push(Fixture {
            contents: [("configuration".to_owned(), b"retries: 3\nname: \"x\"\n".to_vec())].into(),
            ..fixtures[0].clone()
        });
        let text = render(&fixtures);
        assert!(
            text.starts_with("[[resource]]\napplication = { id = \"abc1234\", name = \"demo\" }\n"),
            "{text}"
        );
        assert_eq!(read(&text).unwrap(), fixtures);
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        for (from, to, part) in [
            ("profile = { id = \"prof123\" }", "", "dir/fixtures.toml: resource 1: `profile` is missing"),
            ("profile =", "profil =", "resource 1: `profil` is no part of a resource"),
            ("{ name = \"test\" }", "{}", "resource 1: `environment` has neither id nor name"),
            ("{ name = \"test\" }", "{ nme = \"test\" }", "resource 1: `environment`: unknown field `nme`"),
            ("{ name = \"test\" }", "\"test\"", "resource 1: `environment`: "),
            ("\"{}\"", "5", "resource 1: `configuration` is not a string"),
            ("[[resource]]", "[[resorce]]", "unknown field `resorce`"),
            ("[[resource]]", "[[resource", "dir/fixtures.toml: line 2, column "),
        ] {
            let error = read(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.starts_with("--fixtures dir/fixtures.toml: "), "{error}");
            assert!(error.contains(part.trim_start_matches("dir/fixtures.toml: ")), "{error}");
        }
    }
}
