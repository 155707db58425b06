//! Every trait that applies somewhere below the service, as the files have it.
//!
//! The rest of the contract has what boundstone understands of the model. This has everything that the model says, so
//! that the two can be compared.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::ast::{AstMember, AstShape, Traits};
use crate::contract::applied_trait::{AppliedTrait, MessageKind, Position, TraitSite};
use crate::contract::prelude::prelude_type;
use crate::contract::shape_id::ShapeId;

/// The traits of the service, its resources, these operations, and everything that they refer to, from the top down.
pub(super) fn traits(
    shapes: &IndexMap<String, AstShape>,
    service: &str,
    operations: &[String],
) -> Vec<AppliedTrait> {
    let mut walk = Walk { shapes, seen: BTreeSet::new(), found: Vec::new() };
    walk.resource(service);
    for id in operations {
        walk.operation(id, service);
    }
    walk.found
}

struct Walk<'a> {
    shapes: &'a IndexMap<String, AstShape>,
    /// A shape may contain itself.
    seen: BTreeSet<(String, TraitSite)>,
    found: Vec<AppliedTrait>,
}

impl<'a> Walk<'a> {
    /// A service or resource, and the resources below it.
    fn resource(&mut self, id: &str) {
        let Some(shape) = self.enter(id, &TraitSite::Service) else { return };
        self.traits(id, shape.traits.iter(), &shape.kind, &TraitSite::Service);
        for resource in &shape.resources {
            self.resource(&resource.target);
        }
    }

    fn operation(&mut self, id: &str, service: &str) {
        let Some(shape) = self.shapes.get(id) else { return };
        let name = local(id);
        self.traits(id, shape.traits.iter(), &shape.kind, &TraitSite::Operation(name.clone()));
        let whole =
            |message| TraitSite::Message { operation: name.clone(), message, position: Position::Whole };
        if let Some(input) = &shape.input {
            self.shape(&input.target, &Traits::new(), &whole(MessageKind::Input));
        }
        if let Some(output) = &shape.output {
            self.shape(&output.target, &Traits::new(), &whole(MessageKind::Output));
        }
        let of_service = self.shapes.get(service).map_or(&[][..], |service| &service.errors);
        for error in shape.errors.iter().chain(of_service) {
            self.shape(&error.target, &Traits::new(), &whole(MessageKind::Error(local(&error.target))));
        }
    }

    /// A shape of a value, without the traits that the member which targets it overrides.
    fn shape(&mut self, id: &str, overriding: &Traits, site: &TraitSite) {
        let Some(shape) = self.enter(id, site) else { return };
        let own = shape.traits.iter().filter(|(name, _)| !overriding.contains_key(*name));
        self.traits(id, own, &shape.kind, site);
        if matches!(shape.kind.as_str(), "enum" | "intEnum") {
            let value = shape.members.iter().map(|(name, member)| {
                member.traits.get("smithy.api#enumValue").cloned().unwrap_or_else(|| name.clone().into())
            });
            self.found.push(AppliedTrait {
                place: ShapeId(id.to_owned()),
                name: "smithy.api#enum".to_owned(),
                value: value.collect(),
                kind: shape.kind.clone(),
                site: site.clone(),
            });
        }
        for mixin in &shape.mixins {
            self.shape(&mixin.target, &Traits::new(), site);
        }
        for (name, member) in &shape.members {
            self.member(&format!("{id}${name}"), member, &site.member(name));
        }
        if let Some(key) = &shape.key {
            self.member(&format!("{id}$key"), key, &site.keys());
        }
        for (name, element) in [("member", &shape.member), ("value", &shape.value)] {
            if let Some(element) = element {
                self.member(&format!("{id}${name}"), element, &site.member(name));
            }
        }
    }

    fn member(&mut self, id: &str, member: &AstMember, site: &TraitSite) {
        let target = self.shapes.get(&member.target).map(|shape| shape.kind.as_str());
        let prelude = || prelude_type(member.target.strip_prefix("smithy.api#")?);
        let kind = target.or_else(prelude).unwrap_or_default();
        // The names of enum values are added with the enum.
        let own = member.traits.iter().filter(|(name, _)| *name != "smithy.api#enumValue");
        self.traits(id, own, kind, site);
        self.shape(&member.target, &member.traits, site);
    }

    /// The shape, if it is not of the prelude and was not seen at this site.
    fn enter(&mut self, id: &str, site: &TraitSite) -> Option<&'a AstShape> {
        let shape = self.shapes.get(id)?;
        self.seen.insert((id.to_owned(), site.clone())).then_some(shape)
    }

    fn traits<'t>(
        &mut self,
        place: &str,
        traits: impl Iterator<Item = (&'t String, &'t Value)>,
        kind: &str,
        site: &TraitSite,
    ) {
        for (name, value) in traits {
            let value = match (name.as_str(), value) {
                ("smithy.api#enum", Value::Array(entries)) => {
                    entries.iter().map(|entry| entry["value"].clone()).collect()
                }
                _ => value.clone(),
            };
            self.found.push(AppliedTrait {
                place: ShapeId(place.to_owned()),
                name: name.clone(),
                value,
                kind: kind.to_owned(),
                site: site.clone(),
            });
        }
    }
}

/// A shape's name without the namespace.
fn local(id: &str) -> String {
    ShapeId(id.to_owned()).name().to_owned()
}
