//! The least valid value of a member, and values that differ from it in one place.

use super::matching::matching;
use crate::contract::{Contract, IntegerWidth, Length, Location, Member, Shape, ShapeId};
use crate::protocol::Value;

/// How many items a list or map gets at most. A greater least length has no valid value.
const MAX_ITEMS: usize = 1000;

/// A step from a value to one within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathStep {
    /// To the member of a structure or union.
    Member(String),
    /// To the first element of a list.
    Element,
    /// To the first key of a map.
    Key,
    /// To the first value of a map.
    Value,
}

/// Makes valid values.
#[derive(Clone, Copy)]
pub(crate) struct ValueFactory<'a> {
    pub(crate) contract: &'a Contract,
}

impl ValueFactory<'_> {
    /// The least valid value of a member; none if none is found.
    pub(crate) fn least(self, member: &Member) -> Option<Value> {
        self.nth(member, 0, &mut Vec::new())
    }

    /// The least valid value of a member that has `value` at the end of a path.
    pub(crate) fn with(self, member: &Member, path: &[PathStep], value: Value) -> Option<Value> {
        let Some((step, rest)) = path.split_first() else { return Some(value) };
        match (self.contract.shape(member), step) {
            (Shape::List(element), PathStep::Element) => {
                let first = self.with(element, rest, value)?;
                let mut items = self.items(member, element, &mut Vec::new())?;
                match items.first_mut() {
                    Some(item) => *item = first,
                    None => items.push(first),
                }
                Some(Value::List(items))
            }
            (Shape::Map(entry), PathStep::Key | PathStep::Value) => {
                let mut entries = self.entries(member, &mut Vec::new())?;
                if entries.is_empty() {
                    let key = string(&entry.key, 0)?;
                    entries.push((key, self.least(&entry.value)?));
                }
                match (
                    step,
                    self.with(if *step == PathStep::Key { &entry.key } else { &entry.value }, rest, value)?,
                ) {
                    (PathStep::Key, Value::String(key)) => entries[0].0 = key,
                    (PathStep::Key, _) => return None,
                    (_, value) => entries[0].1 = value,
                }
                Some(Value::Map(entries))
            }
            (Shape::Structure(members), PathStep::Member(name)) => {
                let inner = members.iter().find(|inner| inner.name == *name)?;
                let replaced = self.with(inner, rest, value)?;
                let mut present = self.required(members, &mut Vec::new())?;
                match present.iter_mut().find(|(other, _)| other == name) {
                    Some((_, value)) => *value = replaced,
                    None => present.push((name.clone(), replaced)),
                }
                Some(Value::Members(present))
            }
            (Shape::Union(variants), PathStep::Member(name)) => {
                let inner = variants.iter().find(|inner| inner.name == *name)?;
                Some(Value::Members(vec![(name.clone(), self.with(inner, rest, value)?)]))
            }
            _ => None,
        }
    }

    /// The `nth` of the least values. `above` are the shapes that it is within.
    fn nth(self, member: &Member, nth: usize, above: &mut Vec<ShapeId>) -> Option<Value> {
        if above.contains(&member.target) {
            return None;
        }
        above.push(member.target.clone());
        let value = self.value(member, nth, above);
        above.pop();
        value
    }

    fn value(self, member: &Member, nth: usize, above: &mut Vec<ShapeId>) -> Option<Value> {
        Some(match self.contract.shape(member) {
            Shape::String => Value::String(string(member, nth)?),
            Shape::Integer(width) => Value::Number(whole(member, *width, nth)?.to_string()),
            Shape::Number => Value::Number(decimal(member, nth)),
            Shape::Boolean => Value::Boolean(nth.is_multiple_of(2)),
            Shape::Blob => {
                let length = member.constraints.length.map_or(1, |length| length.min.max(1));
                Value::Blob(vec![b'a' + u8::try_from(nth % 26).unwrap_or_default(); length])
            }
            Shape::Timestamp => Value::Timestamp(i64::try_from(nth).unwrap_or_default()),
            Shape::Document => Value::Members(Vec::new()),
            Shape::List(element) => Value::List(self.items(member, element, above)?),
            Shape::Map(_) => Value::Map(self.entries(member, above)?),
            Shape::Structure(members) => Value::Members(self.required(members, above)?),
            Shape::Union(variants) => {
                let mut of_variants =
                    variants.iter().filter_map(|it| Some((it.name.clone(), self.nth(it, nth, above)?)));
                Value::Members(vec![of_variants.next()?])
            }
        })
    }

    /// As many items as a list needs, all different.
    fn items(self, list: &Member, element: &Member, above: &mut Vec<ShapeId>) -> Option<Vec<Value>> {
        let min = least_items(list)?;
        (0..min).map(|nth| self.nth(element, nth, above)).collect()
    }

    fn entries(self, map: &Member, above: &mut Vec<ShapeId>) -> Option<Vec<(String, Value)>> {
        let Shape::Map(entry) = self.contract.shape(map) else { return None };
        let min = least_items(map)?;
        (0..min).map(|nth| Some((string(&entry.key, nth)?, self.nth(&entry.value, 0, above)?))).collect()
    }

    /// The required members of a structure.
    fn required(self, members: &[Member], above: &mut Vec<ShapeId>) -> Option<Vec<(String, Value)>> {
        let required = members.iter().filter(|member| member.constraints.required);
        required.map(|member| Some((member.name.clone(), self.nth(member, 0, above)?))).collect()
    }
}

/// The `nth` of the least texts.
fn string(member: &Member, nth: usize) -> Option<String> {
    let constraints = &member.constraints;
    if let Some(values) = &constraints.one_of {
        return values.get(nth % values.len().max(1)).cloned();
    }
    if let Some(pattern) = &constraints.pattern {
        // A label is never empty, and elsewhere an empty text is easily taken for none.
        let length = constraints.length.unwrap_or(Length { min: 0, max: None });
        let not_empty = Length { min: length.min.max(1), ..length };
        return matching(pattern, Some(not_empty), nth).or_else(|| matching(pattern, Some(length), nth));
    }
    let length = constraints.length.map_or(1, |length| length.min.max(1));
    let letter = char::from(b'a' + u8::try_from(nth % 26).unwrap_or_default());
    let mut text = letter.to_string();
    if nth >= 26 {
        text.push_str(&(nth / 26).to_string());
    }
    let missing = length.saturating_sub(text.len());
    text.extend(std::iter::repeat_n('a', missing));
    Some(text)
}

/// The least number of items. Outside of a body, no item is no list.
fn least_items(member: &Member) -> Option<usize> {
    let least = usize::from(!matches!(member.location, Location::Body | Location::Payload));
    let min = member.constraints.length.map_or(0, |length| length.min).max(least);
    (min <= MAX_ITEMS).then_some(min)
}

/// A whole number within the range, as near to its lower end as possible.
fn whole(member: &Member, width: IntegerWidth, nth: usize) -> Option<i128> {
    let constraints = &member.constraints;
    if let Some(values) = &constraints.one_of_integers {
        return values.get(nth % values.len().max(1)).map(|value| i128::from(*value));
    }
    let least = constraints.range.and_then(|range| range.min.or(range.max)).unwrap_or(1);
    let number = i128::from(least) + i128::try_from(nth).unwrap_or_default();
    let fits = width.contains(number) && constraints.range.is_none_or(|range| range.contains(number));
    Some(if fits { number } else { i128::from(least) })
}

/// A number within the range, written without a fraction where it has none.
fn decimal(member: &Member, nth: usize) -> String {
    let range = member.constraints.decimal_range;
    let least = range.and_then(|range| range.min.or(range.max)).unwrap_or(1.0);
    let number = least + f64::from(u32::try_from(nth).unwrap_or_default());
    let fits = range.is_none_or(|range| range.contains(number));
    (if fits { number } else { least }).to_string()
}
