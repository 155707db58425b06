//! The values of members outside of a JSON body, which are text in the message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::contract::{Contract, Location, Member, Shape, TimestampFormat};
use crate::protocol::Json;

/// The value that a text represents, as JSON would have it. A text that represents no value of the shape stays a
/// string, or becomes null in a list, where the shape is a string.
pub(super) fn from_text(contract: &Contract, member: &Member, text: &str) -> Json {
    let typed = match contract.shape(member) {
        Shape::Integer(_) => whole(text),
        Shape::Number => decimal(text),
        Shape::Boolean => text.parse().ok().map(Json::Boolean),
        Shape::Timestamp if member.timestamp_format == TimestampFormat::EpochSeconds => {
            whole(text).or_else(|| decimal(text))
        }
        Shape::String if is_coded(member) => Some(decoded(text)),
        _ => None,
    };
    typed.unwrap_or_else(|| Json::String(text.to_owned()))
}

/// The values of a list in a header: separated by commas, in quotation marks where they contain one.
pub(super) fn header_list(contract: &Contract, element: &Member, text: &str) -> Json {
    let has_dates = matches!(contract.shape(element), Shape::Timestamp)
        && element.timestamp_format == TimestampFormat::HttpDate;
    // A date of HTTP has one comma of its own.
    let commas = if has_dates { 2 } else { 1 };
    let mut items = vec![String::new()];
    let (mut is_quoted, mut seen) = (false, 0);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let item = items.len() - 1;
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => items[item].extend(characters.next()),
            ',' if !is_quoted => {
                seen += 1;
                if seen % commas == 0 {
                    items.push(String::new());
                } else {
                    items[item].push(c);
                }
            }
            other => items[item].push(other),
        }
    }
    Json::Array(items.iter().map(|item| from_text(contract, element, item.trim())).collect())
}

/// Whether a header has the base64 of a value, since the value is a document of its own.
fn is_coded(member: &Member) -> bool {
    matches!(member.location, Location::Header(_)) && member.media_type.is_some()
}

/// The text whose base64 a header has; an array, which is no text, if it has none.
fn decoded(text: &str) -> Json {
    let bytes = STANDARD.decode(text).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or(Json::Array(Vec::new()), Json::String)
}

fn whole(text: &str) -> Option<Json> {
    text.parse().ok().filter(|_| !text.starts_with('+')).map(Json::Integer)
}

/// A number in digits. Names of numbers stay text.
fn decimal(text: &str) -> Option<Json> {
    let in_digits = text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    text.parse().ok().filter(|_| in_digits).map(Json::Decimal)
}
