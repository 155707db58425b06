//! The id and the name of a resource.

use thiserror::Error;

/// The id and the name of one resource; requests may give either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    id: String,
    name: String,
}

/// The two ways to identify a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// By its id.
    Id,
    /// By its name.
    Name,
}

/// Why an id and a name make no identity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Ids match `[a-z0-9]{7}`.
    #[error("the id {0:?} is not seven lower-case letters and digits")]
    MalformedId(String),
    /// Names are not empty.
    #[error("the resource {0} has an empty name")]
    EmptyName(String),
}

impl Identity {
    /// An identity.
    ///
    /// # Errors
    /// The id does not match `[a-z0-9]{7}`, or the name is empty.
    pub fn new(id: &str, name: &str) -> Result<Self, IdentityError> {
        let well_formed = id.len() == 7 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !well_formed {
            return Err(IdentityError::MalformedId(id.to_owned()));
        }
        if name.is_empty() {
            return Err(IdentityError::EmptyName(id.to_owned()));
        }
        Ok(Self { id: id.to_owned(), name: name.to_owned() })
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id or the name.
    pub fn by(&self, by: By) -> &str {
        match by {
            By::Id => &self.id,
            By::Name => &self.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_identities_are_refused() {
        for id in ["", "abc123", "abc12345", "ABC1234", "abc-123", "abc123é"] {
            assert_eq!(Identity::new(id, "x"), Err(IdentityError::MalformedId(id.to_owned())));
        }
        assert_eq!(Identity::new("abc1234", ""), Err(IdentityError::EmptyName("abc1234".to_owned())));
    }
}
