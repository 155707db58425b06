//! Taking a token for one that it nearly is.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, Problem};
use crate::memory::{Compares, locked};
use crate::read::query_parameters;
use crate::token::{self, Claims, Nonce, Sealer};

/// Writes the id of a requirement or case of the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

/// What may fail where a token is spent by a random call with an altered one.
const WALK: &str = "get-latest-configuration/sessions*";

pub(super) const ALL: &[Deviation] = &[
    deviation("last-byte-of-token-ignored")
        .about("The last byte of a token is not looked at.")
        .must_fail(&[id!("issued/altered-end-changed")])
        .may_fail(&[id!("issued/altered-last-changed"), id!("issued/altered-anywhere"), WALK])
        .behaviour(|| {
            Box::new(Compares::new(|token| {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
                let (_, before) = bytes.split_last()?;
                Some(BASE64_URL_SAFE_NO_PAD.encode(before))
            }))
        }),
    deviation("second-half-of-token-compared")
        .about("Only the second half of a token is looked at.")
        .must_fail(&[
            id!("issued/altered-first-changed"),
            id!("issued/altered-beheaded"),
            id!("issued/altered-anywhere"),
            id!("issued/altered-doubled"),
            id!("issued/altered-extended"),
            id!("issued/altered-percent-encoded"),
            id!("issued/spliced"),
        ])
        .may_fail(&[id!("issued/altered-*"), WALK])
        .behaviour(|| {
            Box::new(Compares::new(|token| {
                let start = token.len().checked_sub(token::LENGTH / 2)?;
                token.get(start..).map(str::to_owned)
            }))
        }),
    deviation("stretch-of-token-ignored")
        .about("Eight characters amid a token are not looked at.")
        .must_fail(&[id!("issued/altered-anywhere")])
        .behaviour(|| {
            Box::new(Compares::new(|token| Some(format!("{}~{}", token.get(..36)?, token.get(44..)?))))
        }),
    deviation("halves-of-token-verified-apart")
        .about("Each half of a token is verified by itself.")
        .must_fail(&[id!("issued/spliced")])
        .behaviour(|| Box::new(Halves::default())),
    deviation("halves-of-token-in-any-order")
        .about("The halves of a token may stand in each other's place.")
        .must_fail(&[id!("issued/altered-halves-swapped")])
        .behaviour(|| {
            Box::new(Compares::new(|token| {
                let (first, second) = token.split_at_checked(token::LENGTH / 2)?;
                Some(if first < second { token.to_owned() } else { format!("{second}{first}") })
            }))
        }),
    deviation("repeated-token-accepted")
        .about("A token that is written twice counts once.")
        .must_fail(&[id!("issued/altered-doubled")])
        .behaviour(|| {
            Box::new(Compares::new(|token| {
                let (first, second) = token.split_at_checked(token.len() / 2)?;
                Some(if first == second { first } else { token }.to_owned())
            }))
        }),
    deviation("token-read-leniently")
        .about("Characters that base64 does not have are passed over in a token.")
        .must_fail(&[id!("issued/altered-filled"), id!("issued/altered-extended")])
        .behaviour(|| {
            Box::new(Compares::new(|token| {
                Some(token.replace(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)), ""))
            }))
        }),
    deviation("token-cut-at-nul")
        .about("A token ends before its first NUL.")
        .must_fail(&[id!("issued/altered-extended")])
        .behaviour(|| Box::new(Rereads(|token| token.split('\0').next().unwrap_or_default().to_owned()))),
    deviation("token-decoded-twice")
        .about("A token is percent-decoded once more than the query is.")
        .must_fail(&[id!("issued/altered-percent-encoded")])
        .behaviour(|| Box::new(Rereads(|token| percent_decode_str(token).decode_utf8_lossy().into_owned()))),
    deviation("token-trimmed")
        .about("Blanks before and behind a token are dropped.")
        .must_fail(&[id!("pattern/issued-with-blank")])
        .behaviour(|| Box::new(Trims)),
    deviation("longest-token-fails")
        .about("A token of the greatest length makes the server fail.")
        .must_fail(&[id!("issued/unknown")])
        .behaviour(|| Box::new(FailsAt(8_192))),
    deviation("token-of-greatest-initial-length-fails")
        .about("A token as long as an initial one may be makes the server fail.")
        .page_only()
        .must_fail(&[id!("issued/unknown")])
        .behaviour(|| Box::new(FailsAt(2_048))),
    deviation("padding-of-token-fails")
        .about("Padding behind a token makes the server fail.")
        .must_fail(&[id!("padding/changed")])
        .may_fail(&[id!("issued/unknown")])
        .behaviour(|| Box::new(FailsOnPadding)),
    deviation("token-parameter-in-any-case")
        .about("The letter case of the name of the parameter has no meaning.")
        .must_fail(&[id!("required/other-letter-case")])
        .behaviour(|| Box::new(Parameters(|name| name.eq_ignore_ascii_case(PARAMETER)))),
    deviation("token-parameter-of-another-form")
        .about("The parameter may be called as in a list, or with hyphens, or with blanks behind.")
        .must_fail(&[id!("required/other-name")])
        .behaviour(|| {
            Box::new(Parameters(|name| name.trim_end_matches("[]").replace('-', "_").trim_end() == PARAMETER))
        }),
];

const PARAMETER: &str = "configuration_token";

/// What each half of a token was issued for.
#[derive(Default)]
struct Halves(Mutex<HashMap<String, Claims>>);

impl Behaviour for Halves {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        if let Some((first, second)) = token.split_at_checked(token::LENGTH / 2) {
            let mut halves = locked(&self.0);
            halves.insert(format!("{first}…"), claims.clone());
            halves.insert(format!("…{second}"), claims.clone());
        }
        token
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        let halves = locked(&self.0);
        let opened = token.split_at_checked(token::LENGTH / 2).and_then(|(first, second)| {
            halves.get(&format!("…{second}"))?;
            halves.get(&format!("{first}…")).cloned()
        });
        opened.ok_or(Fault::Token(Problem::Corrupted))
    }
}

/// Opens another text in place of a token.
struct Rereads(fn(&str) -> String);

impl Behaviour for Rereads {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        Reference.open(sealer, &(self.0)(token))
    }
}

struct Trims;

impl Behaviour for Trims {
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        let mut value = Reference.token_parameter(query)?;
        for blank in ["%20", "%09", "%0A"] {
            value = value.trim_start_matches(blank).trim_end_matches(blank);
        }
        Some(value)
    }
}

/// Fails on tokens of this length.
struct FailsAt(usize);

impl Behaviour for FailsAt {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        if token.len() == self.0 { Err(Fault::Internal) } else { Reference.open(sealer, token) }
    }
}

struct FailsOnPadding;

impl Behaviour for FailsOnPadding {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        if token.ends_with('=') { Err(Fault::Internal) } else { Reference.open(sealer, token) }
    }
}

/// Takes the first parameter whose name is like that.
struct Parameters(fn(&str) -> bool);

impl Behaviour for Parameters {
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        Reference.token_parameter(query).or_else(|| {
            let names = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
            let name = names.map(|name| percent_decode_str(name).decode_utf8_lossy());
            let alike = name.into_iter().find(|name| (self.0)(name))?.into_owned();
            query_parameters(query, &alike).next()
        })
    }
}
