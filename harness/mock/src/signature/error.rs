//! What is wrong with a signature.

use std::fmt;

use http::StatusCode;

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureError {
    /// The request is not signed.
    Missing,
    /// A part of the signature is missing or malformed.
    Incomplete,
    /// The date of the request differs too much from the current time.
    Date,
    /// The access key id is unknown, or its session has another token.
    UnknownKey,
    /// The signature is for another service.
    Service,
    /// The signature is for another region.
    Region,
    /// It is not the signature of this request by this key.
    Mismatch,
}

impl SignatureError {
    /// The status of the common error that reports it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Incomplete | Self::Date => StatusCode::BAD_REQUEST,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// The type of the common error that reports it.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationToken",
            Self::Incomplete => "IncompleteSignature",
            Self::Date => "RequestExpired",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Service | Self::Region | Self::Mismatch => "InvalidSignatureException",
        }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "The request is not signed.",
            Self::Incomplete => "The signature lacks a part.",
            Self::Date => "The date of the request differs too much from the current time.",
            Self::UnknownKey => "The access key is not known.",
            Self::Service => "The signature is for another service.",
            Self::Region => "The signature is for another region.",
            Self::Mismatch => "The signature does not match.",
        })
    }
}
