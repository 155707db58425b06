//! How requests go out, and what is wrong with what the user said of it.

use crate::client::http::proxy::Proxy;
use crate::client::sign::signer::Signer;
use rustls::pki_types::CertificateDer;
use rustls::sign::SingleCertAndKey;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How requests go out.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Headers that go with every request which has none of that name.
    pub headers: Vec<(String, String)>,
    /// The longest wait for one answer.
    pub timeout: Duration,
    /// The version of HTTP.
    pub version: Version,
    /// Whom to trust over https, and as whom to appear.
    pub trust: Trust,
    /// What signs requests; without it they go unsigned.
    pub signer: Option<Signer>,
    /// Where all requests go first.
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

/// A choice of HTTP's version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// Over https what client and server agree on (ALPN), over http 1.1. What only HTTP/1.1 has, such
    /// as chunks, goes by HTTP/1.1.
    #[default]
    Negotiated,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, over http with prior knowledge (RFC 9113, 3.3).
    Http2,
}

/// Whom to trust over https, and as whom to appear.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Authorities to trust beside the system's.
    pub authorities: Vec<CertificateDer<'static>>,
    /// The client's certificate with its key.
    pub identity: Option<Arc<SingleCertAndKey>>,
    /// Whether any certificate is accepted.
    pub anybody: bool,
}
