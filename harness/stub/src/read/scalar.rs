//! Reads scalars from the text of a label, a parameter or a header.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::contract::{Contract, IntegerWidth, Member, Shape, TimestampFormat};

use crate::bug::{Aspect, Place, Refused};
use crate::value::{Value, parse_text};

/// Reads a scalar. Timestamps are in `format`, which the text around them decides.
pub(super) fn read(
    contract: &Contract,
    member: &Member,
    format: TimestampFormat,
    text: &str,
    place: &Place<'_>,
) -> Refused<Value> {
    let value = match contract.shape(member) {
        Shape::String => Some(Value::String(text.to_owned())),
        Shape::Integer(width) => integer(text, *width).map(Value::Integer),
        Shape::Number => number(text).map(Value::Number),
        Shape::Boolean => bool::from_str(text).ok().map(Value::Boolean),
        Shape::Blob => STANDARD.decode(text).ok().map(|bytes| Value::Blob(bytes.into())),
        Shape::Timestamp => parse_text(text, format).map(Value::Timestamp),
        Shape::Document => serde_json::from_str(text).ok().map(Value::Document),
        Shape::List(_) | Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => None,
    };
    value.ok_or_else(|| place.unreadable(Aspect::Type, "the text is no value of the type"))
}

/// The format of the timestamps in a list that is written as text. An element says its format only if it is not the
/// one of JSON bodies.
pub(super) fn element_format(list: &Member, element: &Member) -> TimestampFormat {
    match element.timestamp_format {
        TimestampFormat::EpochSeconds => list.timestamp_format,
        stated => stated,
    }
}

/// A whole number in digits that fits.
pub(super) fn integer(text: &str, width: IntegerWidth) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = match text.parse() {
        Ok(number) => number,
        Err(_) if text.starts_with('-') => i128::MIN,
        Err(_) => i128::MAX,
    };
    (is_plain && width.contains(number)).then_some(number)
}

/// A decimal number, or one of the three names of numbers that are none.
pub(super) fn number(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        // JSON has the same syntax.
        _ => serde_json::from_str(text).ok().filter(|_| !text.starts_with(char::is_whitespace)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        assert_eq!(integer("-128", IntegerWidth::Byte), Some(-128));
        for text in ["128", "", "-", "+1", "0x1", "1.0", " 1", "1 ", "1e1", "true"] {
            assert_eq!(integer(text, IntegerWidth::Byte), None, "{text}");
        }
        assert!(integer(&"9".repeat(100), IntegerWidth::Big).is_some());
        assert_eq!(number("1.5e3"), Some(1500.0));
        assert_eq!(number("-Infinity"), Some(f64::NEG_INFINITY));
        for text in ["", "nan", "infinity", "1.", "0x1", "true", " 1", "1 2"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
