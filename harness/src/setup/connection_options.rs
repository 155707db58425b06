//! How an endpoint is connected to: TLS, version of HTTP, proxy, socket.

use std::path::PathBuf;

use crate::client::http::proxy::Proxy;
use crate::client::http::settings::{Settings, Trust, Version};
use crate::client::http::tls;
use crate::setup::error::CliError;

/// How an endpoint is connected to.
#[derive(Debug, Default, Clone)]
pub struct ConnectionOptions {
    /// A PEM file with certificates of authorities to trust next to the system's.
    pub ca_cert: Option<PathBuf>,
    /// A PEM file with the client's certificate, its chain and its private key.
    pub client_cert: Option<PathBuf>,
    /// Whether any certificate of the server is accepted.
    pub insecure: bool,
    /// The version of HTTP; without one, the server's choice over https and 1.1 over http.
    pub http: Option<HttpVersion>,
    /// The URL of a proxy.
    pub proxy: Option<String>,
    /// A unix socket to connect to in place of the target's host and port.
    pub unix_socket: Option<PathBuf>,
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl HttpVersion {
    /// As the user types it.
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Http1 => "1.1",
            Self::Http2 => "2",
        }
    }
}

impl ConnectionOptions {
    /// Whether requests go by HTTP/2 alone.
    pub(crate) fn is_http2_only(&self) -> bool {
        self.http == Some(HttpVersion::Http2)
    }

    /// How requests go out, the files read that these arguments name.
    pub(crate) fn settings(&self) -> Result<Settings, CliError> {
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

    /// The embedded mock is connected to directly.
    pub(crate) fn needs_target(&self) -> Result<(), CliError> {
        let flag = if self.proxy.is_some() {
            "--proxy"
        } else if self.unix_socket.is_some() {
            "--unix-socket"
        } else {
            return Ok(());
        };
        Err(CliError::NoTarget { flag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_mock_has_no_way_to_it() {
        for options in [
            ConnectionOptions { proxy: Some("http://a".to_owned()), ..ConnectionOptions::default() },
            ConnectionOptions { unix_socket: Some("a".into()), ..ConnectionOptions::default() },
        ] {
            assert!(options.needs_target().unwrap_err().to_string().contains("no --target is named"));
        }
        assert!(ConnectionOptions::default().needs_target().is_ok());
    }
}
