//! Replaces the signer where boundstone is built without the feature `aws`.

use cases::protocol::Response;
use cases::signing::Signing;
use reqwest::Request;

use crate::client::exchange::TransportFailure;
use crate::redact::RedactionSet;

/// Signs requests. Without the feature `aws` there is no signer.
#[derive(Debug, Clone, Copy)]
pub enum Signer {}

impl Signer {
    pub(crate) async fn sign(&self, _: &mut Request, _: &[u8], _: Signing) -> Result<(), TransportFailure> {
        match *self {}
    }

    /// The secrets of the credentials.
    pub fn secrets(&self) -> &RedactionSet {
        match *self {}
    }

    pub(crate) fn clock_skew(&self) -> i64 {
        match *self {}
    }

    pub(crate) fn was_misdated(&self, _: i64, _: &Response) -> bool {
        match *self {}
    }
}
