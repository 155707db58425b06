//! What is read of a body, where the contract leaves it open.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Variant, serving, variant};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, JsonType, Parameter};
use crate::read::{self, Members};
use crate::text::{deepest, names};

pub(super) const ALL: &[Variant] = &[
    variant("deep-nesting-refused")
        .about("Arrays and objects nested deeper than 100 are refused.")
        .serving(|| serving(Shallow)),
    variant("large-bodies-refused")
        .about("A body of more than 64 KiB is refused with 413.")
        .serving(|| serving(Small)),
    variant("duplicates-refused")
        .about("A member that stands there twice is refused.")
        .serving(|| serving(RefusesDuplicates)),
    variant("first-duplicate-counts")
        .about("Of a member that stands there twice the first one counts.")
        .serving(|| serving(KeepsFirst)),
    variant("whole-decimals-accepted")
        .about("An interval may be written with decimals that are zero, or with an exponent.")
        .model_only()
        .serving(|| serving(ReadsDecimals)),
    variant("lone-surrogates-replaced")
        .about("Half of a surrogate pair in an identifier is read as the replacement character.")
        .serving(|| serving(ReplacesSurrogates)),
    variant("byte-order-mark-accepted")
        .about("A byte order mark before the body is skipped.")
        .serving(|| serving(SkipsMark)),
];

struct Shallow;

impl Behaviour for Shallow {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        if deepest(text) > 100 { Err(Fault::Malformed) } else { read::members(text) }
    }
}

struct Small;

impl Behaviour for Small {
    fn text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
        if body.len() > 64 * 1024 { Err(Fault::TooLarge) } else { Reference.text(body) }
    }
}

struct RefusesDuplicates;

impl Behaviour for RefusesDuplicates {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        let members = read::members(text)?;
        if names(text).len() > members.len() { Err(Fault::Malformed) } else { Ok(members) }
    }
}

struct KeepsFirst;

impl Behaviour for KeepsFirst {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        read::members(text)?;
        serde_json::Deserializer::from_str(text).deserialize_map(FirstOfEach).map_err(|_| Fault::Malformed)
    }
}

struct FirstOfEach;

impl<'de> Visitor<'de> for FirstOfEach {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::new();
        while let Some((name, value)) = map.next_entry()? {
            members.entry(name).or_insert(value);
        }
        Ok(members)
    }
}

struct ReadsDecimals;

impl Behaviour for ReadsDecimals {
    fn integer(&self, value: &RawValue) -> Result<Option<i64>, Fault> {
        Reference.integer(value).or_else(|fault| {
            let whole = serde_json::from_str::<f64>(value.get()).ok().filter(|number| number.fract() == 0.0);
            let whole = whole.filter(|number| (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number));
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and fits into 32 bits")]
            whole.map(|number| Some(number as i64)).ok_or(fault)
        })
    }
}

struct ReplacesSurrogates;

impl Behaviour for ReplacesSurrogates {
    fn not_a_string(&self, parameter: Parameter, value: &RawValue) -> Result<String, Fault> {
        match JsonType::of(value.get()) {
            // A string that cannot be held, for surrogates that stand alone.
            JsonType::String => Ok("\u{fffd}".to_owned()),
            _ => Reference.not_a_string(parameter, value),
        }
    }
}

struct SkipsMark;

impl Behaviour for SkipsMark {
    fn text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
        Reference.text(body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body))
    }
}
