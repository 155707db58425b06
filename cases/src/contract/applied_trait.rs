//! Traits with the places in a model where they apply.

use serde_json::Value;

use super::shape_id::ShapeId;

/// A trait of a shape or member, at one site. A shape that several operations or members use has an entry for each
/// of them.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedTrait {
    /// The shape or member that has the trait.
    pub place: ShapeId,
    /// The absolute id of the trait, such as `smithy.api#length`. The values of an enum shape are represented as the
    /// older trait `smithy.api#enum`, whose value is a list of them.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The type of the shape or of the member's target, such as `string`.
    pub kind: String,
    /// Where the shape is used.
    pub site: TraitSite,
}

/// Where a shape is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TraitSite {
    /// It is the service, or a resource of it.
    Service,
    /// It is this operation.
    Operation(String),
    /// It is part of a message of an operation.
    Message {
        /// The operation's name.
        operation: String,
        /// Which of its messages.
        message: MessageKind,
        /// Where in the message.
        position: Position,
    },
}

/// The messages of an operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// The request.
    Input,
    /// The response of a success.
    Output,
    /// The error of that name.
    Error(String),
}

/// A position in a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// The message as a whole.
    Whole,
    /// The member of that name, or the shape that it targets.
    Member(String),
    /// Somewhere within the value of the member of that name.
    Within(String),
    /// The keys of a map within the value of the member of that name.
    Keys(String),
}

impl TraitSite {
    /// The operation of the site; none if it is the service.
    pub fn operation(&self) -> Option<&str> {
        match self {
            Self::Service => None,
            Self::Operation(operation) | Self::Message { operation, .. } => Some(operation),
        }
    }

    /// The site of a member of a shape at this site.
    pub(super) fn member(&self, name: &str) -> Self {
        self.at(|position| match position {
            Position::Whole => Position::Member(name.to_owned()),
            Position::Member(above) | Position::Within(above) => Position::Within(above.clone()),
            Position::Keys(_) => position.clone(),
        })
    }

    /// The site of the keys of a map at this site.
    pub(super) fn keys(&self) -> Self {
        self.at(|position| match position {
            Position::Member(above) | Position::Within(above) => Position::Keys(above.clone()),
            Position::Whole | Position::Keys(_) => position.clone(),
        })
    }

    fn at(&self, change: impl Fn(&Position) -> Position) -> Self {
        match self {
            Self::Message { operation, message, position } => Self::Message {
                operation: operation.clone(),
                message: message.clone(),
                position: change(position),
            },
            Self::Service | Self::Operation(_) => self.clone(),
        }
    }
}
