//! The content that a session delivers, as far as it is known.

use sha2::{Digest, Sha256};

use super::accepted_values::{InconclusiveValues, MemberValues};
use super::outcome::{ContentState, Value};

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
    /// What these bytes are, which are not empty, if they are this content.
    pub fn state_of(&self, bytes: &[u8]) -> Option<ContentState> {
        match self {
            Self::Known(content) => (*content == bytes).then_some(ContentState::OfFixture),
            Self::ServedFirst(content) => {
                (*content == Fingerprint::of(bytes)).then_some(ContentState::ServedFirst)
            }
        }
    }
}

/// The accepted values of a member with content. The first response of a session delivers it; later ones may be empty
/// or repeat it. If nothing is known of it, any bytes are accepted and show nothing. If no session was served any so
/// far, no content shows nothing either: a resource may serve nothing.
pub(super) fn content_values(known: Option<Content<'_>>, is_delivered: bool) -> MemberValues {
    use ContentState::{Empty, OfFixture, Other, ServedFirst};

    let (accepted, inconclusive): (&[ContentState], &[ContentState]) = match (known, is_delivered) {
        (Some(Content::Known([])), _) => (&[Empty], &[]),
        (Some(Content::Known(_)), false) => (&[OfFixture], &[]),
        (Some(Content::Known(_)), true) => (&[Empty, OfFixture], &[]),
        (Some(Content::ServedFirst(served)), _) if served.length == 0 => (&[Empty], &[Empty]),
        (Some(Content::ServedFirst(_)), false) => (&[ServedFirst], &[]),
        (Some(Content::ServedFirst(_)), true) => (&[Empty, ServedFirst], &[]),
        (None, _) => (&[Other, Empty], &[Other, Empty]),
    };
    let values = |states: &[ContentState]| states.iter().map(|state| Value::Content(*state)).collect();
    let inconclusive = (!inconclusive.is_empty())
        .then(|| InconclusiveValues { values: values(inconclusive), reason: UNKNOWN_CONTENT });
    MemberValues { accepted: values(accepted), inconclusive }
}
