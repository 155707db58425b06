//! How requests go out, and what is wrong with what the user said of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderName;
use rustls::pki_types::CertificateDer;
use rustls::sign::SingleCertAndKey;

use crate::client::http::proxy::Proxy;
use crate::client::sign::signer::Signer;
use crate::config::user_file::FileError;

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

/// Why there can be no transport.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The target is no base URL.
    #[error("--target {url}: {problem}; a base URL such as http://127.0.0.1:4566 is expected")]
    Url {
        /// As given, but for what may be a secret.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A header cannot be sent.
    #[error("--header {name}: not a valid HTTP header")]
    Header {
        /// The name alone: the value may be a secret.
        name: String,
    },
    /// A header is not the user's to say.
    #[error("--header {name}: each request says itself what its body is and how long")]
    Framing {
        /// Its name.
        name: HeaderName,
    },
    /// Answers are not decompressed.
    #[error(
        "--header accept-encoding: boundstone reads no compressed responses and asks for `identity`; leave this header out"
    )]
    Encoding,
    /// The URL of a proxy cannot be used. It may hold a password, and is not shown.
    #[error("--proxy: {problem}; a URL such as http://127.0.0.1:3128 or socks5://127.0.0.1:1080 is expected")]
    Proxy {
        /// What is wrong with it.
        problem: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// A file is not what the flag asks for.
    #[error("{flag} {}: {problem}", path.display())]
    Pem {
        /// The flag that names it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what is expected.
        problem: String,
    },
    /// The way to the target that was asked for does not exist.
    #[error("{0}")]
    Way(&'static str),
    /// There is nobody to trust.
    #[error("the system's certificates cannot be used ({0}); name whom to trust with --ca-cert FILE")]
    Roots(rustls::Error),
    /// The client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Client(reqwest::Error),
}
