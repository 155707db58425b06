//! Reads the file that names resources which exist on the target.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cases::contract::{Contract, Identifies, Member};
use cases::fixture::{Fixture, Part};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::identifier::Identifier;
use crate::config::nearest::nearest;
use crate::config::toml_error::{Entry, Place, in_order, kind, located};
use crate::config::user_file::{FileError, beside, read_stored, read_text};
use crate::limits::MAX_BODY;

/// How files of content end; a text that ends so is the name of one.
const DATA: [&str; 11] =
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
    /// A line does not say what the contract needs.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

/// Reads the fixtures of a contract from a file, and those that it names.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn read(path: &Path, contract: &Contract) -> Result<Vec<Fixture>, FixturesError> {
    let text = read_text(path).map_err(|problem| {
        FileError::of_flag("--fixtures", path, problem)
            .or_else("`boundstone provision` and `boundstone serve` print such a file")
    })?;
    parse(&text, path, contract)
}

/// Reads the fixtures of a contract from a text, which errors call `path`, and the files that it names:
/// they stand beside `path`.
///
/// # Errors
/// What is wrong with the text or one of the files, and where.
pub fn parse(text: &str, path: &Path, contract: &Contract) -> Result<Vec<Fixture>, FixturesError> {
    let file = DeTable::parse(text)
        .map_err(|error| FixturesError::Syntax { path: path.to_owned(), problem: located(text, &error) })?;
    let reader = Reader { path, members: members(contract), contract };
    reader.file(file.get_ref()).map_err(|Wrong { at, problem }| FixturesError::Line {
        path: path.to_owned(),
        line: Place::of(text, at).line,
        problem,
    })
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

/// The input members that name resources, each with its rule.
fn members(contract: &Contract) -> Vec<(&Member, &Identifies)> {
    let inputs = contract.operations.iter().flat_map(|operation| &operation.input);
    inputs.filter_map(|member| Some((member, member.rules.identifies.as_ref()?))).collect()
}

/// What is wrong, with the byte where that stands.
struct Wrong {
    at: usize,
    problem: String,
}

impl Wrong {
    fn at<T>(place: &Spanned<T>, problem: impl Into<String>) -> Self {
        Self { at: place.span().start, problem: problem.into() }
    }
}

/// Reads a file whose syntax is right.
struct Reader<'a> {
    path: &'a Path,
    members: Vec<(&'a Member, &'a Identifies)>,
    contract: &'a Contract,
}

impl Reader<'_> {
    fn file(&self, file: &DeTable<'_>) -> Result<Vec<Fixture>, Wrong> {
        let mut fixtures = Vec::new();
        for (key, value) in in_order(file) {
            if key.get_ref() != "resource" {
                return Err(self.outside(key));
            }
            let DeValue::Array(entries) = value.get_ref() else {
                let problem = "`resource` is not a list; each resource begins with a line `[[resource]]`";
                return Err(Wrong::at(key, problem));
            };
            for entry in entries {
                let DeValue::Table(table) = entry.get_ref() else {
                    let says = format!(
                        "a resource is {}; a table `[[resource]]` is expected",
                        kind(entry.get_ref())
                    );
                    return Err(Wrong::at(entry, says));
                };
                fixtures.push(self.fixture(entry.span().start, table)?);
            }
        }
        Ok(fixtures)
    }

    /// What is wrong with a key that stands in no resource.
    fn outside(&self, key: &Spanned<Cow<'_, str>>) -> Wrong {
        let name = key.get_ref();
        Wrong::at(
            key,
            if self.keys().contains(name.as_ref()) {
                format!("`{name}` stands in no resource; put a line `[[resource]]` before it")
            } else {
                format!("unknown key `{name}`; each resource begins with a line `[[resource]]`")
            },
        )
    }

    fn sorts(&self) -> BTreeSet<&str> {
        self.members.iter().map(|(_, rule)| rule.resource.as_str()).collect()
    }

    fn contents(&self) -> BTreeSet<&str> {
        let outputs = self.contract.operations.iter().flat_map(|operation| &operation.output);
        outputs.filter_map(|member| Some(member.rules.content.as_ref()?.of.as_str())).collect()
    }

    fn keys(&self) -> BTreeSet<&str> {
        &self.sorts() | &self.contents()
    }

    fn fixture(&self, at: usize, entry: &DeTable<'_>) -> Result<Fixture, Wrong> {
        let mut fixture = Fixture::default();
        for (key, value) in in_order(entry) {
            let name = key.get_ref().as_ref();
            if self.sorts().contains(name) {
                fixture.parts.insert(name.to_owned(), part((key, value))?);
            } else if self.contents().contains(name) {
                fixture.contents.insert(name.to_owned(), self.content((key, value))?);
            } else {
                return Err(unknown(key, &self.keys(), "is no part of a resource"));
            }
        }
        if let Some(missing) = self.sorts().into_iter().find(|sort| !fixture.parts.contains_key(*sort)) {
            let problem =
                format!("`{missing}` is missing; write {missing} = {{ id = \"…\" }}, or its `name`");
            return Err(Wrong { at, problem });
        }
        for (key, value) in in_order(entry) {
            self.identifiers(&fixture.parts, (key, value))?;
        }
        Ok(fixture)
    }

    /// Sees that the identifiers of a part can be those of a resource.
    fn identifiers(&self, parts: &BTreeMap<String, Part>, (key, value): Entry<'_, '_>) -> Result<(), Wrong> {
        let sort = key.get_ref().as_ref();
        let Some((_, rule)) = self.members.iter().find(|(_, rule)| rule.resource == sort) else {
            return Ok(());
        };
        let DeValue::Table(forms) = value.get_ref() else { return Ok(()) };
        let within = rule.within.as_deref();
        let holder = within.and_then(|within| parts.get(within)).and_then(|part| part.id.as_deref());
        for (form, text) in in_order(forms) {
            let identifier = Identifier {
                sort,
                form: form.get_ref().as_ref(),
                text: text.get_ref().as_str().unwrap_or_default(),
                within,
                holder,
                is_alone: forms.len() == 1,
            };
            let bounds = self.members.iter().filter(|(_, rule)| rule.resource == sort);
            let bounds = bounds.map(|(member, _)| &member.constraints);
            if let Some(problem) = identifier.problem(&self.contract.name, bounds) {
                return Err(Wrong::at(text, problem));
            }
        }
        Ok(())
    }

    /// The content that stands there, or in the file that is named there.
    fn content(&self, (key, value): Entry<'_, '_>) -> Result<Vec<u8>, Wrong> {
        let name = key.get_ref();
        let expected = "the text itself or { file = \"…\" } is expected";
        match value.get_ref() {
            DeValue::String(text) => {
                if self.is_file_name(text) {
                    return Err(Wrong::at(
                        value,
                        format!(
                            "`{name}` is the name of a file and not its content; write {name} = {{ file = {} }}",
                            quoted(text)
                        ),
                    ));
                }
                Ok(text.as_bytes().to_vec())
            }
            DeValue::Table(table) => {
                if let Some(other) = table.keys().find(|key| key.get_ref() != "file") {
                    return Err(Wrong::at(
                        other,
                        format!("unknown key `{}` of `{name}`; {expected}", other.get_ref()),
                    ));
                }
                let Some(file) = table.get("file") else {
                    return Err(Wrong::at(value, format!("`{name}` names no file; {expected}")));
                };
                match file.get_ref().as_str() {
                    Some(path) if !path.trim().is_empty() => self.stored(name, file, path),
                    Some(_) => {
                        Err(Wrong::at(file, format!("the `file` of `{name}` has no name; {expected}")))
                    }
                    None => Err(Wrong::at(
                        file,
                        format!(
                            "the `file` of `{name}` is {}; its name in quotes is expected",
                            kind(file.get_ref())
                        ),
                    )),
                }
            }
            other => Err(Wrong::at(value, format!("`{name}` is {}; {expected}", kind(other)))),
        }
    }

    /// The content of a file.
    fn stored(&self, name: &str, place: &Spanned<DeValue<'_>>, file: &str) -> Result<Vec<u8>, Wrong> {
        let path = beside(self.path, file);
        read_stored(&path, MAX_BODY as u64).map_err(|problem| {
            let shown = path.display();
            let remedy = "names are relative to the folder of this file";
            Wrong::at(place, format!("the `file` of `{name}`, {shown}: {problem}; {remedy}"))
        })
    }

    /// Whether a text is the name of a file rather than content: there is such a file, or it ends as those
    /// of content do.
    fn is_file_name(&self, text: &str) -> bool {
        let is_name = |c: char| !c.is_whitespace() && !c.is_control() && !"{}[]<>\"'=,;:*?|".contains(c);
        if text.is_empty() || text.len() > 255 || !text.chars().all(is_name) {
            return false;
        }
        let extension = Path::new(text).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|it| DATA.contains(&it.to_ascii_lowercase().as_str()))
            || beside(self.path, text).is_file()
    }
}

/// A key that means nothing there.
fn unknown(key: &Spanned<Cow<'_, str>>, known: &BTreeSet<&str>, what: &str) -> Wrong {
    let name = key.get_ref();
    let near = nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
    let all = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    Wrong::at(key, format!("`{name}` {what}{} (one of {all})", near.unwrap_or_default()))
}

/// The id and the name of a resource.
fn part((key, value): Entry<'_, '_>) -> Result<Part, Wrong> {
    let sort = key.get_ref();
    let expected = "{ id = \"…\" }, { name = \"…\" } or both are expected";
    let DeValue::Table(forms) = value.get_ref() else {
        return Err(Wrong::at(value, format!("`{sort}` is {}; {expected}", kind(value.get_ref()))));
    };
    let mut part = Part::default();
    for (form, text) in in_order(forms) {
        let slot = match form.get_ref().as_ref() {
            "id" => &mut part.id,
            "name" => &mut part.name,
            _ => {
                let what = format!("is no part of `{sort}`");
                return Err(unknown(form, &BTreeSet::from(["id", "name"]), &what));
            }
        };
        let Some(text) = text.get_ref().as_str() else {
            let (form, is) = (form.get_ref(), kind(text.get_ref()));
            return Err(Wrong::at(text, format!("the `{form}` of `{sort}` is {is}; put it in quotes")));
        };
        *slot = Some(text.to_owned());
    }
    if part.id.is_none() && part.name.is_none() {
        return Err(Wrong::at(key, format!("`{sort}` needs an `id` or a `name`")));
    }
    Ok(part)
}

#[cfg(test)]
mod tests;
