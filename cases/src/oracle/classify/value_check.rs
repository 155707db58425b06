//! Whether a JSON value is what a member may have, at every depth.
//!
//! What a shape and its traits leave open is neither right nor wrong: see [`OpenReason`].

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::reading::{Constraint, OpenReason};
use crate::contract::{Constraints, Contract, MapEntry, Member, Shape, TimestampFormat};
use crate::protocol::Json;

/// The names of numbers that JSON cannot write.
const SPECIAL_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];
/// Base64 with its padding, whatever the unused bits are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// What is wrong in a value, and whether something in it is open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueCheck {
    /// What is wrong, in the order of the value.
    pub problems: Vec<ValueProblem>,
    /// Something that the contract leaves open.
    pub open: Option<OpenReason>,
}

/// Something wrong in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueProblem {
    /// Where in the value, such as `/Input/0/Arn`; empty for the value itself.
    pub path: String,
    /// What is broken.
    pub constraint: Constraint,
}

/// Checks the value of a member with everything in it. Null is no value.
pub fn check_value(contract: &Contract, member: &Member, value: &Json) -> ValueCheck {
    let mut checker = Checker { contract, path: String::new(), check: ValueCheck::default() };
    checker.value(member, value);
    checker.check
}

/// The constraint traits that a value of the right type breaks, itself.
pub fn broken_constraints(shape: &Shape, constraints: &Constraints, value: &Json) -> Vec<Constraint> {
    match (shape, value) {
        (Shape::String, Json::String(text)) => broken_by_text(constraints, text),
        (Shape::Blob, Json::String(text)) => {
            let bytes = BASE64.decode(text).map_or(0, |bytes| bytes.len());
            broken_length(constraints, bytes).into_iter().collect()
        }
        (Shape::Integer(_), _) => {
            let outside = |number| constraints.range.is_some_and(|range| !range.contains(number));
            value
                .as_whole()
                .filter(|number| outside(*number))
                .map(|_| Constraint::Range)
                .into_iter()
                .collect()
        }
        (Shape::Number, Json::Integer(_) | Json::Decimal(_)) => {
            let outside = constraints.decimal_range.is_some_and(|range| !range.contains(as_decimal(value)));
            outside.then_some(Constraint::Range).into_iter().collect()
        }
        (Shape::List(_), Json::Array(items)) => {
            let repeated = constraints.unique_items && has_duplicate(items);
            let length = broken_length(constraints, items.len());
            length.into_iter().chain(repeated.then_some(Constraint::UniqueItems)).collect()
        }
        (Shape::Map(_), Json::Object(entries)) => {
            broken_length(constraints, entries.len()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn broken_by_text(constraints: &Constraints, text: &str) -> Vec<Constraint> {
    let mut broken: Vec<_> = broken_length(constraints, text.chars().count()).into_iter().collect();
    if constraints.pattern.as_ref().is_some_and(|pattern| !pattern.matches(text)) {
        broken.push(Constraint::Pattern);
    }
    if constraints.one_of.as_ref().is_some_and(|values| values.iter().all(|value| value != text)) {
        broken.push(Constraint::Enum);
    }
    broken
}

fn broken_length(constraints: &Constraints, length: usize) -> Option<Constraint> {
    constraints.length.is_some_and(|bounds| !bounds.contains(length)).then_some(Constraint::Length)
}

/// A number as a double.
#[allow(clippy::cast_precision_loss, reason = "a bound is compared with a double anyway")]
fn as_decimal(value: &Json) -> f64 {
    match *value {
        Json::Integer(number) => number as f64,
        Json::Decimal(number) => number,
        _ => f64::NAN,
    }
}

fn has_duplicate(items: &[Json]) -> bool {
    items.iter().enumerate().any(|(nth, item)| items[..nth].contains(item))
}

/// Whether a value has the type of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TypeCheck {
    Right,
    Wrong,
    Open(OpenReason),
}

impl From<bool> for TypeCheck {
    fn from(is_right: bool) -> Self {
        if is_right { Self::Right } else { Self::Wrong }
    }
}

fn check_type(shape: &Shape, member: &Member, value: &Json) -> TypeCheck {
    match (shape, value) {
        (Shape::Integer(width), Json::Integer(number)) => width.contains(*number).into(),
        (Shape::Integer(width), Json::Decimal(_)) => match value.as_whole() {
            Some(number) if width.contains(number) => TypeCheck::Open(OpenReason::WholeDecimal),
            _ => TypeCheck::Wrong,
        },
        (Shape::Number, Json::String(text)) => SPECIAL_NUMBERS.contains(&text.as_str()).into(),
        (Shape::Blob, Json::String(text)) => BASE64.decode(text).is_ok().into(),
        (Shape::Timestamp, value) => is_timestamp(member.timestamp_format, value).into(),
        (Shape::String, Json::String(_))
        | (Shape::Number, Json::Integer(_) | Json::Decimal(_))
        | (Shape::Boolean, Json::Boolean(_))
        | (Shape::Document, _)
        | (Shape::List(_), Json::Array(_))
        | (Shape::Map(_) | Shape::Structure(_) | Shape::Union(_), Json::Object(_)) => TypeCheck::Right,
        _ => TypeCheck::Wrong,
    }
}

/// Whether a value is a point in time in a format. RFC 3339 in Smithy has no offset but `Z`.
fn is_timestamp(format: TimestampFormat, value: &Json) -> bool {
    match (format, value) {
        (TimestampFormat::EpochSeconds, Json::Integer(_) | Json::Decimal(_)) => true,
        (TimestampFormat::DateTime, Json::String(text)) => {
            text.ends_with('Z')
                && text.as_bytes().get(10) == Some(&b'T')
                && text.parse::<jiff::Timestamp>().is_ok()
        }
        (TimestampFormat::HttpDate, Json::String(text)) => is_http_date(text),
        _ => false,
    }
}

/// Whether a text is a date of HTTP. Smithy allows a fraction of a second.
fn is_http_date(text: &str) -> bool {
    let Some(start) = text.strip_suffix(" GMT") else { return false };
    let (whole, fraction) = start.split_once('.').unwrap_or((start, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_fraction && httpdate::parse_http_date(&format!("{whole} GMT")).is_ok()
}

struct Checker<'a> {
    contract: &'a Contract,
    path: String,
    check: ValueCheck,
}

impl Checker<'_> {
    fn value(&mut self, member: &Member, value: &Json) {
        let shape = self.contract.shape(member);
        match check_type(shape, member, value) {
            TypeCheck::Wrong => return self.problem(Constraint::Type),
            TypeCheck::Open(reason) => self.check.open = Some(reason),
            TypeCheck::Right => {
                for constraint in broken_constraints(shape, &member.constraints, value) {
                    self.problem(constraint);
                }
            }
        }
        self.unknown_integer(member, value);
        match (shape, value) {
            (Shape::List(element), Json::Array(items)) => self.list(member, element, items),
            (Shape::Map(entry), Json::Object(entries)) => self.map(member, entry, entries),
            (Shape::Structure(members), Json::Object(entries)) => self.structure(members, entries),
            (Shape::Union(variants), Json::Object(entries)) => self.union(variants, entries),
            _ => {}
        }
    }

    /// An `intEnum` is an open set.
    fn unknown_integer(&mut self, member: &Member, value: &Json) {
        let Some(known) = &member.constraints.one_of_integers else { return };
        let number = value.as_whole();
        if number.is_some_and(|number| known.iter().all(|value| i128::from(*value) != number)) {
            self.check.open = Some(OpenReason::UnknownInteger);
        }
    }

    fn list(&mut self, list: &Member, element: &Member, items: &[Json]) {
        for (nth, item) in items.iter().enumerate() {
            self.entry(&nth.to_string(), list.constraints.sparse, element, item);
        }
    }

    fn map(&mut self, map: &Member, entry: &MapEntry, entries: &[(String, Json)]) {
        for (nth, (key, value)) in entries.iter().enumerate() {
            if entries[..nth].iter().any(|(other, _)| other == key) {
                self.check.open = Some(OpenReason::Duplicate);
            }
            self.below(key, |checker| checker.value(&entry.key, &Json::String(key.clone())));
            self.entry(key, map.constraints.sparse, &entry.value, value);
        }
    }

    /// An entry of a list or map.
    fn entry(&mut self, name: &str, may_be_null: bool, member: &Member, value: &Json) {
        match value {
            Json::Null if may_be_null => {}
            Json::Null => self.below(name, |checker| checker.problem(Constraint::Null)),
            value => self.below(name, |checker| checker.value(member, value)),
        }
    }

    fn structure(&mut self, members: &[Member], entries: &[(String, Json)]) {
        for member in members {
            let mut values =
                entries.iter().filter(|(name, _)| *name == member.json_name).map(|(_, value)| value);
            let value = values.next().filter(|value| **value != Json::Null);
            if values.next().is_some() {
                self.check.open = Some(OpenReason::Duplicate);
            }
            match value {
                None if member.constraints.required => self.missing(member),
                None => {}
                Some(value) => self.below(&member.name, |checker| checker.value(member, value)),
            }
        }
    }

    /// A server may take the default of a required member that is missing.
    fn missing(&mut self, member: &Member) {
        if member.has_default {
            self.check.open = Some(OpenReason::Default);
        } else {
            self.below(&member.name, |checker| checker.problem(Constraint::Required));
        }
    }

    /// Exactly one member is set. `__type` says nothing about which.
    fn union(&mut self, variants: &[Member], entries: &[(String, Json)]) {
        let set: Vec<_> =
            entries.iter().filter(|(name, value)| name != "__type" && *value != Json::Null).collect();
        let [(name, value)] = set.as_slice() else { return self.problem(Constraint::Cardinality) };
        match variants.iter().find(|variant| variant.json_name == *name) {
            Some(variant) => self.below(&variant.name, |checker| checker.value(variant, value)),
            None => self.problem(Constraint::Cardinality),
        }
    }

    fn problem(&mut self, constraint: Constraint) {
        self.check.problems.push(ValueProblem { path: self.path.clone(), constraint });
    }

    fn below(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        // Writing to a string cannot fail.
        let _ = write!(self.path, "/{name}");
        check(self);
        self.path.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A contract whose operation has one input member, which targets `a#It`.
    fn contract(it: &str) -> Contract {
        let model = format!(
            r#"{{"smithy": "2.0", "shapes": {{
                "a#S": {{"type": "service", "operations": [{{"target": "a#Put"}}],
                         "traits": {{"aws.protocols#restJson1": {{}}}}}},
                "a#Put": {{"type": "operation", "input": {{"target": "a#In"}},
                           "traits": {{"smithy.api#http": {{"method": "POST", "uri": "/"}}}}}},
                "a#In": {{"type": "structure", "members": {{"it": {{"target": "a#It"}}}}}},
                "a#Three": {{"type": "string", "traits": {{"smithy.api#length": {{"max": 3}}}}}},
                "a#It": {it}}}}}"#
        );
        Contract::load("small", &model).unwrap()
    }

    /// The problems of values, as `path constraint`.
    fn problems(it: &str, values: &[(&str, &[&str])]) {
        let contract = contract(it);
        for (value, expected) in values {
            let check = check_value(
                &contract,
                &contract.operations[0].input[0],
                &Json::parse(value.as_bytes()).unwrap(),
            );
            let found: Vec<_> =
                check.problems.iter().map(|it| format!("{} {:?}", it.path, it.constraint)).collect();
            assert_eq!(found, *expected, "{value}");
        }
    }

    #[test]
    fn lists_are_checked_with_their_items() {
        let list = r#"{"type": "list", "member": {"target": "a#Three"},
                       "traits": {"smithy.api#length": {"min": 1, "max": 2}, "smithy.api#uniqueItems": {}}}"#;
        problems(
            list,
            &[
                (r#"["a","b"]"#, &[]),
                ("[]", &[" Length"]),
                (r#"["a","a"]"#, &[" UniqueItems"]),
                (r#"["a",null]"#, &["/1 Null"]),
                (r#"["a","abcd"]"#, &["/1 Length"]),
                (r#"["a",5]"#, &["/1 Type"]),
                ("{}", &[" Type"]),
            ],
        );
    }

    #[test]
    fn maps_are_checked_with_keys_and_values() {
        let map = r#"{"type": "map", "key": {"target": "a#Three"}, "value": {"target": "smithy.api#Blob"}}"#;
        problems(
            map,
            &[
                (r#"{"a":"YmxvYg=="}"#, &[]),
                (r#"{"abcd":"YQ=="}"#, &["/abcd Length"]),
                (r#"{"a":null}"#, &["/a Null"]),
                (r#"{"a":"YmxvYg="}"#, &["/a Type"]),
                (r#"{"a":"-_=="}"#, &["/a Type"]),
            ],
        );
    }

    #[test]
    fn unions_have_one_member() {
        let union = r#"{"type": "union", "members": {"a": {"target": "smithy.api#String"},
                        "b": {"target": "smithy.api#Integer", "traits": {"smithy.api#jsonName": "B"}}}}"#;
        problems(
            union,
            &[
                (r#"{"a":"x"}"#, &[]),
                (r#"{"B":1,"a":null,"__type":"t"}"#, &[]),
                (r#"{"b":1}"#, &[" Cardinality"]),
                ("{}", &[" Cardinality"]),
                (r#"{"a":"x","B":1}"#, &[" Cardinality"]),
                (r#"{"a":"x","c":1}"#, &[" Cardinality"]),
                (r#"{"a":5}"#, &["/a Type"]),
            ],
        );
    }

    #[test]
    fn structures_need_their_required_members() {
        let structure = r#"{"type": "structure", "members": {
            "id": {"target": "a#Three", "traits": {"smithy.api#required": {}}},
            "at": {"target": "smithy.api#Timestamp", "traits": {"smithy.api#timestampFormat": "date-time"}},
            "next": {"target": "a#It"}}}"#;
        problems(
            structure,
            &[
                (r#"{"id":"a","at":"1985-04-12T23:20:50.52Z"}"#, &[]),
                (r#"{"id":"a","at":5}"#, &["/at Type"]),
                (r#"{"id":"a","at":"1985-04-12T23:20:50+01:00"}"#, &["/at Type"]),
                (r#"{"id":"a","next":{"next":{"id":"x"}}}"#, &["/next/id Required"]),
                (r#"{"id":null,"other":1}"#, &["/id Required"]),
            ],
        );
    }
}
