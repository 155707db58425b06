//! JSON types of shapes.

use crate::contract::Shape;

/// What a JSON value of this shape is, with its article.
pub(super) fn type_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::String => "a string",
        Shape::Integer(_) => "a whole number",
        Shape::Number => "a number",
        Shape::Boolean => "a boolean",
        Shape::Blob => "a base64 string",
        Shape::Timestamp => "a timestamp",
        Shape::Document => "a JSON value",
        Shape::List(_) => "an array",
        Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => "an object",
    }
}

/// JSON texts of another type than the shape's, which hardly any reader converts to it. The cases on types test the
/// texts that some readers do convert.
pub(super) fn wrong_types(shape: &Shape) -> Option<[&'static str; 2]> {
    match shape {
        Shape::Document => None,
        Shape::List(_) | Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => Some(["true", "false"]),
        _ => Some(["{}", "{\"a\":\"b\"}"]),
    }
}
