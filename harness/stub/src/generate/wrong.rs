//! Values that are wrong in the one way of a mutant.

use cases::contract::{Member, Shape};
use serde_json::json;

use super::generator::Generator;
use crate::bug::{Kind, Place};
use crate::value::Value;

/// The longest value that is made because it is above a maximum.
const MAX_EXCESS: usize = 1 << 20;

impl Generator<'_> {
    /// The wrong value that a bug at this place demands, if there is one.
    pub(super) fn wrong(&mut self, member: &Member, shape: &Shape, place: &Place<'_>) -> Option<Value> {
        match place.bug()?.kind {
            Kind::WrongType => Some(Value::Document(match shape {
                Shape::String | Shape::Blob | Shape::Timestamp => json!([false]),
                _ => json!("text"),
            })),
            Kind::UnknownValue => Some(Value::String("NO-VALUE-OF-THE-ENUM".to_owned())),
            Kind::BelowMin => self.below_min(member, shape),
            Kind::AboveMax => self.above_max(member, shape),
            _ => None,
        }
    }

    fn below_min(&mut self, member: &Member, shape: &Shape) -> Option<Value> {
        let constraints = &member.constraints;
        match shape {
            Shape::Integer(_) => Some(Value::Integer(i128::from(constraints.range?.min?) - 1)),
            Shape::Number => Some(Value::Number(constraints.decimal_range?.min? - 1.0)),
            _ => self.of_length(shape, constraints.length?.min.checked_sub(1)?),
        }
    }

    fn above_max(&mut self, member: &Member, shape: &Shape) -> Option<Value> {
        let constraints = &member.constraints;
        match shape {
            Shape::Integer(_) => Some(Value::Integer(i128::from(constraints.range?.max?) + 1)),
            Shape::Number => Some(Value::Number(constraints.decimal_range?.max? + 1.0)),
            _ => self.of_length(shape, constraints.length?.max?.checked_add(1)?),
        }
    }

    fn of_length(&mut self, shape: &Shape, length: usize) -> Option<Value> {
        let text = (length <= MAX_EXCESS).then(|| self.plain(length))?;
        match shape {
            Shape::String => Some(Value::String(text)),
            Shape::Blob => Some(Value::Blob(text.into())),
            _ => None,
        }
    }
}
