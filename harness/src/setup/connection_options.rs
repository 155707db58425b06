//! Connection options: TLS, HTTP version, proxy, unix socket.

use std::path::PathBuf;

use crate::client::http::proxy::Proxy;
use crate::client::http::settings::{Settings, Trust, Version};
use crate::client::http::tls;
use crate::setup::error::SetupError;

/// Connection options of an endpoint.
#[derive(Debug, Default, Clone)]
pub struct ConnectionOptions {
    /// A PEM file with certificates of authorities to trust in addition to those of the system.
    pub ca_cert: Option<PathBuf>,
    /// A PEM file with the certificate of the client, its chain and its private key.
    pub client_cert: Option<PathBuf>,
    /// Whether any certificate of the server is accepted.
    pub insecure: bool,
    /// The HTTP version; without one, the choice of the server over https and 1.1 over http.
    pub http: Option<HttpVersion>,
    /// The URL of a proxy.
    pub proxy: Option<String>,
    /// A unix socket to connect to instead of the host and port of the target.
    pub unix_socket: Option<PathBuf>,
}

/// An HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl HttpVersion {
    /// The version as the user types it.
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Http1 => "1.1",
            Self::Http2 => "2",
        }
    }
}

impl ConnectionOptions {
    /// Whether requests use only HTTP/2.
    pub(crate) fn is_http2_only(&self) -> bool {
        self.http == Some(HttpVersion::Http2)
    }

    /// The settings of the HTTP client. Reads the files that the options name.
    ///
    /// # Errors
    /// A file or the proxy cannot be used.
    pub(crate) fn settings(&self) -> Result<Settings, SetupError> {
        Ok(Settings {
            version: match self.http {
                None => Version::Negotiated,
                Some(HttpVersion::Http1) => Version::Http1,
                Some(HttpVersion::Http2) => Version::Http2,
            },
            trust: Trust {
                authorities: self
                    .ca_cert
                    .as_deref()
                    .map(tls::read_authorities)
                    .transpose()?
                    .unwrap_or_default(),
                identity: self.client_cert.as_deref().map(tls::read_identity).transpose()?,
                accept_any: self.insecure,
            },
            proxy: self.proxy.as_deref().map(Proxy::parse).transpose()?,
            unix_socket: self.unix_socket.clone(),
            ..Settings::default()
        })
    }

    /// Rejects the options that have no effect on the embedded mock.
    ///
    /// # Errors
    /// There is such an option.
    pub(crate) fn check_without_target(&self) -> Result<(), SetupError> {
        let setting = if self.proxy.is_some() {
            "proxy"
        } else if self.unix_socket.is_some() {
            "unix-socket"
        } else {
            return Ok(());
        };
        Err(SetupError::NoTarget { setting })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_and_socket_need_a_target() {
        for options in [
            ConnectionOptions { proxy: Some("http://a".to_owned()), ..ConnectionOptions::default() },
            ConnectionOptions { unix_socket: Some("a".into()), ..ConnectionOptions::default() },
        ] {
            assert!(options.check_without_target().unwrap_err().to_string().contains("no target is named"));
        }
        assert!(ConnectionOptions::default().check_without_target().is_ok());
    }
}
