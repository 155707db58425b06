//! What a session receives.

use bytes::Bytes;
use http::HeaderValue;

/// What a session receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The raw bytes.
    pub content: Bytes,
    /// The value of `Content-Type`.
    pub content_type: HeaderValue,
    /// The value of `Version-Label`, if the version has one.
    pub version_label: Option<HeaderValue>,
}

impl Configuration {
    /// A text without a version label.
    pub fn text(content: &str, content_type: HeaderValue) -> Self {
        Self { content: Bytes::copy_from_slice(content.as_bytes()), content_type, version_label: None }
    }

    /// The same configuration with a version label.
    #[must_use]
    pub fn labeled(self, label: HeaderValue) -> Self {
        Self { version_label: Some(label), ..self }
    }
}
