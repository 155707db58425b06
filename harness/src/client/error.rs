//! Why an endpoint cannot be connected to as configured.

use crate::config::user_file::FileError;
use reqwest::header::HeaderName;
use std::path::PathBuf;

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
