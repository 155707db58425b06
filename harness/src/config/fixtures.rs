//! Reads the fixtures file, which names resources that exist on the target.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cases::contract::{Contract, Identifies, Member};
use cases::fixture::{Fixture, Resource};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::identifier::Identifier;
use crate::config::nearest::nearest;
use crate::config::toml_error::{Entry, Position, describe, entries_in_order, type_name};
use crate::config::user_file::{FileError, read_regular_file, read_text, resolve};
use crate::limits::MAX_BODY;

/// The extensions of content files. A text with one of them is a file name.
const CONTENT_EXTENSIONS: [&str; 11] =
    ["json", "yaml", "yml", "toml", "xml", "txt", "properties", "conf", "cfg", "ini", "bin"];

/// A fixtures file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixturesError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// The file is not TOML.
    #[error("{}:{problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, after its line and column.
        problem: String,
    },
    /// A line does not have what the contract needs.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what to write instead.
        problem: String,
    },
}

/// Reads the fixtures of a contract from a file, and the content files that it names.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn read(path: &Path, contract: &Contract) -> Result<Vec<Fixture>, FixturesError> {
    let text = read_text(path).map_err(|problem| {
        FileError::of_setting("fixtures", path, problem)
            .with_remedy("`boundstone provision` and `boundstone serve` print such a file")
    })?;
    parse(&text, path, contract)
}

/// Reads the fixtures of a contract from a text, and the content files that it names. Errors call the text
/// `path`; the names of files are relative to the folder of `path`.
///
/// # Errors
/// What is wrong with the text or one of the files, and where.
pub fn parse(text: &str, path: &Path, contract: &Contract) -> Result<Vec<Fixture>, FixturesError> {
    let file = DeTable::parse(text)
        .map_err(|error| FixturesError::Syntax { path: path.to_owned(), problem: describe(text, &error) })?;
    let reader = Reader { path, members: members(contract), contract };
    reader.read_file(file.get_ref()).map_err(|Invalid { at, problem }| FixturesError::Line {
        path: path.to_owned(),
        line: Position::of(text, at).line,
        problem,
    })
}

/// Renders the fixtures as a text that [`parse`] reads. Content that is not UTF-8 is left out.
pub fn render(fixtures: &[Fixture]) -> String {
    fixtures.iter().map(render_fixture).collect::<Vec<_>>().join("\n")
}

fn render_fixture(fixture: &Fixture) -> String {
    let resources = fixture.resources.iter().map(|(key, resource)| {
        let forms = [("id", &resource.id), ("name", &resource.name)];
        let given = forms.into_iter().filter_map(|(form, text)| Some((form, text.as_deref()?)));
        let names: Vec<String> = given.map(|(form, text)| format!("{form} = {}", quoted(text))).collect();
        format!("{key} = {{ {} }}\n", names.join(", "))
    });
    let contents = fixture.contents.iter().filter_map(|(key, content)| {
        Some(format!("{key} = {}\n", quoted(std::str::from_utf8(content).ok()?)))
    });
    format!("[[resource]]\n{}", resources.chain(contents).collect::<String>())
}

fn quoted(text: &str) -> toml::Value {
    toml::Value::String(text.to_owned())
}

/// The input members that name resources, each with its rule.
fn members(contract: &Contract) -> Vec<(&Member, &Identifies)> {
    let inputs = contract.operations.iter().flat_map(|operation| &operation.input);
    inputs.filter_map(|member| Some((member, member.rules.identifies.as_ref()?))).collect()
}

/// What is wrong with a value, and the offset of its first byte.
struct Invalid {
    at: usize,
    problem: String,
}

impl Invalid {
    fn at<T>(place: &Spanned<T>, problem: impl Into<String>) -> Self {
        Self { at: place.span().start, problem: problem.into() }
    }
}

/// Reads a file that is valid TOML.
struct Reader<'a> {
    path: &'a Path,
    members: Vec<(&'a Member, &'a Identifies)>,
    contract: &'a Contract,
}

impl Reader<'_> {
    fn read_file(&self, file: &DeTable<'_>) -> Result<Vec<Fixture>, Invalid> {
        let mut fixtures = Vec::new();
        for (key, value) in entries_in_order(file) {
            if key.get_ref() != "resource" {
                return Err(self.misplaced(key));
            }
            let DeValue::Array(entries) = value.get_ref() else {
                let problem = "`resource` is not a list; each resource begins with a line `[[resource]]`";
                return Err(Invalid::at(key, problem));
            };
            for entry in entries {
                let DeValue::Table(table) = entry.get_ref() else {
                    let is = type_name(entry.get_ref());
                    let problem = format!("a resource is {is}; a table `[[resource]]` is expected");
                    return Err(Invalid::at(entry, problem));
                };
                fixtures.push(self.read_fixture(entry.span().start, table)?);
            }
        }
        Ok(fixtures)
    }

    /// The problem of a key outside of a resource.
    fn misplaced(&self, key: &Spanned<Cow<'_, str>>) -> Invalid {
        let name = key.get_ref();
        Invalid::at(
            key,
            if self.keys().contains(name.as_ref()) {
                format!("`{name}` is outside of a resource; put a line `[[resource]]` before it")
            } else {
                format!("unknown key `{name}`; each resource begins with a line `[[resource]]`")
            },
        )
    }

    /// The kinds of resources that an entry names.
    fn kinds(&self) -> BTreeSet<&str> {
        self.members.iter().map(|(_, rule)| rule.resource.as_str()).collect()
    }

    /// The kinds of content that an entry may have.
    fn contents(&self) -> BTreeSet<&str> {
        let outputs = self.contract.operations.iter().flat_map(|operation| &operation.output);
        outputs.filter_map(|member| Some(member.rules.content.as_ref()?.of.as_str())).collect()
    }

    fn keys(&self) -> BTreeSet<&str> {
        &self.kinds() | &self.contents()
    }

    fn read_fixture(&self, at: usize, entry: &DeTable<'_>) -> Result<Fixture, Invalid> {
        let mut fixture = Fixture::default();
        for (key, value) in entries_in_order(entry) {
            let name = key.get_ref().as_ref();
            if self.kinds().contains(name) {
                fixture.resources.insert(name.to_owned(), read_resource((key, value))?);
            } else if self.contents().contains(name) {
                fixture.contents.insert(name.to_owned(), self.read_content((key, value))?);
            } else {
                return Err(unknown(key, &self.keys(), "is no part of a resource"));
            }
        }
        if let Some(missing) = self.kinds().into_iter().find(|kind| !fixture.resources.contains_key(*kind)) {
            let problem =
                format!("`{missing}` is missing; write {missing} = {{ id = \"…\" }}, or its `name`");
            return Err(Invalid { at, problem });
        }
        for (key, value) in entries_in_order(entry) {
            self.check_identifiers(&fixture.resources, (key, value))?;
        }
        Ok(fixture)
    }

    /// Checks the ids and names of a resource.
    fn check_identifiers(
        &self,
        resources: &BTreeMap<String, Resource>,
        (key, value): Entry<'_, '_>,
    ) -> Result<(), Invalid> {
        let kind = key.get_ref().as_ref();
        let Some((_, rule)) = self.members.iter().find(|(_, rule)| rule.resource == kind) else {
            return Ok(());
        };
        let DeValue::Table(forms) = value.get_ref() else { return Ok(()) };
        let parent = rule.within.as_deref();
        let parent_id =
            parent.and_then(|parent| resources.get(parent)).and_then(|resource| resource.id.as_deref());
        for (form, text) in entries_in_order(forms) {
            let identifier = Identifier {
                kind,
                form: form.get_ref().as_ref(),
                text: text.get_ref().as_str().unwrap_or_default(),
                parent,
                parent_id,
                is_only_form: forms.len() == 1,
            };
            let bounds = self.members.iter().filter(|(_, rule)| rule.resource == kind);
            let bounds = bounds.map(|(member, _)| &member.constraints);
            if let Some(problem) = identifier.problem(&self.contract.name, bounds) {
                return Err(Invalid::at(text, problem));
            }
        }
        Ok(())
    }

    /// The content of an entry, which may be in a file that it names.
    fn read_content(&self, (key, value): Entry<'_, '_>) -> Result<Vec<u8>, Invalid> {
        let name = key.get_ref();
        let expected = "the text itself or { file = \"…\" } is expected";
        match value.get_ref() {
            DeValue::String(text) if self.is_file_name(text) => Err(Invalid::at(
                value,
                format!(
                    "`{name}` is the name of a file and not its content; write {name} = {{ file = {} }}",
                    quoted(text)
                ),
            )),
            DeValue::String(text) => Ok(text.as_bytes().to_vec()),
            DeValue::Table(table) => {
                if let Some(other) = table.keys().find(|key| key.get_ref() != "file") {
                    let problem = format!("unknown key `{}` of `{name}`; {expected}", other.get_ref());
                    return Err(Invalid::at(other, problem));
                }
                match table.get("file") {
                    Some(file) => self.read_content_file(name, file, expected),
                    None => Err(Invalid::at(value, format!("`{name}` names no file; {expected}"))),
                }
            }
            other => Err(Invalid::at(value, format!("`{name}` is {}; {expected}", type_name(other)))),
        }
    }

    /// The content of the file that the value `file` names.
    fn read_content_file(
        &self,
        name: &str,
        file: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> Result<Vec<u8>, Invalid> {
        let path = match file.get_ref().as_str() {
            Some(path) if !path.trim().is_empty() => resolve(self.path, path),
            Some(_) => {
                return Err(Invalid::at(file, format!("the `file` of `{name}` has no name; {expected}")));
            }
            None => {
                let is = type_name(file.get_ref());
                let problem = format!("the `file` of `{name}` is {is}; its name in quotes is expected");
                return Err(Invalid::at(file, problem));
            }
        };
        read_regular_file(&path, MAX_BODY as u64).map_err(|problem| {
            let shown = path.display();
            let remedy = "names are relative to the folder of this file";
            Invalid::at(file, format!("the `file` of `{name}`, {shown}: {problem}; {remedy}"))
        })
    }

    /// Whether a text is a file name rather than content: such a file exists, or the text has the extension
    /// of a content file.
    fn is_file_name(&self, text: &str) -> bool {
        if text.is_empty() || text.len() > 255 || !text.chars().all(is_file_name_character) {
            return false;
        }
        let extension = Path::new(text).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|it| CONTENT_EXTENSIONS.contains(&it.to_ascii_lowercase().as_str()))
            || resolve(self.path, text).is_file()
    }
}

fn is_file_name_character(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"{}[]<>\"'=,;:*?|".contains(c)
}

/// The problem of an unknown key.
fn unknown(key: &Spanned<Cow<'_, str>>, known: &BTreeSet<&str>, what: &str) -> Invalid {
    let name = key.get_ref();
    let near = nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
    let all = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    Invalid::at(key, format!("`{name}` {what}{} (one of {all})", near.unwrap_or_default()))
}

/// Reads the id and the name of a resource.
fn read_resource((key, value): Entry<'_, '_>) -> Result<Resource, Invalid> {
    let kind = key.get_ref();
    let expected = "{ id = \"…\" }, { name = \"…\" } or both are expected";
    let DeValue::Table(forms) = value.get_ref() else {
        return Err(Invalid::at(value, format!("`{kind}` is {}; {expected}", type_name(value.get_ref()))));
    };
    let mut resource = Resource::default();
    for (form, text) in entries_in_order(forms) {
        let slot = match form.get_ref().as_ref() {
            "id" => &mut resource.id,
            "name" => &mut resource.name,
            _ => {
                let what = format!("is no part of `{kind}`");
                return Err(unknown(form, &BTreeSet::from(["id", "name"]), &what));
            }
        };
        let Some(text) = text.get_ref().as_str() else {
            let (form, is) = (form.get_ref(), type_name(text.get_ref()));
            return Err(Invalid::at(text, format!("the `{form}` of `{kind}` is {is}; put it in quotes")));
        };
        *slot = Some(text.to_owned());
    }
    if resource.id.is_none() && resource.name.is_none() {
        return Err(Invalid::at(key, format!("`{kind}` needs an `id` or a `name`")));
    }
    Ok(resource)
}

#[cfg(test)]
mod tests;
