//! What HTTP and the protocol define for every response, whatever its operation.

use cases::contract::Contract;
use cases::protocol::Json;
use cases::protocol::Response;

/// Whether a response says that the service is unavailable and when to retry. Gateways send it without
/// knowing the contract.
pub(crate) fn is_unavailable(response: &Response) -> bool {
    response.status == 503 && response.header("retry-after").is_some()
}

/// The header that names the content codings of a body.
pub(crate) const CONTENT_ENCODING: &str = "content-encoding";

/// The content codings of a body in their order, if any. `identity` is not a coding (RFC 9110, 8.4), and an
/// empty body is not coded.
pub(crate) fn content_encoding(response: &Response) -> Option<String> {
    if response.body.is_empty() {
        return None;
    }
    let values = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(CONTENT_ENCODING));
    let codings =
        values.flat_map(|(_, value)| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<String> = codings.filter(|coding| !matches!(coding.as_str(), "" | "identity")).collect();
    (!codings.is_empty()).then(|| codings.join(", "))
}

/// The header that carries the error type.
pub(crate) const ERROR_TYPE_HEADER: &str = "x-amzn-errortype";

/// The error type in the order of restJson1: the header, then `code`, then `__type` of the body. It ends at
/// the first colon and begins after the first `#`. An empty name counts as none.
pub fn error_type(response: &Response, body: Option<&Json>) -> Option<String> {
    let of_body = |name| body.and_then(|body| body.get(name)).and_then(Json::as_str);
    let raw = [response.header(ERROR_TYPE_HEADER), of_body("code"), of_body("__type")]
        .into_iter()
        .flatten()
        .find(|text| !text.is_empty())?;
    let without_uri = raw.split(':').next().unwrap_or(raw);
    let name = without_uri.split_once('#').map_or(without_uri, |(_, name)| name).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether a response is an error of the platform, for example for invalid credentials.
pub fn is_common_error(contract: &Contract, response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    error_type(response, body.as_ref())
        .is_some_and(|error_type| contract.is_common_error(&error_type, response.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(values: &[&str], body: &str) -> Option<String> {
        let header = |value: &&str| ("Content-Encoding".to_owned(), (*value).to_owned());
        let headers = values.iter().map(header).collect();
        content_encoding(&Response { status: 200, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn content_codings_are_listed_in_order() {
        for (values, expected) in [
            (&["gzip"][..], "gzip"),
            (&["GZip "], "gzip"),
            (&["deflate, br"], "deflate, br"),
            (&["deflate", "identity, x-own"], "deflate, x-own"),
        ] {
            assert_eq!(coded(values, "a").as_deref(), Some(expected));
        }
        for plain in [&[][..], &["identity"], &[""], &["Identity, identity"]] {
            assert_eq!(coded(plain, "a"), None);
        }
        assert_eq!(coded(&["gzip"], ""), None);
    }
}
