//! A member of the body has the JSON type of its shape, and nothing is coerced.

use crate::catalogue::json_types::described;
use crate::catalogue::section::Section;
use crate::contract::{IntegerWidth, Location, Member, Shape};
use crate::generate::Value;
use crate::protocol::Arg;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let shape = section.contract.shape(member);
    if member.location != Location::Body || matches!(shape, Shape::Document) {
        return;
    }
    let (accepts_string, accepts_number) = match shape {
        Shape::String | Shape::Blob => (true, false),
        Shape::Integer(_) | Shape::Number | Shape::Timestamp => (false, true),
        _ => (false, false),
    };
    let case = |partition: &str, value: Value| {
        let article = if partition.starts_with(['a', 'o']) { "an" } else { "a" };
        (partition.to_owned(), format!("is {article} {}", partition.replace('-', " ")), value)
    };
    let mut cases = Vec::new();
    if !accepts_string {
        // The strings of a good number and of a word, and the empty one.
        let good = member.constraints.range.and_then(|range| range.min).unwrap_or(1).to_string();
        let texts = [good, "a".to_owned(), String::new()];
        cases.push(case("string", Value::OneOf(texts.map(Arg::Text).to_vec())));
    }
    if !accepts_number {
        let boundaries = vec![5, 0, -1, 1_234_567];
        cases.push(case("number", Value::Whole { boundaries, range: 0..=i64::from(u32::MAX) }));
    }
    if let Shape::Integer(width) = shape {
        let within = member.constraints.range.and_then(|range| range.min).unwrap_or(1);
        let fractions = [format!("{within}.5"), format!("{}.25", within + 1), "0.5".to_owned()];
        cases.push(case("fraction", Value::OneOf(fractions.map(Arg::Json).to_vec())));
        let bits = match width {
            IntegerWidth::Byte => Some(8),
            IntegerWidth::Short => Some(16),
            IntegerWidth::Integer => Some(32),
            IntegerWidth::Long => Some(64),
            IntegerWidth::Big => None,
        };
        if let Some(bits) = bits {
            // Just beyond either end, a number that is fine once its upper bits are cut off, and
            // one beyond every width.
            let modulus = 1_i128 << bits;
            let whole = [modulus / 2, -modulus / 2 - 1, modulus + i128::from(within)];
            let texts = whole.map(|number| number.to_string()).into_iter().chain(["1e30".to_owned()]);
            cases.push(case("out-of-width", Value::OneOf(texts.map(Arg::Json).collect())));
        }
    }
    if !matches!(shape, Shape::Boolean) {
        cases.push(case("boolean", Value::json(&["true", "false"])));
    }
    if !matches!(shape, Shape::List(_)) {
        cases.push(case("array", Value::json(&["[]", "[\"a\"]", "[null]", "[1]"])));
    }
    if !matches!(shape, Shape::Map(_) | Shape::Structure(_) | Shape::Union(_)) {
        cases.push(case("object", Value::json(&["{}", "{\"a\":\"b\"}"])));
    }
    let text = format!(
        "{} is {}: a value of another JSON type is refused with {}, not converted.",
        member.name,
        described(shape),
        section.refusal()
    );
    let source = match shape {
        Shape::Integer(_) => "restJson1 › RestJsonBodyIntegerMalformedValueRejected",
        _ => "restJson1 › shape serialization",
    };
    section.member_requirement(member, "type", text, source.to_owned(), cases);
}
