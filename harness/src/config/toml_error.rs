//! Describes errors of a TOML file with their position, without the values: they may be secrets.

use std::borrow::Cow;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A position in a text; line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    /// The position of the byte at `offset`.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        Self { line, column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1 }
    }
}

/// As in compilers and editors: `2:10`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Describes an error with its position: `2:10: invalid type: a string, expected a sequence`.
pub(crate) fn describe(text: &str, error: &toml::de::Error) -> String {
    let position = Position::of(text, error.span().map_or(0, |span| span.start));
    format!("{position}: {}", message(error))
}

/// The message of an error on one line, without values.
fn message(error: &toml::de::Error) -> String {
    let message = error.message();
    // serde quotes the value as `string "…"`.
    let found = message.find(": string \"").zip(message.rfind("\", expected"));
    let message = match found {
        Some((start, end)) => format!("{}: a string{}", &message[..start], &message[end + 1..]),
        None => message.to_owned(),
    };
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The type of a value with its article, in the words of a user.
pub(crate) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value.type_str() {
        "string" => "a string",
        "integer" => "a whole number",
        "float" => "a fraction",
        "boolean" => "a boolean",
        "datetime" => "a date",
        "array" => "a list",
        _ => "a table",
    }
}

/// A key of a table and its value, each with its span.
pub(crate) type Entry<'v, 't> = (&'v Spanned<Cow<'t, str>>, &'v Spanned<DeValue<'t>>);

/// The entries of a table in the order of the text.
pub(crate) fn entries_in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<Entry<'v, 't>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
