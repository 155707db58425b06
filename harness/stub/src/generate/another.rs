//! Values that differ from one that is there already.

use cases::contract::Member;

use crate::value::Value;

/// The value of the `nth` attempt after a least one. For a type that has no obvious next value it is the same again.
pub(super) fn another(member: &Member, value: Option<Value>, nth: usize) -> Option<Value> {
    let constraints = &member.constraints;
    match value {
        Some(Value::String(_)) if constraints.one_of.is_some() => {
            constraints.one_of.as_ref()?.get(nth).cloned().map(Value::String)
        }
        Some(Value::String(text)) if constraints.pattern.is_none() => {
            Some(Value::String(numbered(&text, nth)))
        }
        Some(Value::Integer(number)) if constraints.one_of_integers.is_none() => {
            let next = number + i128::try_from(nth).ok()?;
            constraints.range.is_none_or(|range| range.contains(next)).then_some(Value::Integer(next))
        }
        other => other,
    }
}

/// The text with a number at its end, of the same length if the number fits.
fn numbered(text: &str, number: usize) -> String {
    let number = number.to_string();
    let kept = text.chars().count().saturating_sub(number.len());
    text.chars().take(kept).collect::<String>() + &number
}
