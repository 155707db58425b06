//! Scalars.

use cases::contract::{DecimalRange, IntegerWidth, Member, Shape};

use super::generator::Generator;
use crate::value::{Value, parse_seconds};

/// The longest blob that is made because a model demands it, in bytes.
const MAX_BLOB: usize = 1 << 16;

impl Generator<'_> {
    /// A scalar of a member, if one is found.
    pub(super) fn scalar(&mut self, member: &Member, shape: &Shape) -> Option<Value> {
        Some(match shape {
            Shape::String => Value::String(self.string(member)?),
            Shape::Integer(width) => Value::Integer(self.integer(member, *width)?),
            Shape::Number => Value::Number(self.number(member)),
            Shape::Boolean => Value::Boolean(self.choose(2) == 1),
            Shape::Blob => Value::Blob(self.blob(member).into()),
            Shape::Timestamp => Value::Timestamp(self.timestamp()?),
            Shape::Document => Value::Document(serde_json::json!({})),
            Shape::List(_) | Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => return None,
        })
    }

    /// What a required scalar has if no valid value is found.
    pub(super) fn best_effort(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Integer(_) => Value::Integer(0),
            Shape::Number => Value::Number(0.0),
            Shape::Boolean => Value::Boolean(false),
            Shape::Timestamp => Value::Timestamp(jiff::Timestamp::UNIX_EPOCH),
            Shape::List(_) => Value::List(Vec::new()),
            Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => {
                Value::Map(std::collections::BTreeMap::new())
            }
            Shape::Document => Value::Document(serde_json::Value::Null),
            Shape::String => Value::String(self.plain(1)),
            Shape::Blob => Value::Blob(bytes::Bytes::from_static(b"a")),
        }
    }

    fn integer(&mut self, member: &Member, width: IntegerWidth) -> Option<i128> {
        if let Some(values) = &member.constraints.one_of_integers {
            return values.get(self.choose(values.len())).map(|value| i128::from(*value));
        }
        let (least, greatest) = match width {
            IntegerWidth::Byte => (i64::from(i8::MIN), i64::from(i8::MAX)),
            IntegerWidth::Short => (i64::from(i16::MIN), i64::from(i16::MAX)),
            IntegerWidth::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
            IntegerWidth::Long | IntegerWidth::Big => (i64::MIN, i64::MAX),
        };
        let range = member.constraints.range;
        let min = range.and_then(|range| range.min).unwrap_or(least).max(least);
        let max = range.and_then(|range| range.max).unwrap_or(greatest).min(greatest);
        let near = i128::from(1_i64.clamp(min.min(max), max));
        let spread = i128::try_from(self.choose(100)).unwrap_or(0);
        let spread = if self.is_random() { spread } else { 0 };
        (min <= max).then(|| (near + spread).min(i128::from(max)))
    }

    fn number(&mut self, member: &Member) -> f64 {
        let DecimalRange { min, max } =
            member.constraints.decimal_range.unwrap_or(DecimalRange { min: None, max: None });
        // Exact in binary, so that every reader of JSON sees the same number.
        let near: f64 = if self.choose(2) == 1 { 1.5 } else { 1.0 };
        near.min(max.unwrap_or(f64::INFINITY)).max(min.unwrap_or(f64::NEG_INFINITY))
    }

    fn blob(&mut self, member: &Member) -> Vec<u8> {
        let min = member.constraints.length.map_or(0, |length| length.min);
        let max = member.constraints.length.and_then(|length| length.max).unwrap_or(usize::MAX);
        let count = min.max(1).saturating_add(self.choose(4)).min(max).min(MAX_BLOB);
        self.plain(count).into_bytes()
    }

    fn timestamp(&mut self) -> Option<jiff::Timestamp> {
        // 2024-01-01, and some days after it.
        let days = u32::try_from(self.choose(300)).ok()?;
        parse_seconds(1_704_067_200.0 + 86_400.0 * f64::from(days))
    }
}
