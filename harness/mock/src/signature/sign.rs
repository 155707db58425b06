//! Signs requests as a client does, for the tests of the mock.

use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Request};

use super::authorization::{ALGORITHM, Authorization};
use super::canonical::{body_hash, expected_signature};
use super::credentials::RequiredSignature;

/// Adds the signature that `required` describes, made at `now`.
pub(crate) fn sign(required: &RequiredSignature, request: &mut Request<Bytes>, now: Duration) {
    let timestamp = jiff::Timestamp::from_second(i64::try_from(now.as_secs()).unwrap()).unwrap();
    let date = timestamp.strftime("%Y%m%dT%H%M%SZ").to_string();
    let RequiredSignature { credentials, region, service } = required;
    let headers = request.headers_mut();
    headers.entry("host").or_insert(HeaderValue::from_static("localhost"));
    headers.insert("x-amz-date", date.parse().unwrap());
    headers.insert("x-amz-security-token", credentials.session_token.parse().unwrap());
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let signed_headers = names.join(";");
    let authorization = Authorization {
        access_key_id: &credentials.access_key_id,
        day: &date[..8],
        region,
        service,
        signed_headers: &signed_headers,
        signature: "",
    };
    let hash = body_hash(request.body());
    let secret = &credentials.secret_access_key;
    let signature = expected_signature(secret, &authorization, request, &date, &hash);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}/{region}/{service}/aws4_request, SignedHeaders={signed_headers}, \
         Signature={signature}",
        credentials.access_key_id, authorization.day
    );
    request.headers_mut().insert(AUTHORIZATION, authorization.parse().unwrap());
}
