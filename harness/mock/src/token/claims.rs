//! What a token says.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::resources::DeploymentKey;

/// How long a token may be used: 24 hours (model › `GetLatestConfiguration` › `ConfigurationToken`).
pub const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// The bytes that claims are written in.
pub(super) const CLAIMS_SIZE: usize = 56;

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
    pub fn to_bytes(&self) -> [u8; CLAIMS_SIZE] {
        let words = [
            self.session,
            self.sequence,
            self.deployment.0 as u64,
            self.seen,
            milliseconds(self.issued),
            milliseconds(self.not_before),
            self.interval.map_or(0, |interval| u64::from(interval.get())),
        ];
        let mut bytes = [0; CLAIMS_SIZE];
        for (place, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }

    /// Reads [`Claims::to_bytes`]; `None` if the bytes are no claims.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_another_size_are_refused() {
        let claims = Claims {
            session: 3,
            sequence: u64::MAX,
            deployment: DeploymentKey(5),
            seen: 1,
            issued: Duration::from_millis(1_700_000_000_123),
            not_before: Duration::ZERO,
            interval: NonZeroU32::new(86_400),
        };
        let mut bytes = claims.to_bytes().to_vec();
        assert_eq!(Claims::from_bytes(&bytes), Some(claims));
        bytes.push(0);
        assert_eq!(Claims::from_bytes(&bytes), None);
        assert_eq!(Claims::from_bytes(&bytes[..CLAIMS_SIZE - 1]), None);
    }
}
