//! Reads the body of a request.

use super::reading::{Constraint, MAX_DEPTH, OpenReason};
use crate::contract::{Contract, Member, Operation, Shape};
use crate::protocol::{Json, NotJson, Request, media_type};

/// What the body of a request is.
pub(super) struct Body {
    /// Its members or its payload, or why it cannot be read.
    pub(super) content: Result<Content, Unreadable>,
    /// What is open about it, the last of several.
    pub(super) open: Option<OpenReason>,
}

/// The content of a body.
pub(super) enum Content {
    /// The members of an object.
    Members(Vec<(String, Json)>),
    /// The value of the payload; none if there is no body.
    Payload(Option<Json>),
}

/// Why a body cannot be read.
pub(super) enum Unreadable {
    /// It breaks this.
    Broken(Constraint),
    /// It is open whether it can be read.
    Open,
}

impl Body {
    /// Reads the body of a request for an operation.
    pub(super) fn read(contract: &Contract, operation: &Operation, request: &Request) -> Self {
        match operation.input_payload() {
            Some(member) => Self::payload(contract, member, request),
            None if operation.body_members().next().is_some() => Self::members(request),
            None => Self { content: Ok(Content::Members(Vec::new())), open: None },
        }
    }

    fn members(request: &Request) -> Self {
        let open = other_content_type(request, "application/json");
        if request.body.is_empty() {
            return Self { content: Ok(Content::Members(Vec::new())), open };
        }
        let (json, more) = parse(request);
        let content = json.and_then(|json| match json {
            Json::Object(members) => Ok(Content::Members(members)),
            _ => Err(Unreadable::Broken(Constraint::Document)),
        });
        Self { content, open: more.or(open) }
    }

    fn payload(contract: &Contract, member: &Member, request: &Request) -> Self {
        let shape = contract.shape(member);
        let open = member
            .media_type
            .as_deref()
            .or(payload_type(shape))
            .and_then(|expected| other_content_type(request, expected));
        if request.body.is_empty() {
            // Nobody can tell an empty text from none.
            let is_text = matches!(shape, Shape::Blob | Shape::String) && member.constraints.required;
            let open = if is_text { Some(OpenReason::EmptyPayload) } else { open };
            return Self { content: Ok(Content::Payload(None)), open };
        }
        match shape {
            Shape::Blob => {
                // The length of a blob counts bytes, and each of these characters is one.
                let bytes = request.body.iter().map(|byte| char::from(*byte)).collect();
                Self { content: Ok(Content::Payload(Some(Json::String(bytes)))), open }
            }
            Shape::String => match String::from_utf8(request.body.clone()) {
                Ok(text) => Self { content: Ok(Content::Payload(Some(Json::String(text)))), open },
                Err(_) => Self { content: Err(Unreadable::Open), open: Some(OpenReason::NotUtf8) },
            },
            _ => {
                let (json, more) = parse(request);
                Self { content: json.map(|json| Content::Payload(Some(json))), open: more.or(open) }
            }
        }
    }
}

/// The content type of a payload without `mediaType`. That of a blob may be any.
fn payload_type(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Blob => None,
        Shape::String => Some("text/plain"),
        _ => Some("application/json"),
    }
}

fn other_content_type(request: &Request, expected: &str) -> Option<OpenReason> {
    let content_type = request.header("content-type").map(media_type);
    (content_type != Some(media_type(expected))).then_some(OpenReason::ContentType)
}

/// The JSON value of a body that is not empty.
fn parse(request: &Request) -> (Result<Json, Unreadable>, Option<OpenReason>) {
    // RFC 8259, 8.1: a reader may ignore the mark or treat it as an error.
    let text = request.body.strip_prefix(b"\xef\xbb\xbf");
    let mark = text.map(|_| OpenReason::ByteOrderMark);
    match Json::parse(text.unwrap_or(&request.body)) {
        Ok(json) => {
            let depth = if let Json::Object(_) = json { json.depth() - 1 } else { json.depth() };
            let deep = (depth > MAX_DEPTH).then_some(OpenReason::TooDeep);
            (Ok(json), deep.or(mark))
        }
        Err(NotJson::Malformed) => (Err(Unreadable::Broken(Constraint::Syntax)), mark),
        Err(NotJson::LoneSurrogate) => (Err(Unreadable::Open), Some(OpenReason::LoneSurrogate)),
        Err(NotJson::TooDeep) => (Err(Unreadable::Open), Some(OpenReason::TooDeep)),
    }
}
