//! The URL of a proxy, which may contain credentials.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::client::error::TransportError;

/// A proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub(crate) inner: reqwest::Proxy,
    /// Whether the connection to the proxy uses TLS.
    pub(crate) is_secure: bool,
    shown: String,
    has_credentials: bool,
    secrets: Vec<String>,
}

impl Proxy {
    /// Parses the URL of a proxy: `http`, `https`, `socks5`, or `socks5h`, which resolves the host name of
    /// the target.
    ///
    /// # Errors
    /// The URL has another scheme, no host, or a path, query or fragment.
    pub fn parse(url: &str) -> Result<Self, TransportError> {
        let invalid = |problem: String| TransportError::Proxy { problem };
        let parsed = Url::parse(url).map_err(|error| invalid(error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https" | "socks5" | "socks5h") || !parsed.has_host() {
            return Err(invalid("it is not an http, https or socks5 URL".to_owned()));
        }
        if !matches!(parsed.path(), "" | "/") || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(invalid("it has more than scheme, credentials, host and port".to_owned()));
        }
        let proxy = reqwest::Proxy::all(parsed.clone()).map_err(|error| invalid(error.to_string()))?;
        let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self {
            inner: proxy,
            is_secure: parsed.scheme() == "https",
            shown: format!("{}://{}{port}", parsed.scheme(), parsed.host_str().unwrap_or_default()),
            has_credentials: !parsed.username().is_empty() || parsed.password().is_some(),
            secrets: secrets(&parsed),
        })
    }

    /// Its URL without credentials.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether its URL has credentials.
    pub fn has_credentials(&self) -> bool {
        self.has_credentials
    }

    /// The secrets of its URL, in each form in which a response may contain them.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }
}

/// A user name without a password is a token.
fn secrets(url: &Url) -> Vec<String> {
    let secret = url.password().unwrap_or(url.username());
    if secret.is_empty() {
        return Vec::new();
    }
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let password = url.password().unwrap_or_default();
    let basic = STANDARD.encode(format!("{}:{}", decoded(url.username()), decoded(password)));
    vec![secret.to_owned(), decoded(secret), basic]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_credentials_are_secrets() {
        let proxy = Proxy::parse("http://me:s3%40cret@[::1]:3128").unwrap();
        assert_eq!(proxy.shown(), "http://[::1]:3128");
        assert_eq!(proxy.secrets(), ["s3%40cret", "s3@cret", "bWU6czNAY3JldA=="]);
        let token = Proxy::parse("http://t%40ken-x@proxy:3128").unwrap();
        assert_eq!(token.secrets(), ["t%40ken-x", "t@ken-x", "dEBrZW4teDo="]);
        assert!(Proxy::parse("socks5://a:1").unwrap().secrets().is_empty());
    }

    #[test]
    fn invalid_proxy_error_hides_credentials() {
        for wrong in ["nowhere", "ftp://u:s3cret@a", "http://u:s3cret@a/path", "http://u:s3cret@", ""] {
            let error = Proxy::parse(wrong).unwrap_err().to_string();
            assert!(error.starts_with("proxy: "), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
