//! Credentials as JSON.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use jiff::Timestamp;
use serde::Deserialize;

/// Credentials as services of containers and instances return them, and commands print them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Keys {
    /// The version of the format, which only commands print.
    pub(crate) version: Option<u32>,
    access_key_id: String,
    secret_access_key: String,
    #[serde(alias = "SessionToken")]
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Keys {
    /// The credentials, with the name of their provider for debug output.
    pub(crate) fn into_credentials(self, provider: &'static str) -> Credentials {
        let expiry = self.expiration.and_then(|expiration| SystemTime::try_from(expiration).ok());
        Credentials::new(self.access_key_id, self.secret_access_key, self.token, expiry, provider)
    }
}
