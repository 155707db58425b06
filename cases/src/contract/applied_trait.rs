//! A trait where it applies in a model.

use serde_json::Value;

use super::shape_id::ShapeId;

/// A trait of a shape or member, for one use of it. A shape that serves several operations, or
/// several members, has an entry for each.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedTrait {
    /// The shape or member that carries the trait.
    pub place: ShapeId,
    /// The absolute id of the trait, such as `smithy.api#length`. The values of an enum shape count
    /// as the older trait `smithy.api#enum`, and that one's value as the list of its values.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The type of the shape or of the member's target, such as `string`.
    pub kind: String,
    /// What the shape is used for.
    pub used: Use,
}

/// What a shape is used for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// It is the service, or a resource of it.
    Service,
    /// It is this operation.
    Operation(String),
    /// It is part of a message of an operation.
    Message {
        /// The operation's name.
        operation: String,
        /// Which of its messages.
        message: Message,
        /// Where in the message.
        part: Part,
    },
}

/// The messages of an operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Message {
    /// The request.
    Input,
    /// The answer of a success.
    Output,
    /// The error of that name.
    Error(String),
}

/// Where in a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The message as a whole.
    Whole,
    /// The member of that name, or the shape that it targets.
    Member(String),
    /// Somewhere within the value of the member of that name.
    Within(String),
    /// The keys of a map there.
    Keys(String),
}

impl Use {
    /// The operation that it serves; none if it is the service's.
    pub fn operation(&self) -> Option<&str> {
        match self {
            Use::Service => None,
            Use::Operation(operation) | Use::Message { operation, .. } => Some(operation),
        }
    }

    /// The use of a member of a shape that is used so.
    pub(super) fn of_member(&self, name: &str) -> Self {
        self.at(|part| match part {
            Part::Whole => Part::Member(name.to_owned()),
            Part::Member(above) | Part::Within(above) => Part::Within(above.clone()),
            Part::Keys(_) => part.clone(),
        })
    }

    /// The use of the keys of a map that is used so.
    pub(super) fn of_keys(&self) -> Self {
        self.at(|part| match part {
            Part::Member(above) | Part::Within(above) => Part::Keys(above.clone()),
            Part::Whole | Part::Keys(_) => part.clone(),
        })
    }

    fn at(&self, place: impl Fn(&Part) -> Part) -> Self {
        match self {
            Use::Message { operation, message, part } => {
                Use::Message { operation: operation.clone(), message: message.clone(), part: place(part) }
            }
            Use::Service | Use::Operation(_) => self.clone(),
        }
    }
}
