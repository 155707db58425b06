//! In place of the signer where boundstone is built without the feature `aws`: there is none.

use cases::http::Response;
use cases::signing::Signing;
use reqwest::Request;

/// Signs requests; here there is none.
#[derive(Debug, Clone, Copy)]
pub enum Signer {}

impl Signer {
    pub(super) async fn sign(&self, _: &mut Request, _: &[u8], _: Signing) -> Result<(), Signer> {
        match *self {}
    }

    pub(super) fn ahead(&self) -> i64 {
        match *self {}
    }

    pub(super) fn was_misdated(&self, _: i64, _: &Response) -> bool {
        match *self {}
    }
}
