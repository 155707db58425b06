//! What a response shows, without everything that the contract does not define.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The value of a field that is absent.
pub const ABSENT: &str = "<absent>";

/// The value of a field in a body that cannot be read.
pub const UNREAD: &str = "<not read>";
/// The value of a field that describes a body, if there is no body.
pub const NO_BODY: &str = "<no body>";

/// A part of a response that the contract defines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Field {
    /// The status code.
    Status,
    /// The media type of the body.
    ContentType,
    /// The codings of the body, such as `gzip`.
    ContentEncoding,
    /// The error type by restJson1's resolution order, without namespace and suffix.
    ErrorType,
    /// The header with the error type.
    ErrorTypeHeader,
    /// Whether an earlier response issued the same value.
    Freshness,
    /// What the issued value shows of identifiers and credentials.
    Opacity,
    /// How the issued value relates to earlier ones.
    Succession,
    /// A member of the output or error structure.
    Member(String),
}

impl Field {
    /// The fields that are not members, with their names.
    const NAMED: [(Self, &'static str); 8] = [
        (Self::Status, "status"),
        (Self::ContentType, "content-type"),
        (Self::ContentEncoding, "content-encoding"),
        (Self::ErrorType, "error type"),
        (Self::ErrorTypeHeader, "error type header"),
        (Self::Freshness, "issued value"),
        (Self::Opacity, "issued value shows"),
        (Self::Succession, "issued values"),
    ];

    /// The field of that name.
    pub fn by_name(name: &str) -> Self {
        let named = Self::NAMED.into_iter().find(|(_, other)| *other == name);
        named.map_or_else(|| Self::Member(name.to_owned()), |(field, _)| field)
    }
}

impl From<String> for Field {
    fn from(name: String) -> Self {
        Self::by_name(&name)
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Field::NAMED.iter().find(|(field, _)| field == self).map(|(_, name)| *name);
        match (self, named) {
            (Field::Member(name), _) => f.write_str(name),
            (_, name) => f.write_str(name.unwrap_or_default()),
        }
    }
}

/// A normalized response: a value for each field. `<…>` replaces what the contract does not fix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    fields: BTreeMap<Field, String>,
}

impl Outcome {
    /// The value of a field, or [`ABSENT`].
    pub fn get(&self, field: &Field) -> &str {
        self.fields.get(field).map_or(ABSENT, String::as_str)
    }

    /// Sets a field. Line breaks and other control characters, which no field of a conformant response has, are
    /// escaped, and a long value is cut.
    pub fn set(&mut self, field: Field, value: &str) {
        self.fields.insert(field, one_line(value));
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.fields.iter().map(|(field, value)| (field, value.as_str()))
    }

    /// The status code, if there was a response.
    pub fn status(&self) -> Option<u16> {
        self.get(&Field::Status).parse().ok()
    }
}

/// A value on one line of bounded length.
fn one_line(value: &str) -> String {
    const MAX_CHARS: usize = 200;
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
    if value.len() <= MAX_CHARS && value.bytes().all(is_plain) {
        return value.to_owned();
    }
    let mut text: String = value.escape_debug().take(MAX_CHARS).collect();
    if value.chars().count() > MAX_CHARS {
        text.push('…');
    }
    text
}

/// One line for each field, `name: value`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (field, value) in &self.fields {
            writeln!(f, "{field}: {value}")?;
        }
        Ok(())
    }
}

/// A line of an outcome that is not `name: value`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the outcome is not `field: value`: {text:?}")]
pub struct NotAnOutcome {
    /// The number of the line, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl FromStr for Outcome {
    type Err = NotAnOutcome;

    fn from_str(text: &str) -> Result<Self, NotAnOutcome> {
        let mut fields = BTreeMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            // A value may be empty, or end in blanks.
            let (name, value) = line
                .split_once(": ")
                .ok_or_else(|| NotAnOutcome { line: index + 1, text: line.to_owned() })?;
            fields.insert(Field::by_name(name), value.to_owned());
        }
        Ok(Self { fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_are_read_back() {
        for (field, name) in Field::NAMED {
            assert_eq!(field.to_string(), name);
            assert_eq!(Field::by_name(name), field);
        }
        assert_eq!(Field::by_name("Message"), Field::Member("Message".to_owned()));
    }

    #[test]
    fn outcome_round_trips_through_text() {
        let mut outcome = Outcome::default();
        outcome.set(Field::Member("Message".to_owned()), "<string>");
        outcome.set(Field::Status, "400");
        outcome.set(Field::ErrorType, "BadRequestException");
        outcome.set(Field::Member("Reason".to_owned()), "");
        outcome.set(Field::Member("Type".to_owned()), " odd ");
        let text = outcome.to_string();
        assert_eq!(
            text,
            "status: 400\nerror type: BadRequestException\nMessage: <string>\nReason: \nType:  odd \n"
        );
        assert_eq!(outcome.status(), Some(400));
        assert_eq!(Outcome::default().status(), None);
        assert_eq!(text.parse(), Ok(outcome));
        assert_eq!(
            "status 400".parse::<Outcome>(),
            Err(NotAnOutcome { line: 1, text: "status 400".to_owned() })
        );
    }

    #[test]
    fn hostile_values_stay_on_one_short_line() {
        let mut outcome = Outcome::default();
        outcome.set(Field::ErrorType, "x\nstatus: 200\u{1b}[31m");
        assert_eq!(outcome.to_string(), "error type: x\\nstatus: 200\\u{1b}[31m\n");
        outcome.set(Field::ErrorType, &"a".repeat(100_000));
        assert!(outcome.to_string().len() < 300);
    }
}
