//! Encrypts and decrypts tokens.
//!
//! A token is a random nonce, the encrypted claims and their authentication tag, in base64url. All tokens have
//! one length and reveal nothing about the session.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::claims::{CLAIMS_SIZE, Claims};

const NONCE_SIZE: usize = 24;
const TAG_SIZE: usize = 16;

/// Characters of each token.
pub const TOKEN_LENGTH: usize = (NONCE_SIZE + CLAIMS_SIZE + TAG_SIZE) / 3 * 4;

/// Random bytes, never used twice under one key.
pub type Nonce = [u8; NONCE_SIZE];

/// Seals and opens tokens under one key.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer with `key`.
    pub fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// The token that carries `claims`.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "encryption fails only beyond 256 GiB"
    )]
    pub fn seal(&self, claims: &Claims, nonce: &Nonce) -> String {
        let mut token = nonce.to_vec();
        let sealed = self
            .0
            .encrypt(&XNonce::from(*nonce), claims.to_bytes().as_slice())
            .expect("56 bytes can be encrypted");
        token.extend(sealed);
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// The claims of `token`; `None` unless this sealer issued exactly this token.
    pub fn open(&self, token: &str) -> Option<Claims> {
        if token.len() != TOKEN_LENGTH {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_SIZE>()?;
        Claims::from_bytes(&self.0.decrypt(&XNonce::from(*nonce), sealed).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;
    use crate::resources::DeploymentKey;

    fn claims() -> Claims {
        Claims {
            session: 3,
            sequence: u64::MAX,
            deployment: DeploymentKey(5),
            seen: 1,
            issued: Duration::from_millis(1_700_000_000_123),
            not_before: Duration::ZERO,
            interval: NonZeroU32::new(86_400),
        }
    }

    #[test]
    fn sealed_tokens_open() {
        let sealer = Sealer::new([1; 32]);
        let token = sealer.seal(&claims(), &[2; NONCE_SIZE]);
        assert_eq!(token.len(), TOKEN_LENGTH);
        assert_eq!(sealer.open(&token), Some(claims()));
        let other = Claims { interval: None, ..claims() };
        assert_eq!(sealer.open(&sealer.seal(&other, &[3; NONCE_SIZE])), Some(other));
    }

    #[test]
    fn altered_tokens_are_refused() {
        let sealer = Sealer::new([1; 32]);
        let token = sealer.seal(&claims(), &[2; NONCE_SIZE]);
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            assert_eq!(sealer.open(&String::from_utf8(altered).unwrap()), None, "{index}");
        }
    }

    #[test]
    fn tokens_of_other_keys_and_lengths_are_refused() {
        let sealer = Sealer::new([1; 32]);
        let token = sealer.seal(&claims(), &[2; NONCE_SIZE]);
        assert_eq!(Sealer::new([9; 32]).open(&token), None);
        assert_eq!(sealer.open(&format!("{token}=")), None);
        assert_eq!(sealer.open(&token[1..]), None);
        assert_eq!(sealer.open(""), None);
        assert_eq!(sealer.open(&"é".repeat(TOKEN_LENGTH / 2)), None);
    }
}
