//! The constraints and the location of a member, from its traits.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::ast::{AstShape, Traits};
use super::error::Result;
use super::model::Model;
use crate::contract::pattern::Pattern;
use crate::contract::shape::{Constraints, DecimalRange, Length, Location, Range, TimestampFormat};

impl Model<'_> {
    /// The constraints of the member `id`. `traits` are its own and those of its target.
    pub(super) fn constraints(&self, id: &str, traits: &Traits, target: &Target<'_>) -> Constraints {
        let has = |name: &str| traits.contains_key(name);
        let range = if target.is_number() { self.range(id, traits) } else { None };
        Constraints {
            required: has("smithy.api#required"),
            length: self.length(id, traits),
            range: range.as_ref().filter(|_| target.is_whole()).map(Bounds::whole),
            decimal_range: range.as_ref().filter(|_| !target.is_whole()).map(Bounds::decimal),
            pattern: self.pattern(id, traits),
            one_of: self.enum_values(id, traits, target.shape),
            one_of_integers: integer_values(target.shape),
            unique_items: has("smithy.api#uniqueItems") || target.kind == "set",
            sparse: has("smithy.api#sparse"),
        }
    }

    fn length(&self, id: &str, traits: &Traits) -> Option<Length> {
        let length: Length = self.noted_trait(id, traits, "smithy.api#length")?;
        if length.max.is_some_and(|max| length.min > max) {
            self.note(id, format!("`smithy.api#length`: min {} is above the max", length.min));
            return None;
        }
        Some(length)
    }

    fn range(&self, id: &str, traits: &Traits) -> Option<Bounds> {
        let bounds: Bounds = self.noted_trait(id, traits, "smithy.api#range")?;
        let DecimalRange { min, max } = bounds.decimal();
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            self.note(id, format!("`smithy.api#range`: min {min} is above max {max}"));
            return None;
        }
        Some(bounds)
    }

    fn pattern(&self, id: &str, traits: &Traits) -> Option<Pattern> {
        let text: String = self.noted_trait(id, traits, "smithy.api#pattern")?;
        match Pattern::new(&text) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.note(id, format!("`smithy.api#pattern`: `{text}` is no regular expression: {error}"));
                None
            }
        }
    }

    /// The values of an enum shape, or of the older trait `enum` on a string.
    fn enum_values(&self, id: &str, traits: &Traits, target: Option<&AstShape>) -> Option<Vec<String>> {
        #[derive(Deserialize)]
        struct Entry {
            value: String,
        }
        if let Some(shape) = target.filter(|shape| shape.kind == "enum") {
            let values = shape.members.iter().map(|(name, member)| {
                member.traits.get("smithy.api#enumValue").and_then(Value::as_str).unwrap_or(name).to_owned()
            });
            return Some(values.collect());
        }
        let entries: Vec<Entry> = self.noted_trait(id, traits, "smithy.api#enum")?;
        Some(entries.into_iter().map(|entry| entry.value).collect())
    }

    /// Where in the HTTP message the member `id` is.
    pub(super) fn location(&self, id: &str, traits: &Traits) -> Result<Location> {
        if let Some(name) = self.parse_trait(id, traits, "smithy.api#httpQuery")? {
            return Ok(Location::Query(name));
        }
        if let Some(name) = self.parse_trait(id, traits, "smithy.api#httpHeader")? {
            return Ok(Location::Header(name));
        }
        if let Some(prefix) = self.parse_trait(id, traits, "smithy.api#httpPrefixHeaders")? {
            return Ok(Location::PrefixHeaders(prefix));
        }
        let has = |name: &str| traits.contains_key(name);
        Ok(if has("smithy.api#httpLabel") {
            Location::Label
        } else if has("smithy.api#httpPayload") {
            Location::Payload
        } else if has("smithy.api#httpQueryParams") {
            Location::QueryParams
        } else if has("smithy.api#httpResponseCode") {
            Location::ResponseCode
        } else {
            Location::Body
        })
    }

    /// How a timestamp of the member `id` is written.
    pub(super) fn timestamp_format(&self, id: &str, traits: &Traits, location: &Location) -> TimestampFormat {
        self.noted_trait(id, traits, "smithy.api#timestampFormat").unwrap_or(match location {
            Location::Header(_) | Location::PrefixHeaders(_) => TimestampFormat::HttpDate,
            Location::Query(_) | Location::QueryParams | Location::Label => TimestampFormat::DateTime,
            Location::Body | Location::Payload | Location::ResponseCode => TimestampFormat::EpochSeconds,
        })
    }
}

/// The values of an `intEnum`.
fn integer_values(target: Option<&AstShape>) -> Option<Vec<i64>> {
    let shape = target.filter(|shape| shape.kind == "intEnum")?;
    let values = shape.members.values().map(|member| member.traits.get("smithy.api#enumValue")?.as_i64());
    values.collect()
}

/// The shape that a member targets.
pub(super) struct Target<'a> {
    /// Its type.
    pub(super) kind: &'a str,
    /// The shape, if it is not of the prelude.
    pub(super) shape: Option<&'a AstShape>,
}

impl Target<'_> {
    fn is_whole(&self) -> bool {
        matches!(self.kind, "byte" | "short" | "integer" | "long" | "bigInteger" | "intEnum")
    }

    fn is_number(&self) -> bool {
        self.is_whole() || matches!(self.kind, "float" | "double" | "bigDecimal")
    }
}

/// The trait `range` as it is written.
#[derive(Deserialize)]
struct Bounds {
    min: Option<Number>,
    max: Option<Number>,
}

impl Bounds {
    fn decimal(&self) -> DecimalRange {
        DecimalRange {
            min: self.min.as_ref().and_then(Number::as_f64),
            max: self.max.as_ref().and_then(Number::as_f64),
        }
    }

    fn whole(&self) -> Range {
        Range { min: self.min.as_ref().and_then(whole), max: self.max.as_ref().and_then(whole) }
    }
}

/// A bound as a whole number. One beyond 64 bits, or at their end, bounds nothing.
fn whole(bound: &Number) -> Option<i64> {
    let is_exact = |bound: &f64| bound.fract() == 0.0 && bound.abs() < MAX_EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
    let decimal = || bound.as_f64().filter(is_exact).map(|bound| bound as i64);
    bound.as_i64().or_else(decimal).filter(|bound| !matches!(*bound, i64::MIN | i64::MAX))
}

/// Below this, a double says which whole number was written.
const MAX_EXACT: f64 = 9e15;
