//! Resolves structures, their members, and the shapes of their values.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{AstMember, AstShape};
use super::constraints::Target;
use super::error::Result;
use super::model::Model;
use crate::contract::prelude::prelude_type;
use crate::contract::shape::{IntegerWidth, MapEntry, Member, MemberRules, Shape};
use crate::contract::shape_id::ShapeId;

/// Resolves members, with every shape below them.
pub(super) struct Resolver<'a> {
    pub(super) model: &'a Model<'a>,
    /// The shapes that members resolved so far refer to.
    pub(super) shapes: BTreeMap<ShapeId, Shape>,
}

/// The members of a structure that are found so far.
struct Found<'a> {
    /// The id of the structure.
    owner: &'a str,
    members: Vec<Member>,
    /// The mixins that were searched.
    mixins: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(model: &'a Model<'a>) -> Self {
        Self { model, shapes: BTreeMap::new() }
    }

    /// The members of a structure, mixed-in ones first. No `id` means no members.
    pub(super) fn members_of(&mut self, from: &str, id: Option<&str>) -> Result<Vec<Member>> {
        let Some(id) = id.filter(|id| *id != "smithy.api#Unit") else { return Ok(Vec::new()) };
        let shape = self.model.get(from, id)?;
        if !matches!(shape.kind.as_str(), "structure" | "union") {
            let problem = format!("is used as a structure but has the type `{}`", shape.kind);
            return Err(self.model.error(id, problem));
        }
        let mut found = Found { owner: id, members: Vec::new(), mixins: BTreeSet::new() };
        self.collect_members(id, shape, &mut found)?;
        Ok(found.members)
    }

    fn collect_members(&mut self, id: &str, shape: &AstShape, found: &mut Found<'_>) -> Result<()> {
        for mixin in &shape.mixins {
            if found.mixins.insert(mixin.target.clone()) {
                let mixed_in = self.model.get(id, &mixin.target)?;
                self.collect_members(&mixin.target, mixed_in, found)?;
            }
        }
        for (name, member) in &shape.members {
            let member = self.member(found.owner, name, member)?;
            // A member of the structure itself replaces one that is mixed in.
            found.members.retain(|mixed_in| mixed_in.name != member.name);
            found.members.push(member);
        }
        Ok(())
    }

    fn member(&mut self, owner: &str, name: &str, member: &AstMember) -> Result<Member> {
        let model = self.model;
        let id = format!("{owner}${name}");
        let target = self.resolve(&id, &member.target)?;
        let target_shape = model.shapes.get(&member.target);
        let mut traits = target_shape.map(|shape| shape.traits.clone()).unwrap_or_default();
        traits.extend(member.traits.clone());
        let owner = ShapeId(owner.to_owned());
        let kind = self.kind(&id, &member.target)?;
        let location = model.location(&id, &traits)?;
        Ok(Member {
            json_name: model
                .noted_trait(&id, &traits, "smithy.api#jsonName")
                .unwrap_or_else(|| name.to_owned()),
            constraints: model.constraints(&id, &traits, &Target { kind, shape: target_shape }),
            timestamp_format: model.timestamp_format(&id, &traits, &location),
            media_type: model.noted_trait(&id, &traits, "smithy.api#mediaType"),
            has_default: traits.get("smithy.api#default").is_some_and(|value| !value.is_null()),
            idempotency_token: traits.contains_key("smithy.api#idempotencyToken"),
            location,
            sensitive: traits.contains_key("smithy.api#sensitive"),
            rules: MemberRules {
                identifies: model.rule(&id, &traits, "identifies")?,
                single_use: model.rule(&id, &traits, "singleUse")?,
                minimum_interval: model.rule(&id, &traits, "minimumInterval")?,
                present: model.rule(&id, &traits, "present")?,
                content: model.rule(&id, &traits, "content")?,
                interval: model.rule(&id, &traits, "interval")?,
            },
            source: model.source(&id, &traits, &[owner.name(), name])?,
            id: ShapeId(id),
            name: name.to_owned(),
            target,
        })
    }

    /// Adds the shape `id` and every shape below it to `shapes`.
    fn resolve(&mut self, from: &str, id: &str) -> Result<ShapeId> {
        let key = ShapeId(id.to_owned());
        if self.shapes.contains_key(&key) {
            return Ok(key);
        }
        let kind = self.kind(from, id)?;
        // A shape may contain itself: it is known from here on.
        self.shapes.insert(key.clone(), Shape::Document);
        let ast = self.model.shapes.get(id);
        let shape = match kind {
            "string" | "enum" => Shape::String,
            "byte" => Shape::Integer(IntegerWidth::Byte),
            "short" => Shape::Integer(IntegerWidth::Short),
            "integer" | "intEnum" => Shape::Integer(IntegerWidth::Integer),
            "long" => Shape::Integer(IntegerWidth::Long),
            "bigInteger" => Shape::Integer(IntegerWidth::Big),
            "float" | "double" | "bigDecimal" => Shape::Number,
            "boolean" => Shape::Boolean,
            "blob" => Shape::Blob,
            "timestamp" => Shape::Timestamp,
            "document" => Shape::Document,
            "list" | "set" => {
                Shape::List(Box::new(self.element(id, "member", ast.and_then(|ast| ast.member.as_ref()))?))
            }
            "map" => Shape::Map(Box::new(MapEntry {
                key: self.element(id, "key", ast.and_then(|ast| ast.key.as_ref()))?,
                value: self.element(id, "value", ast.and_then(|ast| ast.value.as_ref()))?,
            })),
            "structure" => Shape::Structure(self.members_of(from, Some(id))?),
            "union" => Shape::Union(self.members_of(from, Some(id))?),
            other => {
                let problem = format!("has the type `{other}`, which is no type of a value");
                return Err(self.model.error(id, problem));
            }
        };
        self.shapes.insert(key.clone(), shape);
        Ok(key)
    }

    /// The type of a shape of the model or of Smithy's prelude.
    fn kind(&self, from: &str, id: &str) -> Result<&'a str> {
        if let Some(shape) = self.model.shapes.get(id) {
            return Ok(&shape.kind);
        }
        let owner = match id.strip_prefix("smithy.api#") {
            Some(name) => match prelude_type(name) {
                Some(kind) => return Ok(kind),
                None => "Smithy's prelude",
            },
            None => "the model",
        };
        Err(self.model.error(from, format!("refers to `{id}`, which {owner} does not have")))
    }

    /// The member of a list, or the key or value of a map.
    fn element(&mut self, id: &str, name: &str, member: Option<&AstMember>) -> Result<Member> {
        let member = member.ok_or_else(|| self.model.error(id, format!("has no `{name}`")))?;
        self.member(id, name, member)
    }
}
