//! The parts of a response that are compared.

use std::fmt;

use serde::{Deserialize, Serialize};

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
}
