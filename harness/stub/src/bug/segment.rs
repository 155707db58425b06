//! The steps of a path through the shapes of a message.

/// One step from a shape to a shape below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member of a structure or union.
    Member(String),
    /// The elements of a list.
    Element,
    /// The keys of a map.
    Key,
    /// The values of a map.
    Value,
}

impl Segment {
    /// Its name in the id of a requirement.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Member(name) => cases::id::kebab(name),
            Self::Element => "element".to_owned(),
            Self::Key => "key".to_owned(),
            Self::Value => "value".to_owned(),
        }
    }
}
