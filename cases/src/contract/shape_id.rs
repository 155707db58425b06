//! Absolute ids of shapes and members.

use std::fmt;

use serde::Deserialize;

/// An absolute shape id, `namespace#Name` or `namespace#Name$member`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct ShapeId(pub(super) String);

impl ShapeId {
    /// The name without namespace and member.
    pub fn name(&self) -> &str {
        let name = self.0.split_once('#').map_or(self.0.as_str(), |(_, name)| name);
        name.split_once('$').map_or(name, |(shape, _)| shape)
    }
}

impl fmt::Display for ShapeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
