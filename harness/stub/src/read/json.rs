//! Reads values from JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::contract::{Contract, IntegerWidth, MapEntry, Member, Shape, TimestampFormat};
use serde_json::Value as Json;

use super::scalar;
use crate::bug::{Aspect, Kind, Place, Refusal, Refused};
use crate::value::{Structure, Value, parse_seconds, parse_text};

/// Below this, a double says which whole number was written.
const MAX_EXACT: f64 = 9e15;

/// The value of a member, which is not null.
pub(super) fn value(contract: &Contract, member: &Member, json: &Json, place: &Place<'_>) -> Refused<Value> {
    match (contract.shape(member), json) {
        (Shape::List(element), Json::Array(items)) => list(contract, member, element, items, place),
        (Shape::Map(entry), Json::Object(entries)) => map(contract, member, entry, entries, place),
        (Shape::Structure(members), json) => members_of(contract, members, json, place),
        (Shape::Union(members), json) => union(contract, members, json, place),
        (shape, json) => read_scalar(contract, member, shape, json, place),
    }
}

fn members_of(contract: &Contract, members_of: &[Member], json: &Json, place: &Place<'_>) -> Refused<Value> {
    members(contract, members_of.iter(), json, place).map(Value::Structure)
}

/// The members of a structure. Null is no value, and what the model does not know is ignored.
pub(super) fn members<'a>(
    contract: &Contract,
    members: impl Iterator<Item = &'a Member>,
    json: &Json,
    place: &Place<'_>,
) -> Refused<Structure> {
    let Json::Object(object) = json else { return Err(unexpected(json, "an object", place)) };
    let mut structure = Structure::new();
    for member in members {
        let Some(json) = object.get(&member.json_name).filter(|json| !json.is_null()) else { continue };
        let place = place.member(&member.name);
        match value(contract, member, json, &place) {
            Ok(value) => {
                structure.insert(member.name.clone(), value);
            }
            Err(_) if place.has(Aspect::Type, Kind::Ignored) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(structure)
}

fn union(contract: &Contract, members: &[Member], json: &Json, place: &Place<'_>) -> Refused<Value> {
    let Json::Object(object) = json else { return Err(unexpected(json, "an object", place)) };
    let set: Vec<(&String, &Json)> =
        object.iter().filter(|(name, json)| !json.is_null() && *name != "__type").collect();
    let known = |name: &str| members.iter().find(|member| member.json_name == name);
    let (name, json) = match set.as_slice() {
        [single] => *single,
        [] if place.has(Aspect::Cardinality, Kind::NoneAccepted) => {
            return Ok(Value::Structure(Structure::new()));
        }
        [first, _] if place.has(Aspect::Cardinality, Kind::TwoAccepted) => *first,
        _ => return Err(place.unreadable(Aspect::Cardinality, "a union has exactly one member")),
    };
    let Some(member) = known(name) else {
        return Err(place.unreadable(Aspect::Cardinality, "the union has no member of this name"));
    };
    let value = value(contract, member, json, &place.member(&member.name))?;
    Ok(Value::Union(member.name.clone(), Box::new(value)))
}

fn list(
    contract: &Contract,
    list: &Member,
    element: &Member,
    items: &[Json],
    place: &Place<'_>,
) -> Refused<Value> {
    let read = |(index, item): (usize, &Json)| entry(contract, list, element, item, &place.element(index));
    items.iter().enumerate().map(read).collect::<Refused<_>>().map(Value::List)
}

fn map(
    contract: &Contract,
    map: &Member,
    members: &MapEntry,
    entries: &serde_json::Map<String, Json>,
    place: &Place<'_>,
) -> Refused<Value> {
    let read = |(key, json): (&String, &Json)| {
        Ok((key.clone(), entry(contract, map, &members.value, json, &place.value(key))?))
    };
    entries.iter().map(read).collect::<Refused<BTreeMap<_, _>>>().map(Value::Map)
}

/// An element of a list or a value of a map, which is null only if `container` is sparse.
fn entry(
    contract: &Contract,
    container: &Member,
    member: &Member,
    json: &Json,
    place: &Place<'_>,
) -> Refused<Option<Value>> {
    if !json.is_null() {
        return value(contract, member, json, place).map(Some);
    }
    if container.constraints.sparse || place.has(Aspect::Null, Kind::NotEnforced) {
        return Ok(None);
    }
    Err(place.unreadable(Aspect::Null, "null is no value"))
}

fn read_scalar(
    contract: &Contract,
    member: &Member,
    shape: &Shape,
    json: &Json,
    place: &Place<'_>,
) -> Refused<Value> {
    let read = match (shape, json) {
        (Shape::String, Json::String(text)) => Some(Value::String(text.clone())),
        (Shape::Integer(width), Json::Number(number)) => integer(number, *width).map(Value::Integer),
        (Shape::Number, Json::Number(number)) => number.as_f64().map(Value::Number),
        (Shape::Number, Json::String(text)) if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") => {
            scalar::number(text).map(Value::Number)
        }
        (Shape::Boolean, Json::Bool(value)) => Some(Value::Boolean(*value)),
        (Shape::Blob, Json::String(text)) => {
            STANDARD.decode(text).ok().map(|bytes| Value::Blob(bytes.into()))
        }
        (Shape::Timestamp, json) => timestamp(json, member.timestamp_format).map(Value::Timestamp),
        (Shape::Document, json) => Some(Value::Document(json.clone())),
        _ => None,
    };
    match read {
        Some(value) => Ok(value),
        None if place.has(Aspect::Type, Kind::Converted) => convert(contract, member, shape, json, place),
        None => Err(unexpected(json, type_name(shape), place)),
    }
}

/// Converts a value of another type, as a mutant does.
fn convert(
    contract: &Contract,
    member: &Member,
    shape: &Shape,
    json: &Json,
    place: &Place<'_>,
) -> Refused<Value> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(_) | Json::Bool(_) => json.to_string(),
        _ => return Err(unexpected(json, type_name(shape), place)),
    };
    scalar::read(contract, member, member.timestamp_format, &text, place)
}

/// A whole number that fits. `60.0` is one.
#[allow(
    clippy::cast_possible_truncation,
    reason = "what does not fit becomes the bound, which no width but Big has"
)]
fn integer(number: &serde_json::Number, width: IntegerWidth) -> Option<i128> {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let whole = whole.or_else(|| {
        number
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() < MAX_EXACT)
            .map(|it| it as i128)
    });
    whole.filter(|whole| width.contains(*whole))
}

fn timestamp(json: &Json, format: TimestampFormat) -> Option<jiff::Timestamp> {
    match (format, json) {
        (TimestampFormat::EpochSeconds, Json::Number(number)) => parse_seconds(number.as_f64()?),
        (TimestampFormat::DateTime | TimestampFormat::HttpDate, Json::String(text)) => {
            parse_text(text, format)
        }
        _ => None,
    }
}

fn unexpected(json: &Json, expected: &str, place: &Place<'_>) -> Refusal {
    let given = match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    };
    place.unreadable(Aspect::Type, &format!("{expected} is expected, and this {given} is none"))
}

fn type_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::String => "a string",
        Shape::Integer(_) => "a whole number of its width",
        Shape::Number => "a number",
        Shape::Boolean => "a boolean",
        Shape::Blob => "a base64 string",
        Shape::Timestamp => "a timestamp in its format",
        Shape::Document => "a document",
        Shape::List(_) => "an array",
        Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => "an object",
    }
}
