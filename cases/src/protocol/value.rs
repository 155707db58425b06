//! Values of shapes before they are written, and how restJson1 writes them at each location.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::call::Arg;
use super::json::quoted;
use crate::contract::{Contract, Location, Member, Shape, TimestampFormat};

/// A value of a shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value: a structure that has it does not have the member.
    Absent,
    /// Null.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as it is written.
    Number(String),
    /// A string.
    String(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// Seconds since 1970.
    Timestamp(i64),
    /// A list.
    List(Vec<Value>),
    /// A map, duplicates included.
    Map(Vec<(String, Value)>),
    /// The members of a structure or union that are present, by their names in the model.
    Members(Vec<(String, Value)>),
    /// A text that is written as it is, whatever the shape is. In a body it is JSON.
    Raw(String),
}

impl Value {
    /// The argument for a member at the location that it has in a request.
    pub fn argument(&self, contract: &Contract, member: &Member) -> Option<Arg> {
        match (&member.location, self) {
            (_, Value::Absent) => None,
            (Location::Body, Value::String(text)) => Some(Arg::Text(text.clone())),
            (Location::Body, value) => Some(Arg::Json(value.json(contract, member))),
            (Location::Payload, value) => Some(value.payload(contract, member)),
            (Location::QueryParams | Location::PrefixHeaders(_), Value::Map(entries)) => {
                Some(Arg::Pairs(pairs(contract, member, entries)))
            }
            (_, Value::List(items)) => {
                let texts = items.iter().map(|item| item.text(contract, element(contract, member)));
                Some(Arg::List(texts.collect()))
            }
            (_, value) => Some(Arg::Text(value.text(contract, member))),
        }
    }

    /// The body that a payload is.
    fn payload(&self, contract: &Contract, member: &Member) -> Arg {
        match self {
            Value::Blob(bytes) => Arg::Bytes(bytes.clone()),
            Value::String(text) => Arg::Bytes(text.clone().into_bytes()),
            value => Arg::Bytes(value.json(contract, member).into_bytes()),
        }
    }

    /// The JSON text of the value of a member.
    pub fn json(&self, contract: &Contract, member: &Member) -> String {
        match self {
            Value::Absent | Value::Null => "null".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Number(text) | Value::Raw(text) => text.clone(),
            Value::String(text) => quoted(text),
            Value::Blob(bytes) => quoted(&STANDARD.encode(bytes)),
            Value::Timestamp(seconds) => timestamp_json(*seconds, member.timestamp_format),
            Value::List(items) => {
                let element = element(contract, member);
                let items: Vec<_> = items.iter().map(|item| item.json(contract, element)).collect();
                format!("[{}]", items.join(","))
            }
            Value::Map(entries) => {
                let value_member = match contract.shape(member) {
                    Shape::Map(entry) => &entry.value,
                    _ => member,
                };
                object(entries.iter().map(|(key, value)| (key.as_str(), value.json(contract, value_member))))
            }
            Value::Members(entries) => members(contract, member, entries),
        }
    }

    /// The text of the value of a member outside of a body.
    fn text(&self, contract: &Contract, member: &Member) -> String {
        match self {
            Value::String(text) if is_coded(member) => STANDARD.encode(text),
            Value::String(text) | Value::Number(text) | Value::Raw(text) => text.clone(),
            Value::Blob(bytes) => STANDARD.encode(bytes),
            Value::Timestamp(seconds) => timestamp_text(*seconds, member.timestamp_format),
            value => value.json(contract, member),
        }
    }
}

/// The element of a list; the member itself where the shape is none.
fn element<'a>(contract: &'a Contract, member: &'a Member) -> &'a Member {
    match contract.shape(member) {
        Shape::List(element) => element,
        _ => member,
    }
}

/// Whether a header has the base64 of a string, since the string is a document of its own.
fn is_coded(member: &Member) -> bool {
    matches!(member.location, Location::Header(_)) && member.media_type.is_some()
}

/// The entries of a map to texts, or to lists of them.
fn pairs(contract: &Contract, member: &Member, entries: &[(String, Value)]) -> Vec<(String, String)> {
    let Shape::Map(entry) = contract.shape(member) else { return Vec::new() };
    let mut pairs = Vec::new();
    for (key, value) in entries {
        match value {
            Value::List(items) => {
                let inner = element(contract, &entry.value);
                pairs.extend(items.iter().map(|item| (key.clone(), item.text(contract, inner))));
            }
            value => pairs.push((key.clone(), value.text(contract, &entry.value))),
        }
    }
    pairs
}

fn members(contract: &Contract, member: &Member, entries: &[(String, Value)]) -> String {
    let known = match contract.shape(member) {
        Shape::Structure(members) | Shape::Union(members) => members.as_slice(),
        _ => &[],
    };
    let present = entries.iter().filter(|(_, value)| *value != Value::Absent);
    object(present.map(|(name, value)| match known.iter().find(|member| member.name == *name) {
        Some(member) => (member.json_name.as_str(), value.json(contract, member)),
        None => (name.as_str(), value.json(contract, member)),
    }))
}

fn object<'a>(members: impl Iterator<Item = (&'a str, String)>) -> String {
    let members: Vec<_> = members.map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", members.join(","))
}

fn timestamp_json(seconds: i64, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::EpochSeconds => seconds.to_string(),
        TimestampFormat::DateTime | TimestampFormat::HttpDate => quoted(&timestamp_text(seconds, format)),
    }
}

fn timestamp_text(seconds: i64, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::EpochSeconds => seconds.to_string(),
        TimestampFormat::DateTime => jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string(),
        TimestampFormat::HttpDate => {
            let since = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
            httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since)
        }
    }
}
