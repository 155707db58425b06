//! Writes a structure as a response, by the bindings of its members.

use bytes::Bytes;
use cases::contract::{Contract, Location, Member, Shape};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use super::{headers, json};
use crate::value::{Structure, Value};

/// The media type of JSON.
pub(super) const JSON: &str = "application/json";

/// A structure that becomes a response: an output or an error.
pub(crate) struct Message<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) members: &'a [Member],
    pub(crate) values: &'a Structure,
    /// The status, unless a member is bound to it.
    pub(crate) status: u16,
}

/// A body with its media type.
struct Body {
    bytes: Bytes,
    media_type: String,
}

impl Message<'_> {
    /// The response of a success.
    pub(crate) fn output(&self) -> Response<Bytes> {
        let body = match self.members.iter().find(|member| member.location == Location::Payload) {
            Some(member) => self.values.get(&member.name).map(|value| self.payload(member, value)),
            None if self.body_members().next().is_some() => Some(self.json(&serde_json::Map::new())),
            None => None,
        };
        let has_body = !matches!(self.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        self.respond(body.filter(|_| has_body))
    }

    /// The response of an error, with these members where it has no values of its own.
    pub(super) fn error(&self, others: &serde_json::Map<String, serde_json::Value>) -> Response<Bytes> {
        let body = self.json(others);
        self.respond(Some(body))
    }

    fn body_members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.location == Location::Body)
    }

    fn json(&self, others: &serde_json::Map<String, serde_json::Value>) -> Body {
        let mut members = others.clone();
        members.extend(json::members(self.contract, self.body_members(), self.values));
        let bytes = serde_json::Value::Object(members).to_string().into();
        Body { bytes, media_type: JSON.to_owned() }
    }

    fn payload(&self, member: &Member, value: &Value) -> Body {
        let (bytes, default) = match (self.contract.shape(member), value) {
            (_, Value::Blob(bytes)) => (bytes.clone(), "application/octet-stream"),
            (Shape::String, Value::String(text)) => (text.clone().into(), "text/plain"),
            _ => (json::value(self.contract, member, value).to_string().into(), JSON),
        };
        let media_type = member.media_type.clone().unwrap_or_else(|| default.to_owned());
        Body { bytes, media_type }
    }

    fn status(&self) -> StatusCode {
        let bound = self.members.iter().find(|member| member.location == Location::ResponseCode);
        let bound = bound.and_then(|member| match self.values.get(&member.name)? {
            Value::Integer(number) => u16::try_from(*number).ok(),
            _ => None,
        });
        StatusCode::from_u16(bound.unwrap_or(self.status)).unwrap_or(StatusCode::OK)
    }

    fn respond(&self, body: Option<Body>) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = self.status();
        if let Some(body) = body {
            *response.body_mut() = body.bytes;
            let media_type = HeaderValue::try_from(body.media_type).ok();
            response.headers_mut().extend(media_type.map(|media_type| (CONTENT_TYPE, media_type)));
        }
        let mut bound = http::HeaderMap::new();
        headers::write(self.contract, self.members, self.values, &mut bound);
        response.headers_mut().extend(bound);
        response
    }
}
