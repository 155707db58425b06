//! JSON as a classifier needs it: duplicate members are kept, and integers differ from fractions.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number written without fraction and exponent.
    Integer(i128),
    /// Any other number.
    Decimal(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, its members in order, duplicates included.
    Object(Vec<(String, Json)>),
}

/// Why bytes are not read as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotJson {
    /// They are not JSON (RFC 8259).
    Malformed,
    /// They have a string escape for half of a surrogate pair: JSON by the grammar, but not text.
    LoneSurrogate,
    /// They nest deeper than readers commonly go.
    TooDeep,
}

impl Json {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// [`NotJson`] says why not.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotJson> {
        serde_json::from_slice(bytes).map_err(|error| {
            // serde_json has no error codes; the tests check these texts.
            let text = error.to_string();
            if text.starts_with("recursion limit exceeded") {
                NotJson::TooDeep
            } else if text.starts_with("lone leading surrogate")
                || text.starts_with("unexpected end of hex escape")
            {
                NotJson::LoneSurrogate
            } else {
                NotJson::Malformed
            }
        })
    }

    /// The value of an object's member; the last one of duplicates, as most readers have it.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is whole, however it is written.
    pub fn as_whole(&self) -> Option<i128> {
        match *self {
            Json::Integer(number) => Some(number),
            // Beyond 2^53 a double no longer says which whole number was written.
            #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
            Json::Decimal(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(number as i128),
            _ => None,
        }
    }

    /// How many arrays and objects are nested in each other.
    pub fn depth(&self) -> usize {
        match self {
            Json::Array(items) => 1 + items.iter().map(Json::depth).max().unwrap_or(0),
            Json::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// What JSON calls a value of this type.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Boolean(_) => "boolean",
            Json::Integer(_) | Json::Decimal(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonVisitor;

        impl<'de> Visitor<'de> for JsonVisitor {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Boolean(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Integer(value.into()))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Integer(value.into()))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Decimal(value))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
                Ok(Json::String(value.to_owned()))
            }
            fn visit_string<E: de::Error>(self, value: String) -> Result<Json, E> {
                Ok(Json::String(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Json::Array(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(JsonVisitor)
    }
}

/// A JSON string, as short as possible.
pub(crate) fn quoted(text: &str) -> String {
    // A string always serializes.
    serde_json::to_string(text).unwrap_or_default()
}

/// A JSON string of nothing but escapes: a character beyond the BMP is a surrogate pair.
pub(crate) fn escaped(text: &str, upper: bool) -> String {
    let escape = |unit: u16| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
    format!("\"{}\"", text.encode_utf16().map(escape).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_errors_are_classified() {
        assert_eq!(Json::parse(br#""\ud800""#), Err(NotJson::LoneSurrogate));
        assert_eq!(Json::parse(br#""\ud800x""#), Err(NotJson::LoneSurrogate));
        assert_eq!(Json::parse(br#""\udc00""#), Err(NotJson::LoneSurrogate));
        assert_eq!(Json::parse("[".repeat(1000).as_bytes()), Err(NotJson::TooDeep));
        assert_eq!(Json::parse(b"{\"a\":1,}"), Err(NotJson::Malformed));
        assert_eq!(Json::parse(b"\xff"), Err(NotJson::Malformed));
        assert_eq!(Json::parse(b""), Err(NotJson::Malformed));
        assert_eq!(Json::parse(b"NaN"), Err(NotJson::Malformed));
        assert_eq!(Json::parse(b"{} {}"), Err(NotJson::Malformed));
    }

    #[test]
    fn depth_counts_arrays_and_objects() {
        assert_eq!(Json::parse(b"1").unwrap().depth(), 0);
        assert_eq!(Json::parse(br#"{"a":[[],{}],"b":1}"#).unwrap().depth(), 3);
    }

    #[test]
    fn duplicates_are_kept_and_get_returns_the_last() {
        let json = Json::parse(br#"{"a":1,"a":"x"}"#).unwrap();
        assert_eq!(json.get("a"), Some(&Json::String("x".to_owned())));
        assert!(matches!(json, Json::Object(members) if members.len() == 2));
    }

    #[test]
    fn integers_differ_from_decimals() {
        assert_eq!(Json::parse(b"60").unwrap(), Json::Integer(60));
        assert_eq!(Json::parse(b"60.0").unwrap(), Json::Decimal(60.0));
        assert_eq!(Json::parse(b"6e1").unwrap().as_whole(), Some(60));
        assert_eq!(Json::parse(b"15.5").unwrap().as_whole(), None);
        assert_eq!(Json::parse(b"1e30").unwrap().as_whole(), None);
        assert_eq!(Json::parse(b"99999999999999999999").unwrap().as_whole(), None);
    }
}
