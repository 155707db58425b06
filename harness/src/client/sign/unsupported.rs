//! In place of the signer where boundstone is built without the feature `aws`: there is none.

use cases::protocol::Response;
use cases::signing::Signing;
use reqwest::Request;

use crate::client::exchange::Fault;
use crate::redact::Shared;

/// Signs requests; here there is none.
#[derive(Debug, Clone, Copy)]
pub enum Signer {}

impl Signer {
    pub(crate) async fn sign(&self, _: &mut Request, _: &[u8], _: Signing) -> Result<(), Fault> {
        match *self {}
    }

    /// What must not be shown of the credentials.
    pub fn secrets(&self) -> &Shared {
        match *self {}
    }

    pub(crate) fn ahead(&self) -> i64 {
        match *self {}
    }

    pub(crate) fn was_misdated(&self, _: i64, _: &Response) -> bool {
        match *self {}
    }
}
