//! Bodies: bytes, and the form in which a report keeps them.

use std::borrow::Cow;

use cases::protocol::repetitions;
use serde::{Deserialize, Serialize};

/// The bytes of a body, in the most readable form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Payload {
    /// UTF-8 text.
    Text(String),
    /// Long text, as pieces that repeat.
    Runs {
        /// Each piece and how many times it occurs in a row.
        runs: Vec<(String, u64)>,
    },
    /// Anything else, in hexadecimal.
    Bytes {
        /// Two digits for each byte.
        hex: String,
    },
}

impl Default for Payload {
    fn default() -> Self {
        Payload::Text(String::new())
    }
}

impl Payload {
    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        match self {
            Payload::Text(text) => text.is_empty(),
            Payload::Runs { runs } => runs.is_empty(),
            Payload::Bytes { hex } => hex.is_empty(),
        }
    }

    /// The most readable form of `bytes`: text, runs if a piece repeats many times, or hexadecimal.
    pub fn of(bytes: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Payload::Bytes { hex: bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
        };
        let pieces = repetitions(text);
        if pieces.iter().any(|(_, times)| *times > 1) {
            let runs = pieces.into_iter().map(|(piece, times)| (piece.to_owned(), times)).collect();
            Payload::Runs { runs }
        } else {
            Payload::Text(text.to_owned())
        }
    }

    /// The bytes. `None` if there are more than `limit`, or if the hexadecimal is invalid.
    pub fn to_bytes(&self, limit: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for (piece, times) in self.byte_runs()? {
            let times = usize::try_from(times).ok()?;
            if piece.len().checked_mul(times)?.checked_add(bytes.len())? > limit {
                return None;
            }
            bytes.extend(piece.repeat(times));
        }
        Some(bytes)
    }

    /// The number of bytes; [`u64::MAX`] if it is unknown or larger.
    pub(crate) fn byte_len(&self) -> u64 {
        let sum = |runs: Vec<(Cow<'_, [u8]>, u64)>| {
            runs.iter().try_fold(0u64, |sum, (piece, times)| {
                sum.checked_add(u64::try_from(piece.len()).ok()?.checked_mul(*times)?)
            })
        };
        self.byte_runs().and_then(sum).unwrap_or(u64::MAX)
    }

    /// The pieces of the body and how many times each occurs in a row. `None` if the hexadecimal is invalid.
    pub(crate) fn byte_runs(&self) -> Option<Vec<(Cow<'_, [u8]>, u64)>> {
        if let Payload::Bytes { hex } = self {
            return Some(vec![(Cow::Owned(from_hex(hex)?), 1)]);
        }
        let borrowed = |(piece, times): (&'_ str, u64)| (Cow::Owned(piece.as_bytes().to_vec()), times);
        self.text_runs().map(|runs| runs.into_iter().map(borrowed).collect())
    }

    /// The pieces of a text and how many times each occurs in a row. `None` if the body is not text.
    pub(crate) fn text_runs(&self) -> Option<Vec<(&str, u64)>> {
        match self {
            Payload::Text(text) => Some(repetitions(text)),
            Payload::Runs { runs } => {
                Some(runs.iter().map(|(piece, times)| (piece.as_str(), *times)).collect())
            }
            Payload::Bytes { .. } => None,
        }
    }
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let mebibyte = "a".repeat(1 << 20);
        let long = format!("{{\"a\":\"{}\",\"ü\":\"{}\"}}", "x".repeat(65), "😀".repeat(4096));
        for bytes in [&b""[..], b"{}", b"\x00\xff\xfe", long.as_bytes(), mebibyte.as_bytes()] {
            let payload = Payload::of(bytes);
            assert_eq!(payload.to_bytes(1 << 21).as_deref(), Some(bytes));
            assert_eq!(payload.byte_len(), bytes.len() as u64);
        }
    }

    #[test]
    fn long_run_becomes_one_piece() {
        let body = format!("{{\"a\":\"{}\"}}", "ü".repeat(129));
        assert_eq!(
            Payload::of(body.as_bytes()),
            Payload::Runs { runs: vec![("{\"a\":\"".into(), 1), ("ü".into(), 129), ("\"}".into(), 1)] }
        );
        assert_eq!(Payload::of(&[b'a'; 31]), Payload::Text("a".repeat(31)));
    }

    #[test]
    fn too_long_or_invalid_body_has_no_bytes() {
        let huge = Payload::Runs { runs: vec![("ab".into(), u64::MAX), ("c".into(), 1)] };
        assert_eq!(huge.to_bytes(usize::MAX), None);
        assert_eq!(huge.byte_len(), u64::MAX);
        for hex in ["0", "zz", "+1"] {
            assert_eq!(Payload::Bytes { hex: hex.into() }.to_bytes(9), None);
        }
    }
}
