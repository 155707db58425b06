//! What requests have to be signed with, and for.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::canonical::hexadecimal;

/// The region of a server that is given none.
pub const DEFAULT_REGION: &str = "us-east-1";

/// Temporary credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: String,
    /// The session token, which each request carries.
    pub session_token: String,
}

impl Credentials {
    /// Credentials that are as hard to guess as the seed.
    pub(crate) fn new(seed: &[u8]) -> Self {
        let part = |name: &str| hexadecimal(&Sha256::new().chain_update(name).chain_update(seed).finalize());
        Self {
            access_key_id: format!("ASIA{}", part("access key id")[..16].to_uppercase()),
            secret_access_key: part("secret access key")[..40].to_owned(),
            session_token: part("session token"),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// The signature that each request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredSignature {
    /// The credentials to sign with.
    pub credentials: Credentials,
    /// The region to sign for.
    pub region: String,
    /// The signing name of the service.
    pub service: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_credentials() {
        let credentials = Credentials::new(b"seed");
        let shown = format!("{credentials:?}");
        for secret in [&credentials.access_key_id, &credentials.secret_access_key, &credentials.session_token]
        {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
