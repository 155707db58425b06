//! What a variant is.

use crate::service::MockConfig;
use crate::toolkit::Contracts;

/// A conformant server that is unusual.
#[derive(Clone, Copy)]
pub struct Variant {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What is unusual about it, in one sentence.
    pub about: &'static str,
    /// The contracts under which it differs from the reference.
    pub contracts: Contracts,
    /// Whether it satisfies every SHOULD as well as every MUST.
    pub strict: bool,
    /// The configuration of the server.
    pub config: fn() -> MockConfig,
}

/// A variant under both contracts that satisfies every SHOULD, to which the rest is added.
pub(super) const fn variant(name: &'static str) -> Variant {
    Variant { name, about: "", contracts: Contracts::Both, strict: true, config: MockConfig::default }
}

impl Variant {
    pub(super) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    pub(super) const fn model_only(self) -> Self {
        Self { contracts: Contracts::Model, ..self }
    }

    pub(super) const fn breaks_a_should(self) -> Self {
        Self { strict: false, ..self }
    }

    pub(super) const fn config(self, config: fn() -> MockConfig) -> Self {
        Self { config, ..self }
    }
}
