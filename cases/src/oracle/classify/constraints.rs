//! Types and constraint traits of a single value.

use super::reading::Constraint;
use crate::contract::{Constraints, Contract, Member, Shape};
use crate::protocol::Json;

/// Whether a value has the JSON type of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeCheck {
    Right,
    Wrong,
    /// A whole number written with a fraction or an exponent, for a shape of whole numbers.
    WholeDecimal,
}

/// Whether `value` has the JSON type of `shape`.
pub(super) fn check_type(shape: &Shape, value: &Json) -> TypeCheck {
    let is_right = match (shape, value) {
        (Shape::Integer(width), Json::Integer(number)) => width.contains(*number),
        (Shape::Integer(width), Json::Decimal(_)) => match value.as_whole() {
            Some(number) if width.contains(number) => return TypeCheck::WholeDecimal,
            _ => false,
        },
        (Shape::String | Shape::Blob, Json::String(_))
        | (Shape::Number | Shape::Timestamp, Json::Integer(_) | Json::Decimal(_))
        | (Shape::Boolean, Json::Boolean(_))
        | (Shape::Document, _)
        | (Shape::List(_), Json::Array(_))
        | (Shape::Map(_) | Shape::Structure(_) | Shape::Union(_), Json::Object(_)) => true,
        _ => false,
    };
    if is_right { TypeCheck::Right } else { TypeCheck::Wrong }
}

/// The constraint traits that a value of the right type breaks.
pub fn broken_constraints(constraints: &Constraints, value: &Json) -> Vec<Constraint> {
    let mut broken = Vec::new();
    match value {
        Json::String(text) => {
            if constraints.length.is_some_and(|length| !length.contains(text.chars().count())) {
                broken.push(Constraint::Length);
            }
            if constraints.pattern.as_ref().is_some_and(|pattern| !pattern.matches(text)) {
                broken.push(Constraint::Pattern);
            }
            if constraints.one_of.as_ref().is_some_and(|values| !values.contains(text)) {
                broken.push(Constraint::Enum);
            }
        }
        Json::Integer(number) if constraints.range.is_some_and(|range| !range.contains(*number)) => {
            broken.push(Constraint::Range);
        }
        _ => {}
    }
    broken
}

/// The value of a member outside of the body, which is text in the message for every shape.
pub(super) fn from_text(contract: &Contract, member: &Member, text: &str) -> Json {
    let typed = match contract.shape(member) {
        Shape::Integer(_) => text.parse().ok().map(Json::Integer),
        Shape::Number => text.parse().ok().map(Json::Decimal),
        Shape::Boolean => text.parse().ok().map(Json::Boolean),
        _ => None,
    };
    typed.unwrap_or_else(|| Json::String(text.to_owned()))
}
