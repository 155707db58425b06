//! Settings of the HTTP transport.

use crate::client::http::proxy::Proxy;
use crate::client::sign::signer::Signer;
use rustls::pki_types::CertificateDer;
use rustls::sign::SingleCertAndKey;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings of the HTTP transport.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Headers for every request that has none of the same name.
    pub headers: Vec<(String, String)>,
    /// The timeout of one exchange.
    pub timeout: Duration,
    /// The HTTP version.
    pub version: Version,
    /// The trusted authorities and the client certificate.
    pub trust: Trust,
    /// The signer of the requests. `None` sends them unsigned.
    pub signer: Option<Signer>,
    /// The proxy for all requests.
    pub proxy: Option<Proxy>,
    /// The unix socket to connect to, whatever the host of the target.
    pub unix_socket: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            version: Version::default(),
            trust: Trust::default(),
            signer: None,
            proxy: None,
            unix_socket: None,
        }
    }
}

/// A choice of HTTP version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// With TLS the version that client and server agree on (ALPN), otherwise HTTP/1.1. Requests that need a
    /// feature of HTTP/1.1, such as chunks, use HTTP/1.1.
    #[default]
    Negotiated,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, without TLS with prior knowledge (RFC 9113, 3.3).
    Http2,
}

/// The trusted authorities and the client certificate.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Authorities to trust in addition to those of the system.
    pub authorities: Vec<CertificateDer<'static>>,
    /// The client certificate with its key.
    pub identity: Option<Arc<SingleCertAndKey>>,
    /// Whether to accept any server certificate.
    pub accept_any: bool,
}
