//! The constraints of one value.

use cases::contract::{Length, Member};

use super::matches::matches;
use crate::bug::{Aspect, Kind, Place, Refusal, Refused};
use crate::value::Value;

/// Checks the constraints of a value, without those of what is in it.
pub(super) fn check(member: &Member, value: &Value, place: &Place<'_>) -> Refused<()> {
    length(member, value, place)?;
    match value {
        Value::Integer(number) => integer(member, *number, place),
        Value::Number(number) => decimal(member, *number, place),
        Value::String(text) => string(member, text, place),
        Value::List(items) => unique(member, items, place),
        _ => Ok(()),
    }
}

fn length(member: &Member, value: &Value, place: &Place<'_>) -> Refused<()> {
    let Some(bounds) = member.constraints.length.filter(|_| place.is_enforced(Aspect::Length)) else {
        return Ok(());
    };
    let length = match value {
        Value::String(text) if place.has(Aspect::Length, Kind::CountsBytes) => text.len(),
        Value::String(text) => text.chars().count(),
        Value::Blob(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        _ => return Ok(()),
    };
    let lenient = Length {
        min: bounds.min.saturating_sub(usize::from(place.has(Aspect::Length, Kind::MinOffByOne))),
        max: bounds
            .max
            .map(|max| max.saturating_add(usize::from(place.has(Aspect::Length, Kind::MaxOffByOne)))),
    };
    if lenient.contains(length) {
        return Ok(());
    }
    let message = format!(
        "Value with length {length} at '{{path}}' failed to satisfy constraint: Member must have length {}",
        bounds_text(Some(bounds.min).filter(|min| *min > 0), bounds.max)
    );
    Err(place.breaks(Aspect::Length, &message))
}

fn integer(member: &Member, number: i128, place: &Place<'_>) -> Refused<()> {
    if let Some(range) = member.constraints.range.filter(|_| place.is_enforced(Aspect::Range)) {
        let below = i128::from(place.has(Aspect::Range, Kind::MinOffByOne));
        let above = i128::from(place.has(Aspect::Range, Kind::MaxOffByOne));
        let is_within = range.min.is_none_or(|min| number >= i128::from(min) - below)
            && range.max.is_none_or(|max| number <= i128::from(max) + above);
        if !is_within {
            return Err(out_of_range(range.min, range.max, place));
        }
    }
    let values = member.constraints.one_of_integers.as_ref().filter(|_| place.is_enforced(Aspect::Enum));
    match values {
        Some(values) if values.iter().all(|value| i128::from(*value) != number) => {
            let values: Vec<String> = values.iter().map(i64::to_string).collect();
            Err(no_value_of(&values, place))
        }
        _ => Ok(()),
    }
}

fn decimal(member: &Member, number: f64, place: &Place<'_>) -> Refused<()> {
    let Some(mut range) = member.constraints.decimal_range.filter(|_| place.is_enforced(Aspect::Range))
    else {
        return Ok(());
    };
    let stated = range;
    if place.has(Aspect::Range, Kind::MinOffByOne) {
        range.min = range.min.map(|min| min - 1.0);
    }
    if place.has(Aspect::Range, Kind::MaxOffByOne) {
        range.max = range.max.map(|max| max + 1.0);
    }
    // What is no number is within no range.
    if range.contains(number) { Ok(()) } else { Err(out_of_range(stated.min, stated.max, place)) }
}

fn string(member: &Member, text: &str, place: &Place<'_>) -> Refused<()> {
    let constraints = &member.constraints;
    if let Some(pattern) = &constraints.pattern
        && place.is_enforced(Aspect::Pattern)
        && !matches(pattern, text)
    {
        let message = format!(
            "Value at '{{path}}' failed to satisfy constraint: Member must satisfy regular expression pattern: {}",
            pattern.as_str()
        );
        return Err(place.breaks(Aspect::Pattern, &message));
    }
    let values = constraints.one_of.as_ref().filter(|_| place.is_enforced(Aspect::Enum));
    let ignores_case = place.has(Aspect::Enum, Kind::LetterCase);
    let is_same = |value: &String| value == text || ignores_case && value.eq_ignore_ascii_case(text);
    match values {
        Some(values) if !values.iter().any(is_same) => Err(no_value_of(values, place)),
        _ => Ok(()),
    }
}

fn unique(member: &Member, items: &[Option<Value>], place: &Place<'_>) -> Refused<()> {
    if !member.constraints.unique_items || !place.is_enforced(Aspect::UniqueItems) {
        return Ok(());
    }
    if has_duplicate(items) {
        let message = "Value at '{path}' failed to satisfy constraint: Member must have unique values";
        return Err(place.breaks(Aspect::UniqueItems, message));
    }
    Ok(())
}

/// Whether an item equals one before it. Items are compared by how they are written, so that a long list takes no
/// quadratic time.
fn has_duplicate(items: &[Option<Value>]) -> bool {
    let mut seen = std::collections::HashSet::new();
    !items.iter().all(|item| seen.insert(format!("{item:?}")))
}

fn no_value_of(values: &[String], place: &Place<'_>) -> Refusal {
    let message = format!(
        "Value at '{{path}}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        values.join(", ")
    );
    place.breaks(Aspect::Enum, &message)
}

fn out_of_range<T: ToString>(min: Option<T>, max: Option<T>, place: &Place<'_>) -> Refusal {
    let message =
        format!("Value at '{{path}}' failed to satisfy constraint: Member must be {}", bounds_text(min, max));
    place.breaks(Aspect::Range, &message)
}

fn bounds_text<T: ToString>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("between {} and {}, inclusive", min.to_string(), max.to_string()),
        (Some(min), None) => format!("greater than or equal to {}", min.to_string()),
        (None, Some(max)) => format!("less than or equal to {}", max.to_string()),
        (None, None) => String::new(),
    }
}
