//! What tokens look like: any text that the contract allows.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{Variant, serving, variant};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::Fault;
use crate::memory::Register;
use crate::token::{Claims, Nonce, Sealer};

pub(super) const ALL: &[Variant] = &[
    variant("longest-tokens")
        .about("Tokens are as long as both contracts allow: 2,048 characters, and later ones 8,192.")
        .serving(|| {
            serving(Writes::new(|sealed, claims, _| {
                let length = if claims.sequence == 0 { 2048 } else { 8192 };
                sealed.chars().cycle().take(length).collect()
            }))
        }),
    variant("tokens-of-punctuation")
        .about("Tokens hold every visible character of ASCII, also those that a URL has to encode.")
        .serving(|| serving(Writes::new(|sealed, _, _| sealed.chars().map(punctuated).collect()))),
    variant("short-tokens")
        .about("Tokens are twelve random characters.")
        .serving(|| serving(Writes::new(|_, _, nonce| BASE64_URL_SAFE_NO_PAD.encode(&nonce[..9])))),
    variant("tokens-of-varying-length").about("Tokens are of many lengths.").serving(|| {
        serving(Writes::new(|sealed, _, nonce| {
            sealed.chars().cycle().take(64 + usize::from(nonce[0])).collect()
        }))
    }),
    variant("uuid-tokens")
        .about("Tokens are UUIDs.")
        .serving(|| serving(Writes::new(|_, _, nonce| uuid(nonce)))),
    variant("padding-of-tokens-passed-over")
        .about("Tokens are base64, and what their bits and characters of padding are makes no difference.")
        .serving(|| serving(Decodes(Register::default()))),
];

/// Issues sixteen random bytes in base64, and compares them as bytes.
struct Decodes(Register);

/// A reader that passes over all padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Behaviour for Decodes {
    fn seal(&self, _: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.issue(BASE64_URL_SAFE_NO_PAD.encode(&nonce[..16]), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        let bytes = LENIENT.decode(token).unwrap_or_default();
        self.0.open(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Writes tokens from the sealed claims, the claims and random bytes.
struct Writes {
    write: fn(String, &Claims, &Nonce) -> String,
    issued: Register,
}

impl Writes {
    fn new(write: fn(String, &Claims, &Nonce) -> String) -> Self {
        Self { write, issued: Register::default() }
    }
}

impl Behaviour for Writes {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        self.issued.issue((self.write)(token, claims, nonce), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.issued.open(token)
    }
}

/// Puts punctuation in place of the capital letters and some more of base64url.
fn punctuated(c: char) -> char {
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
    fn uuids_have_their_form() {
        assert_eq!(uuid(&[0x12; 24]), "12121212-1212-4212-a212-121212121212");
    }

    #[test]
    fn all_punctuation_is_used() {
        let sealed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_abc";
        let written: String = sealed.chars().map(punctuated).collect();
        assert!(written.chars().all(|c| c.is_ascii_graphic()));
        let punctuation = ('!'..='~').filter(char::is_ascii_punctuation);
        assert_eq!(punctuation.filter(|c| !written.contains(*c)).collect::<String>(), "");
    }
}
