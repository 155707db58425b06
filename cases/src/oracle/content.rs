//! The content that a session delivers, as far as it is known.

use sha2::{Digest, Sha256};

use super::accepted_values::{InconclusiveValues, MemberValues};

/// The value of known content that is delivered completely.
pub const CONTENT: &str = "<the content of the fixture>";
/// The value of content that no fixture gives, and that is what a session of the resource was served first.
pub const SERVED: &str = "<what was served first>";
/// The value of content that is empty.
pub const EMPTY: &str = "<empty>";
/// The value of content that is none of these.
pub const OTHER_CONTENT: &str = "<other bytes>";

/// Why unknown content shows nothing.
const UNKNOWN_CONTENT: &str =
    "no content came that could be compared: let the fixtures say what the resources serve";

/// What is known of the content that a response may deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// A fixture gives it.
    Known(&'a [u8]),
    /// A session of the resource was served it first.
    ServedFirst(Fingerprint),
}

/// Identifies content, which may be large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    length: usize,
    digest: [u8; 32],
}

impl Fingerprint {
    /// That of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), digest: Sha256::digest(bytes).into() }
    }
}

impl Content<'_> {
    /// The placeholder of these bytes, which are not empty, if they are this content.
    pub fn placeholder(&self, bytes: &[u8]) -> Option<&'static str> {
        match self {
            Self::Known(content) => (*content == bytes).then_some(CONTENT),
            Self::ServedFirst(content) => (*content == Fingerprint::of(bytes)).then_some(SERVED),
        }
    }
}

/// The accepted values of a member with content. The first response of a session delivers it; later ones may be empty
/// or repeat it. If nothing is known of it, any bytes are accepted and show nothing. If no session was served any so
/// far, no content shows nothing either: a resource may serve nothing.
pub(super) fn content_values(known: Option<Content<'_>>, is_delivered: bool) -> MemberValues {
    let (accepted, inconclusive): (&[&str], &[&str]) = match (known, is_delivered) {
        (Some(Content::Known([])), _) => (&[EMPTY], &[]),
        (Some(Content::Known(_)), false) => (&[CONTENT], &[]),
        (Some(Content::Known(_)), true) => (&[EMPTY, CONTENT], &[]),
        (Some(Content::ServedFirst(served)), _) if served.length == 0 => (&[EMPTY], &[EMPTY]),
        (Some(Content::ServedFirst(_)), false) => (&[SERVED], &[]),
        (Some(Content::ServedFirst(_)), true) => (&[EMPTY, SERVED], &[]),
        (None, _) => (&[OTHER_CONTENT, EMPTY], &[OTHER_CONTENT, EMPTY]),
    };
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let inconclusive = (!inconclusive.is_empty())
        .then(|| InconclusiveValues { values: owned(inconclusive), reason: UNKNOWN_CONTENT });
    MemberValues { accepted: owned(accepted), inconclusive }
}
