//! JSON texts that say the same in another way, and some that parsers may accept or refuse.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::{self, ApiError, JsonType, Members};
use crate::service::{Behavior, Reference};
use crate::toolkit::{edit_member_names, for_each_part, member_names};

/// The id of a requirement or case about the body.
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

pub(super) const ALL: &[Mutant] = &[
    mutant("name-escapes-not-decoded")
        .about("Escapes of the form \\uXXXX are not decoded in the names of members.")
        .must_fail(&[id!("encoding/escapes")])
        .behavior(|| {
            Box::new(RewritesBody(|text| Ok(edit_member_names(text, |name| name.replace("\\u", "\\\\u")))))
        }),
    mutant("value-escapes-not-decoded")
        .about("Escapes of the form \\uXXXX are not decoded in identifiers.")
        .must_fail(&[id!("encoding/escapes")])
        .may_fail(ESCAPED)
        .behavior(|| Box::new(RewritesIdentifiers(|raw| raw.replace("\\u", "\\\\u")))),
    mutant("surrogate-pairs-mangled")
        .about("The escape of a character beyond the Basic Multilingual Plane is read as two question marks.")
        .must_fail(&[id!("encoding/escapes")])
        .behavior(|| Box::new(RewritesIdentifiers(without_surrogate_pairs))),
    mutant("member-order-fixed")
        .about("Members have to come in the order of the contract.")
        .must_fail(&[id!("encoding/member-order")])
        .behavior(|| {
            Box::new(RewritesBody(|text| {
                let order =
                    |name: String| Parameter::OF_START.iter().position(|parameter| parameter.name() == name);
                let places: Vec<usize> = member_names(text).into_iter().filter_map(order).collect();
                if places.is_sorted() { Ok(text.to_owned()) } else { Err(ApiError::Malformed) }
            }))
        }),
    mutant("blanks-between-tokens-refused")
        .about("White space between the tokens of the body is refused.")
        .must_fail(&[id!("encoding/white-space")])
        .behavior(|| {
            Box::new(RewritesBody(|text| {
                let mut has_white_space = false;
                for_each_part(text, |part, is_string| {
                    has_white_space |= !is_string && part.contains(|c: char| c.is_ascii_whitespace());
                });
                if has_white_space { Err(ApiError::Malformed) } else { Ok(text.to_owned()) }
            }))
        }),
    mutant("line-breaks-fail")
        .about("A line break between the tokens of the body makes the server fail.")
        .must_fail(&[id!("encoding/white-space")])
        .may_fail(&[
            // A line comment ends with a line break.
            id!("syntax/comment"),
        ])
        .behavior(|| {
            Box::new(RewritesBody(|text| {
                let mut broken = false;
                for_each_part(text, |part, is_string| broken |= !is_string && part.contains('\n'));
                if broken { Err(ApiError::Internal) } else { Ok(text.to_owned()) }
            }))
        }),
    mutant("duplicates-fail")
        .about("A duplicate member makes the server fail.")
        .must_fail(&[id!("open/duplicate-members"), id!("duplicates/both-invalid")])
        .behavior(|| {
            Box::new(RewritesBody(|text| {
                if duplicates(text).is_empty() { Ok(text.to_owned()) } else { Err(ApiError::Internal) }
            }))
        }),
    mutant("duplicates-unchecked")
        .about("A duplicate member is looked up as the text of an array, without any checks.")
        .must_fail(&[id!("duplicates/both-invalid")])
        .behavior(|| Box::new(LooksUpDuplicates)),
    mutant("byte-order-mark-fails")
        .about("A byte order mark before the body makes the server fail.")
        .must_fail(&[id!("open/byte-order-mark")])
        .behavior(|| Box::new(FailsOnByteOrderMark)),
    mutant("lone-surrogate-fails")
        .about("A lone surrogate in an identifier makes the server fail.")
        .must_fail(&[id!("open/lone-surrogate")])
        .behavior(|| Box::new(FailsOnSurrogate)),
    mutant("whole-decimal-fails")
        .about("An interval such as `60.0` makes the server fail.")
        .model_only()
        .must_fail(&[id!("open/whole-decimal")])
        .behavior(|| Box::new(FailsOnWholeDecimal)),
];

/// Reads another text in place of a JSON text, or refuses it.
struct RewritesBody(fn(&str) -> Result<String, ApiError>);

impl Behavior for RewritesBody {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        protocol::members(text).and_then(|_| protocol::members(&(self.0)(text)?))
    }
}

/// Reads another JSON text in place of each identifier.
struct RewritesIdentifiers(fn(&str) -> String);

impl Behavior for RewritesIdentifiers {
    fn adjust_members(&self, mut members: Members, _: &Dialect) -> Result<Members, ApiError> {
        for parameter in Parameter::IDENTIFIERS {
            if let Some(raw) = members.get_mut(parameter.name())
                && let Ok(other) = RawValue::from_string((self.0)(raw.get()))
            {
                *raw = other;
            }
        }
        Ok(members)
    }
}

/// The JSON text with `??` in place of each escaped surrogate pair.
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

/// The names that occur more than once in the outermost object.
fn duplicates(text: &str) -> Vec<String> {
    let names = member_names(text);
    let repeated = |(index, name): (usize, &String)| names[..index].contains(name).then(|| name.clone());
    names.iter().enumerate().filter_map(repeated).collect()
}

struct LooksUpDuplicates;

impl Behavior for LooksUpDuplicates {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        let mut members = protocol::members(text)?;
        for name in duplicates(text) {
            if let Ok(array) = RawValue::from_string("\"[...]\"".to_owned()) {
                members.insert(name, array);
            }
        }
        Ok(members)
    }
}

struct FailsOnByteOrderMark;

impl Behavior for FailsOnByteOrderMark {
    fn body_text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, ApiError> {
        if body.starts_with("\u{feff}".as_bytes()) {
            Err(ApiError::Internal)
        } else {
            Reference.body_text(body)
        }
    }
}

struct FailsOnSurrogate;

impl Behavior for FailsOnSurrogate {
    fn non_string_identifier(&self, parameter: Parameter, value: &RawValue) -> Result<String, ApiError> {
        match JsonType::of(value.get()) {
            // A string with a lone surrogate, which Rust cannot represent.
            JsonType::String => Err(ApiError::Internal),
            _ => Reference.non_string_identifier(parameter, value),
        }
    }
}

struct FailsOnWholeDecimal;

impl Behavior for FailsOnWholeDecimal {
    fn interval(&self, value: &RawValue) -> Result<Option<i64>, ApiError> {
        let decimals = value.get().split_once('.').map(|(_, decimals)| decimals);
        match decimals {
            Some(decimals) if decimals.bytes().all(|byte| byte == b'0') => Err(ApiError::Internal),
            _ => Reference.interval(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_surrogate_pairs_are_mangled() {
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
    fn duplicate_names_are_found() {
        assert_eq!(duplicates(r#"{"a":1,"b":{"a":2},"\u0061":3}"#), ["a"]);
        assert_eq!(duplicates(r#"{"a":{"b":1},"c":{"b":1}}"#), [""; 0]);
    }
}
