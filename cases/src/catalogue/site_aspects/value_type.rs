//! A value has the type of its shape, and nothing is converted.

use crate::catalogue::json_types::type_name;
use crate::catalogue::site::{Parent, Site};
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::{IntegerWidth, Location, Shape};
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let has_own_cases = !site.is_nested() && site.top.location == Location::Body;
    if has_own_cases || site.parent == Parent::Keys {
        return None;
    }
    let shape = site.shape();
    let wrong = if site.is_json() { wrong_json(site, shape) } else { wrong_text(shape) };
    let mut entry = SiteEntry {
        aspect: "type",
        demand: format!("is {}", type_name(shape)),
        source: "restJson1 › shape serialization".to_owned(),
        permits: false,
        partitions: Vec::new(),
    };
    entry.add("other", "is of another type", wrong.iter().map(|text| Value::Raw((*text).to_owned())));
    if let Shape::Integer(width) = shape {
        entry.add("fraction", "has a fraction", ["1.5", "0.25"].map(|text| Value::Raw(text.to_owned())));
        if let Some(bits) = bits(*width) {
            let beyond = [1_i128 << (bits - 1), -(1_i128 << (bits - 1)) - 1];
            let values = beyond.map(|number| Value::Raw(number.to_string()));
            entry.add("out-of-width", format!("needs more than {bits} bits"), values);
        }
    }
    Some(entry).filter(|entry| entry.partitions.iter().any(|partition| !partition.values.is_empty()))
}

/// JSON values of other types.
fn wrong_json(site: &Site<'_>, shape: &Shape) -> &'static [&'static str] {
    let is_whole_body = !site.is_nested() && site.top.location == Location::Payload;
    match shape {
        // Anything is a payload of text or bytes.
        Shape::Document => &[],
        Shape::String | Shape::Blob if is_whole_body => &[],
        Shape::String | Shape::Blob => &["5", "true", "[]", "{}"],
        Shape::Integer(_) | Shape::Number => &["\"1\"", "true", "[1]", "{}"],
        Shape::Boolean => &["\"true\"", "1", "[true]", "{}"],
        Shape::Timestamp => &["true", "[1]", "{}"],
        Shape::List(_) => &["{}", "\"a\"", "5", "true"],
        Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => &["[]", "\"a\"", "5", "true"],
    }
}

/// Texts that are no value of a shape.
fn wrong_text(shape: &Shape) -> &'static [&'static str] {
    match shape {
        Shape::Integer(_) => &["a", "1a", "0x1", "true"],
        Shape::Number => &["a", "1a", "true"],
        Shape::Boolean => &["a", "TRUE", "yes", "1"],
        _ => &[],
    }
}

fn bits(width: IntegerWidth) -> Option<u32> {
    match width {
        IntegerWidth::Byte => Some(8),
        IntegerWidth::Short => Some(16),
        IntegerWidth::Integer => Some(32),
        IntegerWidth::Long => Some(64),
        IntegerWidth::Big => None,
    }
}
