//! Verifies the signatures of requests.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::behavior::Behavior;
use crate::protocol::ApiError;
use crate::signature::{Authorization, RequiredSignature, SignatureError, expected_signature, header_text};

/// How far the date of a request may be from the time at which it is received.
const TOLERANCE: Duration = Duration::from_mins(5);

const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// Verifies the signature of `request`, which is received at `now`. `behavior` decides what to do about each
/// error.
pub(super) fn authenticate(
    required: &RequiredSignature,
    request: &Request<Bytes>,
    now: Duration,
    behavior: &dyn Behavior,
) -> Result<(), ApiError> {
    let invalid = |error| behavior.invalid_signature(error, request);
    let headers = request.headers();
    let Some(authorization) = headers.get(AUTHORIZATION) else { return invalid(SignatureError::Missing) };
    let authorization = authorization.to_str().ok().and_then(Authorization::parse);
    let date = header_text(headers, DATE);
    let (Some(authorization), Some(time)) = (authorization, parse_date(&date)) else {
        return invalid(SignatureError::Incomplete);
    };
    if !authorization.covers(headers) {
        return invalid(SignatureError::Incomplete);
    }
    let RequiredSignature { credentials, region, service } = required;
    if time.abs_diff(now) > TOLERANCE {
        invalid(SignatureError::Date)?;
    }
    if authorization.access_key_id != credentials.access_key_id
        || header_text(headers, TOKEN) != credentials.session_token
    {
        invalid(SignatureError::UnknownKey)?;
    }
    if authorization.service != service {
        invalid(SignatureError::Service)?;
    }
    if authorization.region != region {
        invalid(SignatureError::Region)?;
    }
    let hash = behavior.payload_hash(request);
    let secret = &credentials.secret_access_key;
    let expected = expected_signature(secret, &authorization, request, &date, &hash);
    if !date.starts_with(authorization.day) || expected != authorization.signature {
        invalid(SignatureError::Mismatch)?;
    }
    Ok(())
}

/// The time since the Unix epoch that a date such as `20150830T123600Z` names.
fn parse_date(date: &str) -> Option<Duration> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    let time = TimeZone::UTC.to_timestamp(time).ok()?.as_second();
    u64::try_from(time).ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::service::Reference;
    use crate::signature::{Credentials, sign};

    /// The credentials, the scope and the time of the test suite that AWS has published.
    fn published_suite() -> (RequiredSignature, Duration) {
        let required = RequiredSignature {
            credentials: Credentials {
                access_key_id: "AKIDEXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: String::new(),
            },
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
        };
        (required, parse_date("20150830T123600Z").unwrap())
    }

    #[test]
    fn published_vectors_are_accepted() {
        let (required, now) = published_suite();
        for (method, target, signature) in [
            ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET",
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ] {
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature={signature}"
            );
            let request = Request::builder()
                .method(method)
                .uri(target)
                .header("host", "example.amazonaws.com")
                .header("x-amz-date", "20150830T123600Z")
                .header("authorization", authorization)
                .body(Bytes::new())
                .unwrap();
            assert_eq!(authenticate(&required, &request, now, &Reference), Ok(()), "{method} {target}");
        }
    }

    fn signed(required: &RequiredSignature, now: Duration) -> Request<Bytes> {
        let mut request = Request::post("/a?b=c").body(Bytes::from_static(b"{}")).unwrap();
        sign(required, &mut request, now);
        request
    }

    fn error(error: SignatureError) -> Result<(), ApiError> {
        Err(ApiError::Signature(error))
    }

    #[test]
    fn dates_have_a_tolerance() {
        let (required, now) = published_suite();
        let second = Duration::from_secs(1);
        for (signed_at, expected) in [
            (now, Ok(())),
            (now.checked_sub(TOLERANCE).unwrap(), Ok(())),
            (now + TOLERANCE + second, error(SignatureError::Date)),
            (now.checked_sub(TOLERANCE + second).unwrap(), error(SignatureError::Date)),
        ] {
            let request = signed(&required, signed_at);
            assert_eq!(authenticate(&required, &request, now, &Reference), expected, "{signed_at:?}");
        }
    }

    #[test]
    fn other_credentials_and_scopes_are_refused() {
        let (required, now) = published_suite();
        for (change, expected) in [
            (
                (|other| other.credentials.access_key_id.push('0')) as fn(&mut RequiredSignature),
                SignatureError::UnknownKey,
            ),
            (|other| other.credentials.session_token.push('0'), SignatureError::UnknownKey),
            (|other| other.credentials.secret_access_key.push('0'), SignatureError::Mismatch),
            (|other| other.service.push('0'), SignatureError::Service),
            (|other| other.region.push('0'), SignatureError::Region),
        ] {
            let mut other = required.clone();
            change(&mut other);
            let request = signed(&other, now);
            assert_eq!(authenticate(&required, &request, now, &Reference), error(expected), "{other:?}");
        }
    }

    #[test]
    fn altered_requests_are_refused() {
        let (required, now) = published_suite();
        for (change, expected) in [
            (
                (|request| *request.body_mut() = Bytes::new()) as fn(&mut Request<Bytes>),
                SignatureError::Mismatch,
            ),
            (|request| *request.uri_mut() = "/a?b=d".parse().unwrap(), SignatureError::Mismatch),
            (|request| *request.uri_mut() = "/b?b=c".parse().unwrap(), SignatureError::Mismatch),
            (|request| *request.method_mut() = http::Method::PUT, SignatureError::Mismatch),
            (|request| drop(request.headers_mut().remove("host")), SignatureError::Mismatch),
            (|request| drop(request.headers_mut().remove(AUTHORIZATION)), SignatureError::Missing),
            (|request| drop(request.headers_mut().remove(DATE)), SignatureError::Incomplete),
            (
                |request| {
                    request.headers_mut().insert("x-amz-more", HeaderValue::from_static("1"));
                },
                SignatureError::Incomplete,
            ),
        ] {
            let mut request = signed(&required, now);
            change(&mut request);
            assert_eq!(authenticate(&required, &request, now, &Reference), error(expected), "{request:?}");
        }
    }
}
