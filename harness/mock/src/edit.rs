//! Changes to responses, and behaviours that make one: what deviations and variants are made of.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use super::behaviour::Behaviour;
use super::fault::Fault;

/// Reports another fault than the one that was found.
pub(super) struct Reports(pub(super) fn(Fault) -> Fault);

impl Behaviour for Reports {
    fn fault(&self, fault: Fault) -> Fault {
        (self.0)(fault)
    }
}

/// Changes the responses to `StartConfigurationSession` that tell success.
pub(super) struct Starts(pub(super) fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Starts {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses to `GetLatestConfiguration` that tell success.
pub(super) struct Polls(pub(super) fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Polls {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if !is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses that tell an error.
pub(super) struct Refuses(pub(super) fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Refuses {
    fn finish(&self, _request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if response.status().is_success() { response } else { (self.0)(response) }
    }
}

pub(super) fn is_start(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST
}

/// The fault that a response tells, if it tells one.
pub(super) fn fault_of(response: &Response<Bytes>) -> Option<&Fault> {
    response.extensions().get()
}

pub(super) fn with_status(mut response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    *response.status_mut() = status;
    response
}

pub(super) fn with_header(
    mut response: Response<Bytes>,
    name: HeaderName,
    value: &'static str,
) -> Response<Bytes> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

pub(super) fn without_header(mut response: Response<Bytes>, name: &HeaderName) -> Response<Bytes> {
    response.headers_mut().remove(name);
    response
}

pub(super) fn with_body(response: Response<Bytes>, body: impl Into<Bytes>) -> Response<Bytes> {
    response.map(|_| body.into())
}

/// Compresses the body of a response, if it has one. The blocks are stored as they are (RFC 1951, 3.2.4):
/// what matters is that nobody reads them who reads no gzip.
pub(super) fn compressed(response: Response<Bytes>) -> Response<Bytes> {
    if response.body().is_empty() {
        return response;
    }
    let response = with_header(response, CONTENT_ENCODING, "gzip");
    let mut response = response.map(|body| Bytes::from(gzip(&body)));
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = content.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        packed.push(u8::from(blocks.peek().is_none()));
        // No chunk is longer.
        let length = u16::try_from(block.len()).unwrap_or_default();
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    packed.extend(crc32(content).to_le_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "the length modulo 2³²")]
    packed.extend((content.len() as u32).to_le_bytes());
    packed
}

fn crc32(content: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    };
    !content.iter().fold(!0, step)
}

/// Changes the JSON document of a response.
pub(super) fn with_document(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut document) => {
            change(&mut document);
            Bytes::from(document.to_string())
        }
        Err(_) => body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_gzip() {
        // As `gzip` has it of itself: the check value of CRC-32, and the length.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let packed = gzip(b"123456789");
        assert_eq!(packed[..3], [0x1f, 0x8b, 8]);
        assert_eq!(packed[10..15], [1, 9, 0, 0xf6, 0xff]);
        assert_eq!(packed[15..24], *b"123456789");
        assert_eq!(packed[24..], [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0]);
        let long = gzip(&vec![b'a'; 70_000]);
        assert_eq!((long[10], long[10 + 5 + 65_535], long.len()), (0, 1, 10 + 5 + 65_535 + 5 + 4465 + 8));
    }
}
