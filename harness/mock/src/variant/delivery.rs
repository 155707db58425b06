//! How answers come over the wire.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderName, HeaderValue, Request, Response};

use super::{Variant, compressed, serving, variant, with_header};
use crate::behaviour::Behaviour;
use crate::delivery::{AfterResponse, Delivery};
use crate::memory::Every;

pub(super) const ALL: &[Variant] = &[
    variant("title-case-headers")
        .about("The names of headers are written in title case.")
        .serving(|| serving(Delivers(Delivery { title_case: true, ..Delivery::default() }))),
    variant("chunked-answers")
        .about("Bodies come in chunks of seven bytes, without their length.")
        .serving(|| serving(Delivers(Delivery { chunk: NonZeroUsize::new(7), ..Delivery::default() }))),
    variant("connection-closed")
        .about("The connection is closed after each answer, and the answer says so.")
        .serving(|| serving(Delivers(Delivery { connection: AfterResponse::Closed, ..Delivery::default() }))),
    variant("connection-closed-unsaid")
        .about("The connection is closed after each answer, and the answer does not say so.")
        .serving(|| {
            serving(Delivers(Delivery { connection: AfterResponse::ClosedUnsaid, ..Delivery::default() }))
        }),
    variant("slow-now-and-then")
        .about("Every twentieth request takes some milliseconds longer.")
        .serving(|| serving(Dawdles(Every::new(20)))),
    variant("many-headers")
        .about("Answers carry many further headers, some of them twice.")
        .serving(|| serving(AddsHeaders)),
    variant("content-type-with-charset")
        .about("The content type of JSON bodies has a charset, and letters of either case.")
        .serving(|| serving(NamesCharset)),
    variant("compresses-what-it-may")
        .about("Bodies are compressed unless the client asks for `identity` alone (RFC 9110, 12.5.3).")
        .serving(|| serving(CompressesWhatItMay)),
    variant("encoding-identity")
        .about("Answers say that their bodies have the content encoding `identity`.")
        .serving(|| serving(NamesIdentity)),
];

struct Delivers(Delivery);

impl Behaviour for Delivers {
    fn delivery(&self) -> Delivery {
        self.0
    }
}

struct Dawdles(Every);

impl Behaviour for Dawdles {
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

impl Behaviour for AddsHeaders {
    fn finish(&self, _: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        for (name, value) in Self::HEADERS {
            response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}

struct NamesCharset;

impl Behaviour for NamesCharset {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let json = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
        if json { with_header(response, CONTENT_TYPE, "Application/JSON;charset=UTF-8") } else { response }
    }
}

struct CompressesWhatItMay;

impl Behaviour for CompressesWhatItMay {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let asks = request.headers().get(ACCEPT_ENCODING);
        let response =
            if asks.is_some_and(|asks| asks == "identity") { response } else { compressed(response) };
        with_header(response, VARY, "accept-encoding")
    }
}

struct NamesIdentity;

impl Behaviour for NamesIdentity {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        with_header(response, CONTENT_ENCODING, "identity")
    }
}
