//! Whether a client accepts what the operation responds with.

use cases::contract::{Location, MessageKind, Shape};
use http::header::ACCEPT;

use super::reader::Reader;
use crate::bug::{Cause, Refused};
use crate::value::{EVENT_STREAM, is_event_stream};

/// Refuses a request whose header `Accept` excludes the media type of the response.
pub(super) fn check(reader: Reader<'_>) -> Refused<()> {
    let Some(media_type) = response_type(reader) else { return Ok(()) };
    let headers: Vec<_> = reader.request.headers().get_all(ACCEPT).iter().collect();
    let text =
        headers.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>().join(",");
    let is_accepted = |range: &str| matches(range.split(';').next().unwrap_or_default().trim(), media_type);
    if text.trim().is_empty() || text.split(',').any(is_accepted) {
        return Ok(());
    }
    Err(Cause::NotAcceptable(format!("The response is {media_type}.")).into())
}

/// The media type of a success. A blob without a media type may be anything.
fn response_type(reader: Reader<'_>) -> Option<&str> {
    if let Some(member) = reader.operation.output_payload() {
        if is_event_stream(reader.contract, reader.operation, &MessageKind::Output, member) {
            return Some(EVENT_STREAM);
        }
        let default = match reader.contract.shape(member) {
            Shape::Blob => None,
            Shape::String => Some("text/plain"),
            _ => Some("application/json"),
        };
        return member.media_type.as_deref().or(default);
    }
    let has_body = reader.operation.output.iter().any(|member| member.location == Location::Body);
    has_body.then_some("application/json")
}

/// Whether a media range has a media type.
fn matches(range: &str, media_type: &str) -> bool {
    let main_type = media_type.split('/').next().unwrap_or_default();
    range == "*/*"
        || range.eq_ignore_ascii_case(media_type)
        || range.strip_suffix("/*").is_some_and(|main| main.eq_ignore_ascii_case(main_type))
}
