//! Verifies AWS Signature Version 4, written from its specification: canonical request, string to
//! sign, chain of keys. It shares no code with what signs boundstone's own requests, so that each is
//! a check on the other.

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use super::behaviour::Behaviour;
use super::fault::Fault;

/// How far the date of a request may be from the time at which it comes.
const TOLERANCE: Duration = Duration::from_mins(5);

/// The region of a server that is told none.
pub const REGION: &str = "us-east-1";

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What requests are signed with: temporary credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: String,
    /// The session token, which goes with each request.
    pub session_token: String,
}

/// Lets requests in that are signed with its keys, for its region and service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The keys.
    pub keys: Keys,
    /// The region.
    pub region: String,
    /// The signing name of the service.
    pub service: String,
}

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// There is none.
    Missing,
    /// A part of it is missing or cannot be read.
    Incomplete,
    /// The request is dated too far from now.
    Time,
    /// Nobody has this access key id, or its session has another token.
    UnknownKey,
    /// Its scope is another service.
    Service,
    /// Its scope is another region.
    Region,
    /// It is not the signature of this request by this key.
    Mismatch,
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    access_key_id: &'a str,
    /// The day of the scope.
    day: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// Keys that are as hard to guess as the seed.
    pub(super) fn new(seed: &[u8]) -> Self {
        let part = |name: &str| hexadecimal(&Sha256::new().chain_update(name).chain_update(seed).finalize());
        Self {
            access_key_id: format!("ASIA{}", part("access key id")[..16].to_uppercase()),
            secret_access_key: part("secret access key")[..40].to_owned(),
            session_token: part("session token"),
        }
    }
}

impl Gate {
    /// Whether `request`, which comes at `now`, is let in.
    pub(super) fn admit(
        &self,
        request: &Request<Bytes>,
        now: Duration,
        behaviour: &dyn Behaviour,
    ) -> Result<(), Fault> {
        let flawed = |flaw| behaviour.flawed(flaw, request);
        let headers = request.headers();
        let Some(authorization) = headers.get(AUTHORIZATION) else { return flawed(Flaw::Missing) };
        let authorization = authorization.to_str().ok().and_then(Authorization::read);
        let date = text(headers, DATE);
        let (Some(authorization), Some(time)) = (authorization, time(&date)) else {
            return flawed(Flaw::Incomplete);
        };
        if !authorization.covers(headers) {
            return flawed(Flaw::Incomplete);
        }
        if time.abs_diff(now) > TOLERANCE {
            flawed(Flaw::Time)?;
        }
        if authorization.access_key_id != self.keys.access_key_id
            || text(headers, TOKEN) != self.keys.session_token
        {
            flawed(Flaw::UnknownKey)?;
        }
        if authorization.service != self.service {
            flawed(Flaw::Service)?;
        }
        if authorization.region != self.region {
            flawed(Flaw::Region)?;
        }
        let hash = behaviour.payload_hash(request);
        let expected = signature(&self.keys.secret_access_key, &authorization, request, &date, &hash);
        if !date.starts_with(authorization.day) || expected != authorization.signature {
            flawed(Flaw::Mismatch)?;
        }
        Ok(())
    }
}

impl Flaw {
    /// The status of the common error that tells it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Incomplete | Self::Time => StatusCode::BAD_REQUEST,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// The type of the common error that tells it.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationToken",
            Self::Incomplete => "IncompleteSignature",
            Self::Time => "RequestExpired",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Service | Self::Region | Self::Mismatch => "InvalidSignatureException",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "The request is not signed.",
            Self::Incomplete => "The signature lacks a part.",
            Self::Time => "The request is dated too far from now.",
            Self::UnknownKey => "The access key is not known.",
            Self::Service => "The signature is for another service.",
            Self::Region => "The signature is for another region.",
            Self::Mismatch => "The signature does not match.",
        })
    }
}

impl<'a> Authorization<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let parts = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let part = |name: &str| {
            let mut parts = parts.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        let mut credential = part("Credential")?.splitn(5, '/');
        let mut next = || credential.next().filter(|part| !part.is_empty());
        let (access_key_id, day, region, service) = (next()?, next()?, next()?, next()?);
        let is_whole = next()? == "aws4_request";
        is_whole.then_some(Self {
            access_key_id,
            day,
            region,
            service,
            signed_headers: part("SignedHeaders")?,
            signature: part("Signature")?,
        })
    }

    /// Whether it covers the headers that it has to: the host, and those of AWS.
    fn covers(&self, headers: &HeaderMap) -> bool {
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        is_signed("host")
            && headers.keys().all(|name| !name.as_str().starts_with("x-amz-") || is_signed(name.as_str()))
    }
}

/// The signature that `request` has to have, with the scope and the headers that it names.
fn signature(
    secret: &str,
    named: &Authorization<'_>,
    request: &Request<Bytes>,
    date: &str,
    payload_hash: &str,
) -> String {
    let Authorization { day, region, service, signed_headers, .. } = named;
    let canonical = canonical_request(request, signed_headers, payload_hash);
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hash_of(canonical.as_bytes()));
    let first = format!("AWS4{secret}").into_bytes();
    let parts = [day, region, service, "aws4_request"];
    let key = parts.into_iter().fold(first, |key, part| authenticated(&key, part));
    hexadecimal(&authenticated(&key, &to_sign))
}

/// Method, path, query, headers, their names, and the hash of the body, each in its one form.
fn canonical_request(request: &Request<Bytes>, signed_headers: &str, payload_hash: &str) -> String {
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        // Writing to a string cannot fail.
        let _ = writeln!(headers, "{name}:{}", text(request.headers(), name));
    }
    let path = canonical_path(request.uri().path());
    let query = canonical_query(request.uri().query().unwrap_or_default());
    format!("{}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload_hash}", request.method())
}

/// The path without `.`, `..` and empty segments, each of the others encoded once more.
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

/// The parameters in the order of their names and values, each encoded in one way.
fn canonical_query(query: &str) -> String {
    let encoded = |text: &str| {
        // A plus sign is a blank, as in a form.
        let plain = text.replace('+', " ");
        let plain: Vec<u8> = percent_decode(plain.as_bytes()).collect();
        percent_encoding::percent_encode(&plain, RESERVED).to_string()
    };
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    parameters.sort();
    parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The values of a header, each with single blanks, in one text. Absent is empty.
fn text(headers: &HeaderMap, name: &str) -> String {
    let value = |value: &http::HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    };
    headers.get_all(name).iter().map(value).collect::<Vec<_>>().join(",")
}

/// The time since the Unix epoch that `20150830T123600Z` names.
fn time(date: &str) -> Option<Duration> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    let time = TimeZone::UTC.to_timestamp(time).ok()?.as_second();
    u64::try_from(time).ok().map(Duration::from_secs)
}

/// The SHA-256 of a body, as signatures have it.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn authenticated(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length.
        unreachable!("a key of {} bytes", key.len())
    };
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Signs as a client does, so that the tests of the mock need no other code.
#[cfg(test)]
pub(super) fn sign(gate: &Gate, request: &mut Request<Bytes>, now: Duration) {
    let timestamp = jiff::Timestamp::from_second(i64::try_from(now.as_secs()).unwrap()).unwrap();
    let date = timestamp.strftime("%Y%m%dT%H%M%SZ").to_string();
    let Gate { keys, region, service } = gate;
    let headers = request.headers_mut();
    headers.entry("host").or_insert(http::HeaderValue::from_static("localhost"));
    headers.insert(DATE, date.parse().unwrap());
    headers.insert(TOKEN, keys.session_token.parse().unwrap());
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let signed_headers = names.join(";");
    let named = Authorization {
        access_key_id: &keys.access_key_id,
        day: &date[..8],
        region,
        service,
        signed_headers: &signed_headers,
        signature: "",
    };
    let hash = hash_of(request.body());
    let signature = signature(&keys.secret_access_key, &named, request, &date, &hash);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}/{region}/{service}/aws4_request, SignedHeaders={signed_headers}, \
         Signature={signature}",
        keys.access_key_id, named.day
    );
    request.headers_mut().insert(AUTHORIZATION, authorization.parse().unwrap());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reference;

    /// The keys, the scope and the time of the test suite that AWS has published.
    fn suite() -> (Gate, Duration) {
        let gate = Gate {
            keys: Keys {
                access_key_id: "AKIDEXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: String::new(),
            },
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
        };
        (gate, time("20150830T123600Z").unwrap())
    }

    fn authorization(signed_headers: &str, signature: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={signed_headers}, Signature={signature}"
        )
    }

    fn request(method: &str, target: &str, authorization: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", "example.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .header("authorization", authorization)
    }

    #[test]
    fn the_published_vectors_are_let_in() {
        let (gate, now) = suite();
        for (method, target, signature) in [
            ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET",
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ] {
            let authorization = authorization("host;x-amz-date", signature);
            let request = request(method, target, &authorization).body(Bytes::new()).unwrap();
            assert_eq!(gate.admit(&request, now, &Reference), Ok(()), "{method} {target}");
        }
    }

    #[test]
    fn each_flaw_is_seen_by_itself() {
        let (gate, now) = suite();
        let signed = |gate: &Gate, now| {
            let mut request = Request::post("/a?b=c").body(Bytes::from_static(b"{}")).unwrap();
            sign(gate, &mut request, now);
            request
        };
        let admit = |request: &Request<Bytes>| gate.admit(request, now, &Reference);
        let flaw = |flaw| Err(Fault::Signature(flaw));
        assert_eq!(admit(&signed(&gate, now)), Ok(()));
        let late = signed(&gate, now + TOLERANCE + Duration::from_secs(1));
        assert_eq!(admit(&late), flaw(Flaw::Time));
        let early = signed(&gate, now.checked_sub(TOLERANCE + Duration::from_secs(1)).unwrap());
        assert_eq!(admit(&early), flaw(Flaw::Time));
        assert_eq!(admit(&signed(&gate, now.checked_sub(TOLERANCE).unwrap())), Ok(()));
        let other = |change: fn(&mut Gate)| {
            let mut other = gate.clone();
            change(&mut other);
            admit(&signed(&other, now))
        };
        assert_eq!(other(|gate| gate.keys.access_key_id.push('0')), flaw(Flaw::UnknownKey));
        assert_eq!(other(|gate| gate.keys.session_token.push('0')), flaw(Flaw::UnknownKey));
        assert_eq!(other(|gate| gate.keys.secret_access_key.push('0')), flaw(Flaw::Mismatch));
        assert_eq!(other(|gate| gate.service.push('0')), flaw(Flaw::Service));
        assert_eq!(other(|gate| gate.region.push('0')), flaw(Flaw::Region));
        let changed = |change: fn(&mut Request<Bytes>)| {
            let mut request = signed(&gate, now);
            change(&mut request);
            admit(&request)
        };
        assert_eq!(changed(|request| *request.body_mut() = Bytes::new()), flaw(Flaw::Mismatch));
        assert_eq!(changed(|request| *request.uri_mut() = "/a?b=d".parse().unwrap()), flaw(Flaw::Mismatch));
        assert_eq!(changed(|request| *request.uri_mut() = "/b?b=c".parse().unwrap()), flaw(Flaw::Mismatch));
        assert_eq!(changed(|request| *request.method_mut() = http::Method::PUT), flaw(Flaw::Mismatch));
        assert_eq!(changed(|request| drop(request.headers_mut().remove("host"))), flaw(Flaw::Mismatch));
        assert_eq!(changed(|request| drop(request.headers_mut().remove(AUTHORIZATION))), flaw(Flaw::Missing));
        assert_eq!(changed(|request| drop(request.headers_mut().remove(DATE))), flaw(Flaw::Incomplete));
        let unsigned = changed(|request| {
            request.headers_mut().insert("x-amz-more", http::HeaderValue::from_static("1"));
        });
        assert_eq!(unsigned, flaw(Flaw::Incomplete));
    }

    #[test]
    fn half_an_authorization_is_none() {
        let whole = authorization("host;x-amz-date", "00");
        assert!(Authorization::read(&whole).is_some());
        for broken in [
            whole.replace("AWS4-HMAC-SHA256", "Basic"),
            whole.replace(", Signature=00", ""),
            whole.replace("SignedHeaders", "Headers"),
            whole.replace("/us-east-1", ""),
            whole.replace("aws4_request", "other"),
            String::new(),
        ] {
            assert!(Authorization::read(&broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn paths_and_queries_have_one_form() {
        assert_eq!(canonical_path("/"), "/");
        assert_eq!(canonical_path("/a/./b//../c%20d/"), "/a/c%2520d/");
        assert_eq!(canonical_query(""), "");
        assert_eq!(canonical_query("b&a=2&a=%31&c=x+y%7e"), "a=1&a=2&b=&c=x%20y~");
    }

    #[test]
    fn keys_do_not_show() {
        let keys = Keys::new(b"seed");
        let shown = format!("{keys:?}");
        for secret in [&keys.access_key_id, &keys.secret_access_key, &keys.session_token] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
