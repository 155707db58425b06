//! What tokens look like: the contract allows many forms.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::definition::{Variant, variant};
use crate::protocol::ApiError;
use crate::service::{Behavior, MockConfig, Reference};
use crate::token::{Claims, Nonce, Sealer};
use crate::toolkit::IssuedTokens;

pub(super) const ALL: &[Variant] = &[
    variant("longest-tokens")
        .about("Tokens have the maximum length of both contracts: 2,048 characters for initial ones, 8,192 for others.")
        .config(|| {
            MockConfig::with(Writes::new(|sealed, claims, _| {
                let length = if claims.sequence == 0 { 2048 } else { 8192 };
                sealed.chars().cycle().take(length).collect()
            }))
        }),
    variant("tokens-of-punctuation")
        .about("Tokens contain every visible ASCII character, including those that a URL has to encode.")
        .config(|| MockConfig::with(Writes::new(|sealed, _, _| sealed.chars().map(to_punctuation).collect()))),
    variant("short-tokens")
        .about("Tokens are twelve random characters.")
        .config(|| MockConfig::with(Writes::new(|_, _, nonce| BASE64_URL_SAFE_NO_PAD.encode(&nonce[..9])))),
    variant("tokens-of-varying-length").about("Tokens have various lengths.").config(|| {
        MockConfig::with(Writes::new(|sealed, _, nonce| {
            sealed.chars().cycle().take(64 + usize::from(nonce[0])).collect()
        }))
    }),
    variant("uuid-tokens")
        .about("Tokens are UUIDs.")
        .config(|| MockConfig::with(Writes::new(|_, _, nonce| uuid(nonce)))),
    variant("token-padding-ignored")
        .about("Tokens are base64, and their padding is ignored.")
        .config(|| MockConfig::with(Decodes(IssuedTokens::default()))),
];

/// Issues 16 random bytes in base64, and compares the decoded bytes.
struct Decodes(IssuedTokens);

/// Decodes base64 and ignores all padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Behavior for Decodes {
    fn seal(&self, _: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.issue(BASE64_URL_SAFE_NO_PAD.encode(&nonce[..16]), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let bytes = LENIENT.decode(token).unwrap_or_default();
        self.0.open(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Writes tokens from the sealed claims, the claims and random bytes.
struct Writes {
    write: fn(String, &Claims, &Nonce) -> String,
    issued: IssuedTokens,
}

impl Writes {
    fn new(write: fn(String, &Claims, &Nonce) -> String) -> Self {
        Self { write, issued: IssuedTokens::default() }
    }
}

impl Behavior for Writes {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        self.issued.issue((self.write)(token, claims, nonce), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.issued.open(token)
    }
}

/// Replaces the capital letters and some digits of base64url with punctuation.
fn to_punctuation(c: char) -> char {
    const PUNCTUATION: &[u8; 32] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    let position = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".find(c);
    position.map_or(c, |position| char::from(PUNCTUATION[position]))
}

/// Random bytes in the form of a UUID of version 4.
fn uuid(nonce: &Nonce) -> String {
    let hex: String = nonce[..16].iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect();
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// A number below 16 as its digit.
fn digit(value: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_well_formed() {
        assert_eq!(uuid(&[0x12; 24]), "12121212-1212-4212-a212-121212121212");
    }

    #[test]
    fn all_punctuation_is_used() {
        let sealed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_abc";
        let written: String = sealed.chars().map(to_punctuation).collect();
        assert!(written.chars().all(|c| c.is_ascii_graphic()));
        let punctuation = ('!'..='~').filter(char::is_ascii_punctuation);
        assert_eq!(punctuation.filter(|c| !written.contains(*c)).collect::<String>(), "");
    }
}
