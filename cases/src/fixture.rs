//! Resources that are known to exist on the target.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One resource with the resources that contain it, such as `application` and `environment`, and what it serves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixture {
    /// The resource and those that contain it, by their kind as the rules of the contract name it.
    #[serde(flatten)]
    pub resources: BTreeMap<String, Resource>,
    /// Content that the target serves, by the key that the rule of the contract names.
    #[serde(skip)]
    pub contents: BTreeMap<String, Vec<u8>>,
}

/// The identifiers of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The two ways to name a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Naming {
    /// By its id.
    Id,
    /// By its name.
    Name,
}

impl Fixture {
    /// Whether this is the id or the name of one of the resources.
    pub fn has(&self, identifier: &str) -> bool {
        self.resources.values().any(|resource| resource.is(identifier))
    }
}

impl Resource {
    /// The identifier of this kind, or of the other one if only that is known.
    pub fn identifier(&self, naming: Naming) -> Option<&str> {
        let (first, second) = match naming {
            Naming::Id => (&self.id, &self.name),
            Naming::Name => (&self.name, &self.id),
        };
        first.as_ref().or(second.as_ref()).map(String::as_str)
    }

    /// Whether this is the id or the name of the resource.
    pub fn is(&self, identifier: &str) -> bool {
        self.id.as_deref() == Some(identifier) || self.name.as_deref() == Some(identifier)
    }

    /// The same in any letter case, which the contract leaves open.
    pub fn is_like(&self, identifier: &str) -> bool {
        // A final sigma equals the other one, since they have the same capital letter.
        let fold = |c: char| c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c });
        let like = |own: &String| {
            if own.is_ascii() && identifier.is_ascii() {
                return own.eq_ignore_ascii_case(identifier);
            }
            own.chars().flat_map(fold).eq(identifier.chars().flat_map(fold))
        };
        self.id.as_ref().is_some_and(like) || self.name.as_ref().is_some_and(like)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_like_ignores_letter_case() {
        let resource = Resource { id: Some("abc1234".to_owned()), name: Some("Größe-ΟΔΟΣ".to_owned()) };
        for like in ["ABC1234", "größe-οδος", "GRÖßE-ΟΔΟσ"] {
            assert!(resource.is_like(like), "{like}");
        }
        for other in ["abc123", "abc12345", "größe", ""] {
            assert!(!resource.is_like(other), "{other}");
        }
        assert!(resource.is("abc1234"));
        assert!(!resource.is("ABC1234"));
    }
}
