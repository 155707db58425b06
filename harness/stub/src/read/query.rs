//! Reads members from the query.

use std::collections::BTreeMap;

use cases::contract::{Location, MapEntry, Member, Shape};

use super::reader::Reader;
use super::scalar;
use crate::bug::{Aspect, Place, Refused};
use crate::value::Value;

/// A parameter, decoded. Without `=`, a value is empty; a value that is not UTF-8 is `None`.
type Parameter = (String, Option<String>);

/// The value of a member that is bound to a parameter.
pub(super) fn bound(
    reader: Reader<'_>,
    member: &Member,
    name: &str,
    parameters: &[Parameter],
    place: &Place<'_>,
) -> Refused<Option<Value>> {
    let values: Vec<&Option<String>> =
        parameters.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
    let Some(first) = values.first() else { return Ok(None) };
    match reader.contract.shape(member) {
        Shape::List(element) => list(reader, member, element, &values, place).map(Some),
        _ => scalar::read(
            reader.contract,
            member,
            member.timestamp_format,
            text(first.as_ref(), place)?,
            place,
        )
        .map(Some),
    }
}

fn list(
    reader: Reader<'_>,
    member: &Member,
    element: &Member,
    values: &[&Option<String>],
    place: &Place<'_>,
) -> Refused<Value> {
    let format = scalar::element_format(member, element);
    let read = |(index, value): (usize, &&Option<String>)| {
        let place = place.element(index);
        scalar::read(reader.contract, element, format, text(value.as_ref(), &place)?, &place).map(Some)
    };
    values.iter().enumerate().map(read).collect::<Refused<_>>().map(Value::List)
}

/// The map of all parameters that no other member is bound to, and that the `uri` of the operation does not have.
pub(super) fn others(
    reader: Reader<'_>,
    member: &Member,
    parameters: &[Parameter],
    place: &Place<'_>,
) -> Refused<Option<Value>> {
    let Shape::Map(entry) = reader.contract.shape(member) else { return Ok(None) };
    let mut values: BTreeMap<&str, Vec<&Option<String>>> = BTreeMap::new();
    for (name, value) in parameters.iter().filter(|(name, _)| !is_bound(reader, name)) {
        values.entry(name).or_default().push(value);
    }
    if values.is_empty() {
        return Ok(None);
    }
    let read = |(name, values): (&str, Vec<&Option<String>>)| {
        Ok((name.to_owned(), Some(entry_value(reader, entry, name, &values, place)?)))
    };
    values.into_iter().map(read).collect::<Refused<_>>().map(|map| Some(Value::Map(map)))
}

fn entry_value(
    reader: Reader<'_>,
    entry: &MapEntry,
    name: &str,
    values: &[&Option<String>],
    map: &Place<'_>,
) -> Refused<Value> {
    let place = map.value(name);
    match (reader.contract.shape(&entry.value), values) {
        (Shape::List(element), _) => list(reader, &entry.value, element, values, &place),
        (_, [first, ..]) => {
            let format = entry.value.timestamp_format;
            scalar::read(reader.contract, &entry.value, format, text(first.as_ref(), &place)?, &place)
        }
        (_, []) => Err(place.unreadable(Aspect::Type, "the parameter has no value")),
    }
}

fn is_bound(reader: Reader<'_>, name: &str) -> bool {
    let by_member = |member: &Member| matches!(&member.location, Location::Query(other) if other == name);
    reader.operation.input.iter().any(by_member)
        || reader.operation.query.iter().any(|(other, _)| other == name)
}

fn text<'a>(value: Option<&'a String>, place: &Place<'_>) -> Refused<&'a str> {
    value.map(String::as_str).ok_or_else(|| place.unreadable(Aspect::Type, "the parameter is not UTF-8"))
}
