//! How responses are written to the connection.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderName, HeaderValue, Request, Response};

use super::definition::{Variant, variant};
use crate::protocol::{AfterResponse, Delivery};
use crate::service::{Behavior, MockConfig};
use crate::toolkit::{EveryNth, compressed, with_header};

pub(super) const ALL: &[Variant] = &[
    variant("title-case-headers")
        .about("The names of headers are written in title case.")
        .config(|| MockConfig::with(Delivers(Delivery { title_case: true, ..Delivery::default() }))),
    variant("chunked-responses").about("Bodies are sent in chunks of seven bytes.").config(|| {
        MockConfig::with(Delivers(Delivery { chunk: NonZeroUsize::new(7), ..Delivery::default() }))
    }),
    variant("connection-closed")
        .about("The connection is closed after each response, and the response says so.")
        .config(|| {
            MockConfig::with(Delivers(Delivery { connection: AfterResponse::Close, ..Delivery::default() }))
        }),
    variant("connection-closed-silently")
        .about("The connection is closed after each response, and the response does not say so.")
        .config(|| {
            MockConfig::with(Delivers(Delivery {
                connection: AfterResponse::CloseSilently,
                ..Delivery::default()
            }))
        }),
    variant("occasionally-slow")
        .about("Every 20th request takes a few milliseconds longer.")
        .config(|| MockConfig::with(Delays(EveryNth::new(20)))),
    variant("many-headers")
        .about("Responses have many additional headers, some of them twice.")
        .config(|| MockConfig::with(AddsHeaders)),
    variant("content-type-with-charset")
        .about("The content type of JSON bodies is in mixed case and has a charset.")
        .config(|| MockConfig::with(NamesCharset)),
    variant("compresses-when-allowed")
        .about("Bodies are compressed unless the client accepts `identity` only (RFC 9110, 12.5.3).")
        .config(|| MockConfig::with(CompressesWhenAllowed)),
    variant("encoding-identity")
        .about("Responses have the content encoding `identity`.")
        .config(|| MockConfig::with(NamesIdentity)),
];

struct Delivers(Delivery);

impl Behavior for Delivers {
    fn delivery(&self) -> Delivery {
        self.0
    }
}

struct Delays(EveryNth);

impl Behavior for Delays {
    fn pause(&self, _: &Request<Bytes>) -> Duration {
        if self.0.hit() { Duration::from_millis(5) } else { Duration::ZERO }
    }
}

struct AddsHeaders;

impl AddsHeaders {
    const HEADERS: [(&str, &str); 12] = [
        ("set-cookie", "session=0123456789abcdef; Path=/; HttpOnly; SameSite=Lax"),
        ("set-cookie", "lang=en; Max-Age=3600"),
        ("server", "unusual/1.0"),
        ("x-amzn-requestid", "6f2d1f3a-7b0c-4c1e-9a55-0f7e2b9d4c11"),
        ("x-amz-cf-id", "Zm9vYmFyYmF6cXV4"),
        ("x-cache", "Miss from proxy"),
        ("via", "1.1 proxy-a"),
        ("via", "1.1 proxy-b"),
        ("vary", "accept-encoding"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=63072000"),
        ("access-control-expose-headers", "x-amzn-requestid,x-amzn-errortype"),
    ];
}

impl Behavior for AddsHeaders {
    fn finish(&self, _: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        for (name, value) in Self::HEADERS {
            response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}

struct NamesCharset;

impl Behavior for NamesCharset {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let json = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
        if json { with_header(response, CONTENT_TYPE, "Application/JSON;charset=UTF-8") } else { response }
    }
}

struct CompressesWhenAllowed;

impl Behavior for CompressesWhenAllowed {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let accepted = request.headers().get(ACCEPT_ENCODING);
        let response = if accepted.is_some_and(|accepted| accepted == "identity") {
            response
        } else {
            compressed(response)
        };
        with_header(response, VARY, "accept-encoding")
    }
}

struct NamesIdentity;

impl Behavior for NamesIdentity {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        with_header(response, CONTENT_ENCODING, "identity")
    }
}
