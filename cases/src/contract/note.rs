//! What a model has that boundstone does not understand.

use super::shape_id::ShapeId;

/// A trait or a part of a model that is not understood. It has no cases, and refuses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The shape or member.
    pub place: ShapeId,
    /// What is not understood, and why.
    pub problem: String,
}
