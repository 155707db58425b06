//! Configuration errors of a connection. Messages name settings as `boundstone.toml` does, without the dashes of a
//! flag: the library reads the same settings from elsewhere.

use crate::config::user_file::FileError;
use reqwest::header::HeaderName;
use std::path::PathBuf;

/// Why a transport cannot be created as configured.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The target is not a base URL.
    #[error("target {url}: {problem}; pass a base URL such as http://127.0.0.1:4566")]
    Url {
        /// The URL as given, without credentials, query and fragment.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A header cannot be sent.
    #[error("header {name}: not a valid HTTP header")]
    Header {
        /// The name only, because the value may be a secret.
        name: String,
    },
    /// The header describes the body, so each request sets it itself.
    #[error("header {name}: each request sets this header itself; omit it")]
    BodyHeader {
        /// The name of the header.
        name: HeaderName,
    },
    /// Responses are not decompressed.
    #[error(
        "header accept-encoding: boundstone does not read compressed responses and requests `identity`; omit this header"
    )]
    AcceptEncoding,
    /// The URL of a proxy cannot be used. It is not shown because it may contain a password.
    #[error("proxy: {problem}; pass a URL such as http://127.0.0.1:3128 or socks5://127.0.0.1:1080")]
    Proxy {
        /// What is wrong with it.
        problem: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// A file does not contain what its setting requires.
    #[error("{setting} {}: {problem}", path.display())]
    Pem {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what is expected.
        problem: String,
    },
    /// The connection options cannot be used together or on this system.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The certificate authorities of the system cannot be used.
    #[error(
        "the certificates of the system cannot be used ({0}); name a file with the trusted ones as `ca-cert`"
    )]
    TrustStore(rustls::Error),
    /// The HTTP client cannot be created.
    #[error("the HTTP client cannot be created: {0}")]
    Client(reqwest::Error),
}
