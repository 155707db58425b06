//! Reads members from the headers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::contract::{Location, Member, Shape, TimestampFormat};
use http::HeaderValue;

use super::reader::Reader;
use super::scalar;
use crate::bug::{Aspect, Place, Refused};
use crate::value::Value;

/// The value of a member that is bound to a header.
pub(super) fn bound(
    reader: Reader<'_>,
    member: &Member,
    name: &str,
    place: &Place<'_>,
) -> Refused<Option<Value>> {
    let Some(text) = combined(reader.request.headers().get_all(name).iter(), place)? else { return Ok(None) };
    match reader.contract.shape(member) {
        Shape::List(element) => list(reader, member, element, &text, place).map(Some),
        _ => single(reader, member, &text, place).map(Some),
    }
}

fn single(reader: Reader<'_>, member: &Member, text: &str, place: &Place<'_>) -> Refused<Value> {
    if matches!(reader.contract.shape(member), Shape::String) && member.media_type.is_some() {
        let bytes = STANDARD.decode(text).ok();
        let decoded = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        return decoded.map(Value::String).ok_or_else(|| {
            place.unreadable(Aspect::Type, "the header of a string with a media type has to be base64")
        });
    }
    scalar::read(reader.contract, member, member.timestamp_format, text, place)
}

fn list(
    reader: Reader<'_>,
    member: &Member,
    element: &Member,
    text: &str,
    place: &Place<'_>,
) -> Refused<Value> {
    let format = scalar::element_format(member, element);
    let shape = reader.contract.shape(element);
    let items = match shape {
        Shape::Timestamp if format == TimestampFormat::HttpDate => Some(split_dates(text)),
        _ => split_list(text),
    };
    let items = items.ok_or_else(|| place.unreadable(Aspect::Type, "a quoted item does not end"))?;
    let read = |(index, item): (usize, &String)| {
        scalar::read(reader.contract, element, format, item, &place.element(index)).map(Some)
    };
    items.iter().enumerate().map(read).collect::<Refused<_>>().map(Value::List)
}

/// The map of the headers with a prefix that no other member is bound to.
pub(super) fn prefixed(
    reader: Reader<'_>,
    member: &Member,
    prefix: &str,
    place: &Place<'_>,
) -> Refused<Option<Value>> {
    let Shape::Map(entry) = reader.contract.shape(member) else { return Ok(None) };
    let prefix = prefix.to_ascii_lowercase();
    let mut map = BTreeMap::new();
    for name in reader.request.headers().keys().filter(|name| !is_bound(reader, name.as_str())) {
        let Some(key) = name.as_str().strip_prefix(&prefix) else { continue };
        let place = place.value(key);
        let text = combined(reader.request.headers().get_all(name).iter(), &place)?.unwrap_or_default();
        map.insert(key.to_owned(), Some(single(reader, &entry.value, &text, &place)?));
    }
    Ok((!map.is_empty()).then_some(Value::Map(map)))
}

fn is_bound(reader: Reader<'_>, name: &str) -> bool {
    reader
        .operation
        .input
        .iter()
        .any(|member| matches!(&member.location, Location::Header(other) if other.eq_ignore_ascii_case(name)))
}

/// The values of one header as a single one.
fn combined<'a>(values: impl Iterator<Item = &'a HeaderValue>, place: &Place<'_>) -> Refused<Option<String>> {
    let texts: Option<Vec<&str>> = values.map(|value| std::str::from_utf8(value.as_bytes()).ok()).collect();
    let texts = texts.ok_or_else(|| place.unreadable(Aspect::Type, "the header is not UTF-8"))?;
    Ok((!texts.is_empty()).then(|| texts.join(", ")))
}

/// The items of a list with commas. An item in quotes may have commas and escaped characters in it.
fn split_list(text: &str) -> Option<Vec<String>> {
    let mut items = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (item, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_item(quoted)?,
            None => rest.split_once(',').map_or_else(
                || (rest.trim().to_owned(), None),
                |(item, after)| (item.trim().to_owned(), Some(after)),
            ),
        };
        items.push(item);
        match after.map(str::trim) {
            None => return Some(items),
            Some("") => {
                items.push(String::new());
                return Some(items);
            }
            Some(more) => rest = more,
        }
    }
    Some(items)
}

/// The item after a quotation mark, and what follows the comma after it.
fn quoted_item(text: &str) -> Option<(String, Option<&str>)> {
    let mut item = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let after = text[at + 1..].trim_start();
                let is_end = after.is_empty();
                return if is_end {
                    Some((item, None))
                } else {
                    Some((item, Some(after.strip_prefix(',')?)))
                };
            }
            '\\' => item.push(characters.next()?.1),
            other => item.push(other),
        }
    }
    None
}

/// The dates of a list, each of which has a comma in it.
fn split_dates(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if parts == [""] {
        return Vec::new();
    }
    parts.chunks(2).map(|date| date.join(", ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_at_commas() {
        for (text, items) in [
            ("", vec![]),
            ("a", vec!["a"]),
            ("a, b,c ", vec!["a", "b", "c"]),
            ("\"b,c\", \"\\\"def\\\"\", a", vec!["b,c", "\"def\"", "a"]),
            ("a,,b", vec!["a", "", "b"]),
            ("a,", vec!["a", ""]),
            ("\"a\",", vec!["a", ""]),
        ] {
            assert_eq!(split_list(text).unwrap(), items, "{text}");
        }
        assert_eq!(split_list("\"a"), None);
        assert_eq!(split_list("\"a\" b"), None);
    }

    #[test]
    fn dates_keep_their_comma() {
        let dates = "Mon, 16 Dec 2019 23:48:18 GMT, Tue, 17 Dec 2019 23:48:18 GMT";
        let expected = ["Mon, 16 Dec 2019 23:48:18 GMT", "Tue, 17 Dec 2019 23:48:18 GMT"];
        assert_eq!(split_dates(dates), expected);
    }
}
