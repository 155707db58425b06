//! Which requirements test a trait of a shape that is somewhere within an input.

use std::collections::HashMap;

use crate::catalogue::places;
use crate::contract::{AppliedTrait, Contract, MessageKind, Position, ShapeId, TraitSite};
use crate::id::RequirementId;

/// The places of the inputs of all operations, by operation and shape or member.
pub(super) struct Places(HashMap<String, HashMap<ShapeId, Vec<RequirementId>>>);

impl Places {
    pub(super) fn of(contract: &Contract) -> Self {
        let of_operation = contract.operations.iter().map(|operation| {
            let mut by_shape: HashMap<ShapeId, Vec<RequirementId>> = HashMap::new();
            for (shape, place) in places(contract, operation) {
                by_shape.entry(shape).or_default().push(place);
            }
            (operation.name.clone(), by_shape)
        });
        Self(of_operation.collect())
    }

    /// The requirements that test a trait, whether or not the catalogue has them.
    pub(super) fn requirements(&self, applied: &AppliedTrait) -> Vec<RequirementId> {
        let TraitSite::Message { operation, message: MessageKind::Input, position } = &applied.site else {
            return Vec::new();
        };
        let (Position::Member(top) | Position::Within(top) | Position::Keys(top)) = position else {
            return Vec::new();
        };
        let aspect = match applied.name.as_str() {
            "smithy.api#required" => "required",
            "smithy.api#length" => "length",
            "smithy.api#pattern" => "pattern",
            "smithy.api#range" => "range",
            "smithy.api#enum" => "enum",
            "smithy.api#uniqueItems" => "unique-items",
            "smithy.api#timestampFormat" | "smithy.api#mediaType" => "format",
            "smithy.api#jsonName" => "type",
            _ => return Vec::new(),
        };
        let places = self.0.get(operation).and_then(|shapes| shapes.get(&applied.place));
        // The id of a place ends with the slash before its aspect.
        let within = RequirementId::new([operation.as_str(), top, ""]);
        let is_within = |place: &&RequirementId| place.as_str().starts_with(within.as_str());
        let id = |place: &RequirementId| RequirementId::new([format!("{}{aspect}", place.as_str())]);
        places.into_iter().flatten().filter(is_within).map(id).collect()
    }
}
