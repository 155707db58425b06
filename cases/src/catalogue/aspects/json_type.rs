//! A member of the body has the JSON type of its shape, and nothing is converted.

use crate::catalogue::json_types::type_name;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{IntegerWidth, Location, Member, Shape};
use crate::generate::ValueClass;
use crate::id::Level;
use crate::protocol::Arg;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let shape = section.contract.shape(member);
    if member.location != Location::Body || matches!(shape, Shape::Document) {
        return;
    }
    section.add(Entry {
        id: requirement::of_member(section.operation, member, "type"),
        level: Level::Must,
        text: format!(
            "{} is {}: a value of another JSON type is refused with {}, not converted.",
            member.name,
            type_name(shape),
            section.refusal()
        ),
        source: match shape {
            Shape::Integer(_) => "restJson1 › RestJsonBodyIntegerMalformedValueRejected".to_owned(),
            _ => "restJson1 › shape serialization".to_owned(),
        },
        partitions: partitions(member, shape),
    });
}

fn partitions(member: &Member, shape: &Shape) -> Vec<Partition> {
    let mut partitions = Vec::new();
    let mut add = |id: &str, values: ValueClass| {
        let article = if id.starts_with(['a', 'o']) { "an" } else { "a" };
        let description = format!("is {article} {}", id.replace('-', " "));
        partitions.push(Partition::of_member(member, id, description, values));
    };
    let valid_number = member.constraints.range.and_then(|range| range.min).unwrap_or(1);
    if !matches!(shape, Shape::String | Shape::Blob) {
        let texts = [valid_number.to_string(), "a".to_owned(), String::new()];
        add("string", ValueClass::OneOf(texts.map(Arg::Text).to_vec()));
    }
    if !matches!(shape, Shape::Integer(_) | Shape::Number | Shape::Timestamp) {
        let boundaries = vec![5, 0, -1, 1_234_567];
        add("number", ValueClass::Integer { boundaries, range: 0..=i64::from(u32::MAX) });
    }
    if let Shape::Integer(width) = shape {
        let fractions = [format!("{valid_number}.5"), format!("{}.25", valid_number + 1), "0.5".to_owned()];
        add("fraction", ValueClass::OneOf(fractions.map(Arg::Json).to_vec()));
        if let Some(numbers) = out_of_width(*width, valid_number) {
            add("out-of-width", ValueClass::OneOf(numbers.into_iter().map(Arg::Json).collect()));
        }
    }
    if !matches!(shape, Shape::Boolean) {
        add("boolean", ValueClass::json(&["true", "false"]));
    }
    if !matches!(shape, Shape::List(_)) {
        add("array", ValueClass::json(&["[]", "[\"a\"]", "[null]", "[1]"]));
    }
    if !matches!(shape, Shape::Map(_) | Shape::Structure(_) | Shape::Union(_)) {
        add("object", ValueClass::json(&["{}", "{\"a\":\"b\"}"]));
    }
    partitions
}

/// Numbers just beyond either end of a width, one that is valid once its upper bits are cut off, and one beyond
/// every width.
fn out_of_width(width: IntegerWidth, valid: i64) -> Option<Vec<String>> {
    let bits = match width {
        IntegerWidth::Byte => 8,
        IntegerWidth::Short => 16,
        IntegerWidth::Integer => 32,
        IntegerWidth::Long => 64,
        IntegerWidth::Big => return None,
    };
    let modulus = 1_i128 << bits;
    let numbers = [modulus / 2, -modulus / 2 - 1, modulus + i128::from(valid)];
    Some(numbers.map(|number| number.to_string()).into_iter().chain(["1e30".to_owned()]).collect())
}
