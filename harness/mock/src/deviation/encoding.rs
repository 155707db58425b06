//! JSON texts that say the same in another way, and such that readers may take either way.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::{Fault, JsonType, Parameter};
use crate::read::{self, Members};
use crate::text::{for_each_part, names, with_names};

/// Writes the id of a requirement or case of the body.
macro_rules! id {
    ($rest:literal) => {
        concat!("start-configuration-session/body/", $rest)
    };
}

/// Identifiers with characters that JSON can only write with an escape.
const ESCAPED: &[&str] = &[
    "start-configuration-session/*-identifier/length/*",
    "start-configuration-session/*-identifier/resource/*",
    "start-configuration-session/combinations/*",
];

pub(super) const ALL: &[Deviation] = &[
    deviation("name-escapes-not-decoded")
        .about("Escapes with a code point are not decoded in the names of members.")
        .must_fail(&[id!("encoding/escapes")])
        .behaviour(|| Box::new(Rereads(|text| Ok(with_names(text, |name| name.replace("\\u", "\\\\u")))))),
    deviation("value-escapes-not-decoded")
        .about("Escapes with a code point are not decoded in identifiers.")
        .must_fail(&[id!("encoding/escapes")])
        .may_fail(ESCAPED)
        .behaviour(|| Box::new(Rewrites(|raw| raw.replace("\\u", "\\\\u")))),
    deviation("surrogate-pairs-mangled")
        .about("The escape of a character beyond the Basic Multilingual Plane is read as two question marks.")
        .must_fail(&[id!("encoding/escapes")])
        .behaviour(|| Box::new(Rewrites(without_surrogate_pairs))),
    deviation("member-order-fixed")
        .about("Members have to come in the order of the contract.")
        .must_fail(&[id!("encoding/member-order")])
        .behaviour(|| {
            Box::new(Rereads(|text| {
                let order = |name: String| ORDER.iter().position(|parameter| parameter.name() == name);
                let places: Vec<usize> = names(text).into_iter().filter_map(order).collect();
                if places.is_sorted() { Ok(text.to_owned()) } else { Err(Fault::Malformed) }
            }))
        }),
    deviation("blanks-between-tokens-refused")
        .about("Blanks between the tokens of the body are refused.")
        .must_fail(&[id!("encoding/white-space")])
        .behaviour(|| {
            Box::new(Rereads(|text| {
                let mut blank = false;
                for_each_part(text, |part, is_string| {
                    blank |= !is_string && part.contains(|c: char| c.is_ascii_whitespace());
                });
                if blank { Err(Fault::Malformed) } else { Ok(text.to_owned()) }
            }))
        }),
    deviation("line-breaks-fail")
        .about("A line break between the tokens of the body makes the server fail.")
        .must_fail(&[id!("encoding/white-space")])
        .may_fail(&[
            // A line comment ends with a line break.
            id!("syntax/comment"),
        ])
        .behaviour(|| {
            Box::new(Rereads(|text| {
                let mut broken = false;
                for_each_part(text, |part, is_string| broken |= !is_string && part.contains('\n'));
                if broken { Err(Fault::Internal) } else { Ok(text.to_owned()) }
            }))
        }),
    deviation("duplicates-fail")
        .about("A member that stands there twice makes the server fail.")
        .must_fail(&[id!("open/duplicate-members"), id!("duplicates/both-invalid")])
        .behaviour(|| {
            Box::new(Rereads(
                |text| {
                    if twice(text).is_empty() { Ok(text.to_owned()) } else { Err(Fault::Internal) }
                },
            ))
        }),
    deviation("duplicates-unchecked")
        .about("A member that stands there twice is looked up as text of an array, without being checked.")
        .must_fail(&[id!("duplicates/both-invalid")])
        .behaviour(|| Box::new(LooksUpArrays)),
    deviation("byte-order-mark-fails")
        .about("A byte order mark before the body makes the server fail.")
        .must_fail(&[id!("open/byte-order-mark")])
        .behaviour(|| Box::new(FailsOnMark)),
    deviation("lone-surrogate-fails")
        .about("Half of a surrogate pair in an identifier makes the server fail.")
        .must_fail(&[id!("open/lone-surrogate")])
        .behaviour(|| Box::new(FailsOnSurrogate)),
    deviation("whole-decimal-fails")
        .about("An interval with decimals that are all zero makes the server fail.")
        .model_only()
        .must_fail(&[id!("open/whole-decimal")])
        .behaviour(|| Box::new(FailsOnWholeDecimal)),
];

const ORDER: [Parameter; 4] = [
    Parameter::ApplicationIdentifier,
    Parameter::EnvironmentIdentifier,
    Parameter::ConfigurationProfileIdentifier,
    Parameter::RequiredMinimumPollIntervalInSeconds,
];

/// Reads another text in place of one that is JSON, or refuses it.
struct Rereads(fn(&str) -> Result<String, Fault>);

impl Behaviour for Rereads {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        read::members(text).and_then(|_| read::members(&(self.0)(text)?))
    }
}

/// Reads another JSON text in place of each identifier.
struct Rewrites(fn(&str) -> String);

impl Behaviour for Rewrites {
    fn examine(&self, mut members: Members, _: &Dialect) -> Result<Members, Fault> {
        for parameter in &ORDER[..3] {
            if let Some(raw) = members.get_mut(parameter.name())
                && let Ok(other) = RawValue::from_string((self.0)(raw.get()))
            {
                *raw = other;
            }
        }
        Ok(members)
    }
}

/// The JSON text with `??` in place of each escaped pair of surrogates.
fn without_surrogate_pairs(raw: &str) -> String {
    let mut edited = String::new();
    let mut rest = raw;
    while let Some(start) = rest.find("\\u") {
        let pair = rest.get(start..start + 12).filter(|pair| {
            let unit = |text: &str| u16::from_str_radix(text, 16).ok();
            let high = unit(&pair[2..6]).is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
            high && &pair[6..8] == "\\u"
        });
        edited.push_str(&rest[..start]);
        edited.push_str(if pair.is_some() { "??" } else { "\\u" });
        rest = &rest[start + if pair.is_some() { 12 } else { 2 }..];
    }
    edited + rest
}

/// The names that stand in the outermost object more than once.
fn twice(text: &str) -> Vec<String> {
    let names = names(text);
    let repeated = |(index, name): (usize, &String)| names[..index].contains(name).then(|| name.clone());
    names.iter().enumerate().filter_map(repeated).collect()
}

struct LooksUpArrays;

impl Behaviour for LooksUpArrays {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        let mut members = read::members(text)?;
        for name in twice(text) {
            if let Ok(array) = RawValue::from_string("\"[...]\"".to_owned()) {
                members.insert(name, array);
            }
        }
        Ok(members)
    }
}

struct FailsOnMark;

impl Behaviour for FailsOnMark {
    fn text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
        if body.starts_with("\u{feff}".as_bytes()) { Err(Fault::Internal) } else { Reference.text(body) }
    }
}

struct FailsOnSurrogate;

impl Behaviour for FailsOnSurrogate {
    fn not_a_string(&self, parameter: Parameter, value: &RawValue) -> Result<String, Fault> {
        match JsonType::of(value.get()) {
            // A string that cannot be held.
            JsonType::String => Err(Fault::Internal),
            _ => Reference.not_a_string(parameter, value),
        }
    }
}

struct FailsOnWholeDecimal;

impl Behaviour for FailsOnWholeDecimal {
    fn integer(&self, value: &RawValue) -> Result<Option<i64>, Fault> {
        let decimals = value.get().split_once('.').map(|(_, decimals)| decimals);
        match decimals {
            Some(decimals) if decimals.bytes().all(|byte| byte == b'0') => Err(Fault::Internal),
            _ => Reference.integer(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_surrogates_are_mangled() {
        for (raw, mangled) in [
            (r#""a\ud83d\ude80b""#, r#""a??b""#),
            (r#""\ud83d\ude80\ud83d\ude80""#, r#""????""#),
            (r#""\u00e9\ud83d""#, r#""\u00e9\ud83d""#),
            (r#""🚀""#, r#""🚀""#),
        ] {
            assert_eq!(without_surrogate_pairs(raw), mangled);
        }
    }

    #[test]
    fn repeated_names_are_found() {
        assert_eq!(twice(r#"{"a":1,"b":{"a":2},"\u0061":3}"#), ["a"]);
        assert_eq!(twice(r#"{"a":{"b":1},"c":{"b":1}}"#), [""; 0]);
    }
}
