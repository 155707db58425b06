//! Says what is wrong with a text file and where, without what stands there: it may be a secret.

use std::borrow::Cow;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a text, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    /// The place of a byte.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        Self { line, column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1 }
    }
}

/// As compilers and editors have it: `2:10`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// `2:10: invalid type: a string, expected a sequence`.
pub(crate) fn located(text: &str, error: &toml::de::Error) -> String {
    let place = Place::of(text, error.span().map_or(0, |span| span.start));
    format!("{place}: {}", said(error))
}

/// What is wrong with a TOML file, in a line.
fn said(error: &toml::de::Error) -> String {
    let message = error.message();
    // serde says what it found as `string "…"`.
    let found = message.find(": string \"").zip(message.rfind("\", expected"));
    let message = match found {
        Some((start, end)) => format!("{}: a string{}", &message[..start], &message[end + 1..]),
        None => message.to_owned(),
    };
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a value is, with its article, as a user calls it.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
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

/// A key of a table and its value, each with its place.
pub(crate) type Entry<'v, 't> = (&'v Spanned<Cow<'t, str>>, &'v Spanned<DeValue<'t>>);

/// The entries of a table as they stand in the text.
pub(crate) fn in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<Entry<'v, 't>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
