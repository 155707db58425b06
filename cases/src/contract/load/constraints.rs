//! The constraints and the location of a member, from its traits.

use serde::Deserialize;
use serde_json::Value;

use super::ast::{AstShape, Traits};
use super::error::Result;
use super::model::Model;
use crate::contract::shape::{Constraints, Length, Location, Pattern, Range};

impl Model<'_> {
    /// The constraints of the member `id`. `traits` are its own and those of its target.
    pub(super) fn constraints(
        &self,
        id: &str,
        traits: &Traits,
        target: Option<&AstShape>,
    ) -> Result<Constraints> {
        Ok(Constraints {
            required: traits.contains_key("smithy.api#required"),
            length: self.length(id, traits)?,
            range: self.range(id, traits, target)?,
            pattern: self.pattern(id, traits)?,
            one_of: self.enum_values(id, traits, target)?,
        })
    }

    fn length(&self, id: &str, traits: &Traits) -> Result<Option<Length>> {
        let length: Option<Length> = self.parse_trait(id, traits, "smithy.api#length")?;
        if let Some(Length { min, max: Some(max) }) = length
            && min > max
        {
            return Err(self.error(id, format!("`smithy.api#length`: min {min} is above max {max}")));
        }
        Ok(length)
    }

    /// The range of a whole number. The ranges of other numbers are ignored.
    fn range(&self, id: &str, traits: &Traits, target: Option<&AstShape>) -> Result<Option<Range>> {
        let is_integer = target.is_none_or(|shape| {
            matches!(shape.kind.as_str(), "byte" | "short" | "integer" | "long" | "bigInteger" | "intEnum")
        });
        if !is_integer {
            return Ok(None);
        }
        let range: Option<Range> = self.parse_trait(id, traits, "smithy.api#range")?;
        if let Some(Range { min: Some(min), max: Some(max) }) = range
            && min > max
        {
            return Err(self.error(id, format!("`smithy.api#range`: min {min} is above max {max}")));
        }
        Ok(range)
    }

    fn pattern(&self, id: &str, traits: &Traits) -> Result<Option<Pattern>> {
        let text: Option<String> = self.parse_trait(id, traits, "smithy.api#pattern")?;
        let Some(text) = text else { return Ok(None) };
        Pattern::new(&text).map(Some).map_err(|error| {
            self.error(id, format!("`smithy.api#pattern`: `{text}` is no regular expression: {error}"))
        })
    }

    /// The values of an enum shape, or of the older trait `enum` on a string.
    fn enum_values(
        &self,
        id: &str,
        traits: &Traits,
        target: Option<&AstShape>,
    ) -> Result<Option<Vec<String>>> {
        #[derive(Deserialize)]
        struct Entry {
            value: String,
        }
        if let Some(shape) = target.filter(|shape| shape.kind == "enum") {
            let values = shape.members.iter().map(|(name, member)| {
                member.traits.get("smithy.api#enumValue").and_then(Value::as_str).unwrap_or(name).to_owned()
            });
            return Ok(Some(values.collect()));
        }
        let entries: Option<Vec<Entry>> = self.parse_trait(id, traits, "smithy.api#enum")?;
        Ok(entries.map(|entries| entries.into_iter().map(|entry| entry.value).collect()))
    }

    /// Where in the HTTP message the member `id` is.
    pub(super) fn location(&self, id: &str, traits: &Traits) -> Result<Location> {
        if let Some(name) = self.parse_trait(id, traits, "smithy.api#httpQuery")? {
            return Ok(Location::Query(name));
        }
        if let Some(name) = self.parse_trait(id, traits, "smithy.api#httpHeader")? {
            return Ok(Location::Header(name));
        }
        let has = |name: &str| traits.contains_key(name);
        Ok(if has("smithy.api#httpLabel") {
            Location::Label
        } else if has("smithy.api#httpPayload") {
            Location::Payload
        } else if has("smithy.api#httpPrefixHeaders")
            || has("smithy.api#httpQueryParams")
            || has("smithy.api#httpResponseCode")
        {
            Location::Other
        } else {
            Location::Body
        })
    }
}
