//! The `Authorization` header of a signed request.

use http::HeaderMap;

/// The name of the algorithm, with which the header begins.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The parts of an `Authorization` header.
pub(crate) struct Authorization<'a> {
    pub(crate) access_key_id: &'a str,
    /// The day that the signature is for, as `YYYYMMDD`.
    pub(crate) day: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// The names of the signed headers, separated by semicolons.
    pub(crate) signed_headers: &'a str,
    pub(crate) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Parses the value of the header; `None` if a part is missing.
    pub(crate) fn parse(header: &'a str) -> Option<Self> {
        let parameters = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let parameter = |name: &str| {
            let mut parameters = parameters.split(',').map(str::trim);
            parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))
        };
        let mut credential = parameter("Credential")?.splitn(5, '/');
        let mut next = || credential.next().filter(|part| !part.is_empty());
        let (access_key_id, day, region, service) = (next()?, next()?, next()?, next()?);
        if next()? != "aws4_request" {
            return None;
        }
        Some(Self {
            access_key_id,
            day,
            region,
            service,
            signed_headers: parameter("SignedHeaders")?,
            signature: parameter("Signature")?,
        })
    }

    /// Whether it covers the headers that have to be signed: the host, and those of AWS.
    pub(crate) fn covers(&self, headers: &HeaderMap) -> bool {
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        is_signed("host")
            && headers.keys().all(|name| !name.as_str().starts_with("x-amz-") || is_signed(name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_headers_are_refused() {
        let whole = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=00";
        assert!(Authorization::parse(whole).is_some());
        for broken in [
            whole.replace("AWS4-HMAC-SHA256", "Basic"),
            whole.replace(", Signature=00", ""),
            whole.replace("SignedHeaders", "Headers"),
            whole.replace("/us-east-1", ""),
            whole.replace("aws4_request", "other"),
            String::new(),
        ] {
            assert!(Authorization::parse(&broken).is_none(), "{broken}");
        }
    }
}
