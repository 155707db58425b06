//! Writes values as the text of headers and bodies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::contract::{Contract, Member, Shape, TimestampFormat};

use crate::value::{Value, write};

/// A value of a member as the text of a header, unless it has no text.
pub(super) fn header(contract: &Contract, member: &Member, value: &Value) -> Option<String> {
    match (contract.shape(member), value) {
        (Shape::List(element), Value::List(items)) => {
            let format = match element.timestamp_format {
                TimestampFormat::EpochSeconds => member.timestamp_format,
                stated => stated,
            };
            let items = items.iter().flatten().map(|item| Some(quoted(scalar(item, format)?, item)));
            let items: Option<Vec<String>> = items.collect();
            items.filter(|items| !items.is_empty()).map(|items| items.join(", "))
        }
        (Shape::String, Value::String(text)) if member.media_type.is_some() => Some(STANDARD.encode(text)),
        (_, value) => scalar(value, member.timestamp_format),
    }
}

fn scalar(value: &Value, format: TimestampFormat) -> Option<String> {
    Some(match value {
        Value::Boolean(value) => value.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(value) => number(*value),
        Value::String(text) => text.clone(),
        Value::Blob(bytes) => STANDARD.encode(bytes),
        Value::Timestamp(timestamp) => write(*timestamp, format),
        Value::Document(json) => json.as_str().map_or_else(|| json.to_string(), str::to_owned),
        Value::List(_) | Value::Map(_) | Value::Structure(_) | Value::Union(..) => return None,
    })
}

/// An item of a list, in quotes if it needs them.
fn quoted(text: String, item: &Value) -> String {
    let needs_quotes = matches!(item, Value::String(_)) && text.contains([',', '"', '\\']);
    if needs_quotes { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) } else { text }
}

/// A number, or the name of one that is none.
pub(super) fn number(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        number.to_string()
    }
}
