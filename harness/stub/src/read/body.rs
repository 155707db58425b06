//! Reads members from the body.

use bytes::Bytes;
use cases::contract::{Location, Member, MessageKind, Shape};
use http::header::CONTENT_TYPE;

use super::json;
use super::reader::Reader;
use crate::bug::{Aspect, Cause, Place, Refused};
use crate::value::{Structure, Value, is_event_stream};

const JSON: &str = "application/json";

/// The members in the body. Without any, the body is not read.
pub(super) fn read(reader: Reader<'_>, root: &Place<'_>) -> Refused<Structure> {
    if let Some(member) = reader.operation.input_payload() {
        let value = payload(reader, member, &root.member(&member.name))?;
        return Ok(value.map(|value| (member.name.clone(), value)).into_iter().collect());
    }
    let is_read = reader.operation.body_members().next().is_some();
    if !is_read || reader.request.body().is_empty() {
        return Ok(Structure::new());
    }
    check_media_type(reader, JSON)?;
    let body = parse(reader.request.body(), root)?;
    let members = reader.operation.input.iter().filter(|member| member.location == Location::Body);
    json::members(reader.contract, members, &body, root)
}

fn payload(reader: Reader<'_>, member: &Member, place: &Place<'_>) -> Refused<Option<Value>> {
    let body = reader.request.body();
    let shape = reader.contract.shape(member);
    if is_event_stream(reader.contract, reader.operation, &MessageKind::Input, member) {
        return Ok(Some(Value::Document(serde_json::Value::Null)));
    }
    let is_raw = matches!(shape, Shape::Blob | Shape::String);
    if body.is_empty() && !(is_raw && member.constraints.required) {
        return Ok(None);
    }
    let media_type = match (shape, &member.media_type) {
        (_, Some(media_type)) => Some(media_type.as_str()),
        (Shape::Blob, None) => None,
        (Shape::String, None) => Some("text/plain"),
        (_, None) => Some(JSON),
    };
    if let Some(media_type) = media_type {
        check_media_type(reader, media_type)?;
    }
    match shape {
        Shape::Blob => Ok(Some(Value::Blob(body.clone()))),
        Shape::String => std::str::from_utf8(body)
            .map(|text| Some(Value::String(text.to_owned())))
            .map_err(|_| place.unreadable(Aspect::Type, "the body is not UTF-8")),
        _ => match parse(body, place)? {
            serde_json::Value::Null => Ok(None),
            body => json::value(reader.contract, member, &body, place).map(Some),
        },
    }
}

fn parse(body: &Bytes, place: &Place<'_>) -> Refused<serde_json::Value> {
    serde_json::from_slice(body)
        .map_err(|error| place.unreadable(Aspect::Type, &format!("the body is not JSON: {error}")))
}

/// Refuses a body of another media type, or without one. No body needs none.
fn check_media_type(reader: Reader<'_>, expected: &str) -> Refused<()> {
    let is_expected = media_type(reader).is_some_and(|given| given.eq_ignore_ascii_case(essence(expected)));
    if is_expected || reader.request.body().is_empty() {
        return Ok(());
    }
    Err(Cause::MediaType(format!("The body has to be {expected}.")).into())
}

/// The media type of the request, without parameters.
fn media_type(reader: Reader<'_>) -> Option<String> {
    // A member that is bound to this header says what the body is.
    let value = reader.request.headers().get(CONTENT_TYPE)?;
    Some(essence(&String::from_utf8_lossy(value.as_bytes())).to_ascii_lowercase())
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}
