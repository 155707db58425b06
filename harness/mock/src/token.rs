//! Tokens: the state of a session, encrypted and authenticated.
//!
//! A token is a random nonce, the sealed claims and their tag, in base64url. All have one length
//! and show nothing of the session. The mock keeps no list of them: see
//! [`Behaviour::is_spent`](super::Behaviour::is_spent) for how each serves once.

use std::num::NonZeroU32;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::resources::DeploymentKey;

const NONCE: usize = 24;
const CLAIMS: usize = 56;
const TAG: usize = 16;

/// Characters of each token.
pub const LENGTH: usize = (NONCE + CLAIMS + TAG) / 3 * 4;

/// Random bytes, never used twice under one key.
pub type Nonce = [u8; NONCE];

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Number of the session.
    pub session: u64,
    /// Number of the token within its session; the initial one has 0.
    pub sequence: u64,
    /// What the session polls.
    pub deployment: DeploymentKey,
    /// The version that the session received last; 0 before the first poll.
    pub seen: u64,
    /// When the token was issued, since the Unix epoch, in whole milliseconds.
    pub issued: Duration,
    /// The earliest time of the poll, since the Unix epoch, in whole milliseconds.
    pub not_before: Duration,
    /// The interval that the session asked for, in seconds.
    pub interval: Option<NonZeroU32>,
}

impl Claims {
    /// The claims in a fixed number of bytes.
    pub fn to_bytes(&self) -> [u8; CLAIMS] {
        let words = [
            self.session,
            self.sequence,
            self.deployment.0 as u64,
            self.seen,
            milliseconds(self.issued),
            milliseconds(self.not_before),
            self.interval.map_or(0, |interval| u64::from(interval.get())),
        ];
        let mut bytes = [0; CLAIMS];
        for (place, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }

    /// Reads [`Claims::to_bytes`]; `None` if no claims are written so.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks();
        let &[session, sequence, deployment, seen, issued, not_before, interval] = words else {
            return None;
        };
        let interval = u32::try_from(u64::from_be_bytes(interval)).ok()?;
        rest.is_empty().then_some(())?;
        Some(Self {
            session: u64::from_be_bytes(session),
            sequence: u64::from_be_bytes(sequence),
            deployment: DeploymentKey(usize::try_from(u64::from_be_bytes(deployment)).ok()?),
            seen: u64::from_be_bytes(seen),
            issued: Duration::from_millis(u64::from_be_bytes(issued)),
            not_before: Duration::from_millis(u64::from_be_bytes(not_before)),
            interval: NonZeroU32::new(interval),
        })
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

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

    /// The claims of `token`; `None` if this sealer did not seal it just so.
    pub fn open(&self, token: &str) -> Option<Claims> {
        if token.len() != LENGTH {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        Claims::from_bytes(&self.0.decrypt(&XNonce::from(*nonce), sealed).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn opens_what_it_sealed() {
        let sealer = Sealer::new([1; 32]);
        let token = sealer.seal(&claims(), &[2; NONCE]);
        assert_eq!(token.len(), LENGTH);
        assert_eq!(sealer.open(&token), Some(claims()));
        let other = Claims { interval: None, ..claims() };
        assert_eq!(sealer.open(&sealer.seal(&other, &[3; NONCE])), Some(other));
    }

    #[test]
    fn refuses_each_altered_character() {
        let sealer = Sealer::new([1; 32]);
        let token = sealer.seal(&claims(), &[2; NONCE]);
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            assert_eq!(sealer.open(&String::from_utf8(altered).unwrap()), None, "{index}");
        }
    }

    #[test]
    fn refuses_other_keys_lengths_and_text() {
        let sealer = Sealer::new([1; 32]);
        let token = sealer.seal(&claims(), &[2; NONCE]);
        assert_eq!(Sealer::new([9; 32]).open(&token), None);
        assert_eq!(sealer.open(&format!("{token}=")), None);
        assert_eq!(sealer.open(&token[1..]), None);
        assert_eq!(sealer.open(""), None);
        assert_eq!(sealer.open(&"é".repeat(LENGTH / 2)), None);
    }

    #[test]
    fn claims_with_bytes_to_spare_are_none() {
        let mut bytes = claims().to_bytes().to_vec();
        assert_eq!(Claims::from_bytes(&bytes), Some(claims()));
        bytes.push(0);
        assert_eq!(Claims::from_bytes(&bytes), None);
        assert_eq!(Claims::from_bytes(&bytes[..CLAIMS - 1]), None);
    }
}
