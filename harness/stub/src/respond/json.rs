//! Writes values as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::contract::{Contract, Member, Shape, TimestampFormat};
use serde_json::Value as Json;

use super::text;
use crate::value::{Structure, Value, write};

/// A value of a member as JSON.
pub(super) fn value(contract: &Contract, member: &Member, value: &Value) -> Json {
    match (contract.shape(member), value) {
        (Shape::List(element), Value::List(items)) => {
            items.iter().map(|item| optional(contract, element, item.as_ref())).collect()
        }
        (Shape::Map(entry), Value::Map(entries)) => entries
            .iter()
            .map(|(key, value)| (key.clone(), optional(contract, &entry.value, value.as_ref())))
            .collect(),
        (Shape::Structure(members), Value::Structure(values)) => {
            Json::Object(self::members(contract, members.iter(), values))
        }
        (Shape::Union(members), Value::Union(name, value)) => {
            let member = members.iter().filter(|member| member.name == *name);
            member.map(|member| (member.json_name.clone(), self::value(contract, member, value))).collect()
        }
        (_, value) => scalar(member, value),
    }
}

/// The members of a structure that have a value.
pub(super) fn members<'a>(
    contract: &Contract,
    members: impl Iterator<Item = &'a Member>,
    values: &Structure,
) -> serde_json::Map<String, Json> {
    members
        .filter_map(|member| Some((member, values.get(&member.name)?)))
        .map(|(member, given)| (member.json_name.clone(), value(contract, member, given)))
        .collect()
}

fn optional(contract: &Contract, member: &Member, given: Option<&Value>) -> Json {
    given.map_or(Json::Null, |given| value(contract, member, given))
}

fn scalar(member: &Member, value: &Value) -> Json {
    match value {
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(number) => integer(*number),
        Value::Number(number) => match serde_json::Number::from_f64(*number) {
            Some(number) => Json::Number(number),
            None => Json::String(text::number(*number)),
        },
        Value::String(text) => Json::String(text.clone()),
        Value::Blob(bytes) => Json::String(STANDARD.encode(bytes)),
        Value::Timestamp(timestamp) => match member.timestamp_format {
            TimestampFormat::EpochSeconds => Json::from(timestamp.as_second()),
            format => Json::String(write(*timestamp, format)),
        },
        Value::Document(json) => json.clone(),
        Value::List(_) => Json::Array(Vec::new()),
        Value::Map(_) | Value::Structure(_) | Value::Union(..) => Json::Object(serde_json::Map::new()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a number of more than 64 bits is written as a decimal one")]
fn integer(number: i128) -> Json {
    i64::try_from(number).map_or_else(|_| Json::from(number as f64), Json::from)
}
