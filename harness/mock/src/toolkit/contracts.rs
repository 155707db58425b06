//! The contracts under which a mutant or variant differs from the reference.

/// The contracts under which a mutant or variant differs from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contracts {
    /// Under `page` and under `model`.
    Both,
    /// Under `page` only.
    Page,
    /// Under `model` only.
    Model,
}

impl Contracts {
    /// The names of the contracts.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Both => &["page", "model"],
            Self::Page => &["page"],
            Self::Model => &["model"],
        }
    }

    /// The contract to use in place of the one with this name, if that one shows no difference.
    pub fn instead_of(self, contract: &str) -> Option<&'static str> {
        match (self, contract) {
            (Self::Page, "model") => Some("page"),
            (Self::Model, "page") => Some("model"),
            _ => None,
        }
    }
}
