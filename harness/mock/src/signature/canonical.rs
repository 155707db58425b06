//! Computes signatures: canonical request, string to sign, and chain of keys.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use super::authorization::{ALGORITHM, Authorization};

/// Everything except what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The signature that `request` should have, with the scope and the headers that `authorization` names.
pub(crate) fn expected_signature(
    secret: &str,
    authorization: &Authorization<'_>,
    request: &Request<Bytes>,
    date: &str,
    payload_hash: &str,
) -> String {
    let Authorization { day, region, service, signed_headers, .. } = authorization;
    let canonical = canonical_request(request, signed_headers, payload_hash);
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", body_hash(canonical.as_bytes()));
    let first = format!("AWS4{secret}").into_bytes();
    let parts = [day, region, service, "aws4_request"];
    let key = parts.into_iter().fold(first, |key, part| hmac(&key, part));
    hexadecimal(&hmac(&key, &to_sign))
}

/// Method, path, query, headers, their names, and the hash of the body, each in its canonical form.
fn canonical_request(request: &Request<Bytes>, signed_headers: &str, payload_hash: &str) -> String {
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        let _infallible = writeln!(headers, "{name}:{}", header_text(request.headers(), name));
    }
    let path = canonical_path(request.uri().path());
    let query = canonical_query(request.uri().query().unwrap_or_default());
    format!("{}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload_hash}", request.method())
}

/// The path without `.`, `..` and empty segments, each other segment encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let mut canonical = String::new();
    for segment in segments {
        canonical.push('/');
        canonical.extend(utf8_percent_encode(segment, RESERVED));
    }
    if canonical.is_empty() || ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) {
        canonical.push('/');
    }
    canonical
}

/// The parameters sorted by name and value, each encoded in one way.
fn canonical_query(query: &str) -> String {
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (canonical_parameter(name), canonical_parameter(value)))
        .collect();
    parameters.sort();
    parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A name or value of the query, in which a plus sign is a space as in a form.
fn canonical_parameter(text: &str) -> String {
    let text = text.replace('+', " ");
    let decoded: Vec<u8> = percent_decode(text.as_bytes()).collect();
    percent_encode(&decoded, RESERVED).to_string()
}

/// The values of a header in one text, with single spaces. It is empty without the header.
pub(crate) fn header_text(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter().map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    });
    values.collect::<Vec<_>>().join(",")
}

/// The SHA-256 of a body, in the form that signatures use.
pub(crate) fn body_hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length.
        unreachable!("a key of {} bytes", key.len())
    };
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

/// Bytes in hexadecimal digits, lower case.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_have_one_form() {
        assert_eq!(canonical_path("/"), "/");
        assert_eq!(canonical_path("/a/./b//../c%20d/"), "/a/c%2520d/");
        assert_eq!(canonical_query(""), "");
        assert_eq!(canonical_query("b&a=2&a=%31&c=x+y%7e"), "a=1&a=2&b=&c=x%20y~");
    }
}
