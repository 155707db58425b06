//! Tokens that are not compared exactly.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;

use super::definition::{Mutant, mutant};
use crate::protocol::{ApiError, TokenProblem, query_parameters};
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Nonce, Sealer, TOKEN_LENGTH};
use crate::toolkit::{ComparesTokens, locked};

/// The id of a requirement or case about the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

/// What may fail where a random call with an altered token uses up the original.
const SESSIONS: &str = "get-latest-configuration/sessions*";

pub(super) const ALL: &[Mutant] = &[
    mutant("last-byte-of-token-ignored")
        .about("The last byte of a token is ignored.")
        .must_fail(&[id!("issued/altered-end-changed")])
        .may_fail(&[id!("issued/altered-last-changed"), id!("issued/altered-anywhere"), SESSIONS])
        .behavior(|| {
            Box::new(ComparesTokens::by(|token| {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
                let (_, before) = bytes.split_last()?;
                Some(BASE64_URL_SAFE_NO_PAD.encode(before))
            }))
        }),
    mutant("second-half-of-token-compared")
        .about("Only the second half of a token is compared.")
        .must_fail(&[
            id!("issued/altered-first-changed"),
            id!("issued/altered-beheaded"),
            id!("issued/altered-anywhere"),
            id!("issued/altered-doubled"),
            id!("issued/altered-extended"),
            id!("issued/altered-percent-encoded"),
            id!("issued/spliced"),
        ])
        .may_fail(&[id!("issued/altered-*"), SESSIONS])
        .behavior(|| {
            Box::new(ComparesTokens::by(|token| {
                let start = token.len().checked_sub(TOKEN_LENGTH / 2)?;
                token.get(start..).map(str::to_owned)
            }))
        }),
    mutant("stretch-of-token-ignored")
        .about("Eight characters in the middle of a token are ignored.")
        .must_fail(&[id!("issued/altered-anywhere")])
        .behavior(|| {
            Box::new(ComparesTokens::by(|token| Some(format!("{}~{}", token.get(..36)?, token.get(44..)?))))
        }),
    mutant("halves-of-token-verified-apart")
        .about("The two halves of a token are verified separately.")
        .must_fail(&[id!("issued/spliced")])
        .behavior(|| Box::new(VerifiesHalves::default())),
    mutant("halves-of-token-in-any-order")
        .about("The two halves of a token may be swapped.")
        .must_fail(&[id!("issued/altered-halves-swapped")])
        .behavior(|| {
            Box::new(ComparesTokens::by(|token| {
                let (first, second) = token.split_at_checked(TOKEN_LENGTH / 2)?;
                Some(if first < second { token.to_owned() } else { format!("{second}{first}") })
            }))
        }),
    mutant("repeated-token-accepted")
        .about("A token that is repeated twice in a row counts as a single one.")
        .must_fail(&[id!("issued/altered-doubled")])
        .behavior(|| {
            Box::new(ComparesTokens::by(|token| {
                let (first, second) = token.split_at_checked(token.len() / 2)?;
                Some(if first == second { first } else { token }.to_owned())
            }))
        }),
    mutant("token-read-leniently")
        .about("Characters outside of base64 are ignored in a token.")
        .must_fail(&[id!("issued/altered-filled"), id!("issued/altered-extended")])
        .behavior(|| {
            Box::new(ComparesTokens::by(|token| {
                Some(token.replace(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)), ""))
            }))
        }),
    mutant("token-cut-at-nul")
        .about("A token ends before its first NUL.")
        .must_fail(&[id!("issued/altered-extended")])
        .behavior(|| Box::new(Converts(|token| token.split('\0').next().unwrap_or_default().to_owned()))),
    mutant("token-decoded-twice")
        .about("A token is percent-decoded twice.")
        .must_fail(&[id!("issued/altered-percent-encoded")])
        .behavior(|| Box::new(Converts(|token| percent_decode_str(token).decode_utf8_lossy().into_owned()))),
    mutant("token-trimmed")
        .about("White space around a token is removed.")
        .must_fail(&[id!("pattern/issued-with-blank")])
        .behavior(|| Box::new(Trims)),
    mutant("longest-token-fails")
        .about("A token of the maximum length makes the server fail.")
        .must_fail(&[id!("issued/unknown")])
        .behavior(|| Box::new(FailsAt(8_192))),
    mutant("token-of-greatest-initial-length-fails")
        .about("A token of the maximum length of an initial token makes the server fail.")
        .page_only()
        .must_fail(&[id!("issued/unknown")])
        .behavior(|| Box::new(FailsAt(2_048))),
    mutant("padding-of-token-fails")
        .about("Padding at the end of a token makes the server fail.")
        .must_fail(&[id!("padding/changed")])
        .may_fail(&[id!("issued/unknown")])
        .behavior(|| Box::new(FailsOnPadding)),
    mutant("token-parameter-in-any-case")
        .about("The name of the parameter is compared without regard to case.")
        .must_fail(&[id!("required/other-letter-case")])
        .behavior(|| Box::new(AcceptsSimilarNames(|name| name.eq_ignore_ascii_case(PARAMETER)))),
    mutant("token-parameter-of-another-form")
        .about("The name of the parameter may have brackets, hyphens or trailing white space.")
        .must_fail(&[id!("required/other-name")])
        .behavior(|| {
            Box::new(AcceptsSimilarNames(|name| {
                name.trim_end_matches("[]").replace('-', "_").trim_end() == PARAMETER
            }))
        }),
];

const PARAMETER: &str = "configuration_token";

/// The claims by each half of a token.
#[derive(Default)]
struct VerifiesHalves(Mutex<HashMap<String, Claims>>);

impl Behavior for VerifiesHalves {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        if let Some((first, second)) = token.split_at_checked(TOKEN_LENGTH / 2) {
            let mut halves = locked(&self.0);
            halves.insert(format!("{first}…"), claims.clone());
            halves.insert(format!("…{second}"), claims.clone());
        }
        token
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let halves = locked(&self.0);
        let opened = token.split_at_checked(TOKEN_LENGTH / 2).and_then(|(first, second)| {
            halves.get(&format!("…{second}"))?;
            halves.get(&format!("{first}…")).cloned()
        });
        opened.ok_or(ApiError::Token(TokenProblem::Corrupted))
    }
}

/// Opens a text that is derived from a token.
struct Converts(fn(&str) -> String);

impl Behavior for Converts {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        Reference.open(sealer, &(self.0)(token))
    }
}

struct Trims;

impl Behavior for Trims {
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        let mut value = Reference.token_parameter(query)?;
        for white_space in ["%20", "%09", "%0A"] {
            value = value.trim_start_matches(white_space).trim_end_matches(white_space);
        }
        Some(value)
    }
}

/// Fails on tokens of this length.
struct FailsAt(usize);

impl Behavior for FailsAt {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        if token.len() == self.0 { Err(ApiError::Internal) } else { Reference.open(sealer, token) }
    }
}

struct FailsOnPadding;

impl Behavior for FailsOnPadding {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        if token.ends_with('=') { Err(ApiError::Internal) } else { Reference.open(sealer, token) }
    }
}

/// Accepts the parameter under names that resemble its own.
struct AcceptsSimilarNames(fn(&str) -> bool);

impl Behavior for AcceptsSimilarNames {
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        Reference.token_parameter(query).or_else(|| {
            let names = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
            let name = names.map(|name| percent_decode_str(name).decode_utf8_lossy());
            let similar = name.into_iter().find(|name| (self.0)(name))?.into_owned();
            query_parameters(query, &similar).next()
        })
    }
}
