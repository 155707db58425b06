//! Writes the members of a message that are bound to headers.

use cases::contract::{Contract, Location, Member};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::text;
use crate::value::{Structure, Value};

/// Adds the headers of a message. A value that a header cannot have is left out.
pub(super) fn write(contract: &Contract, members: &[Member], values: &Structure, headers: &mut HeaderMap) {
    for member in members {
        let Some(value) = values.get(&member.name) else { continue };
        match &member.location {
            Location::Header(name) => {
                insert(headers, name, text::header(contract, member, value));
            }
            Location::PrefixHeaders(prefix) => {
                let Value::Map(entries) = value else { continue };
                for (key, value) in entries {
                    let Some(Value::String(text)) = value else { continue };
                    insert(headers, &format!("{prefix}{key}"), Some(text.clone()));
                }
            }
            _ => {}
        }
    }
}

fn insert(headers: &mut HeaderMap, name: &str, text: Option<String>) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
    // The length of the body is what it is.
    if name == CONTENT_LENGTH {
        return;
    }
    let value = text.and_then(|text| HeaderValue::from_str(text.trim()).ok());
    headers.extend(value.map(|value| (name, value)));
}
