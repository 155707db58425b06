//! What a mutant is.

use crate::service::{Behavior, MockConfig, Reference};
use crate::signature::DEFAULT_REGION;
use crate::toolkit::Contracts;

/// A server with one deliberate bug.
///
/// `must_fail` and `may_fail` are patterns for the ids of requirements and cases. A `*` matches any
/// characters, including none and slashes, as in [`wildmatch`](https://docs.rs/wildmatch). A failed or flaky
/// requirement or case counts as failing. `cargo xtask mutants` checks both lists.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What the server does wrong, in one sentence.
    pub about: &'static str,
    /// The contracts under which the bug shows.
    pub contracts: Contracts,
    /// Each pattern matches something in the catalogue of the contract, and everything that it matches fails.
    /// The list is empty where it is random which of `may_fail` fails.
    pub must_fail: &'static [&'static str],
    /// What else may fail: at random, or under one of two contracts. Nothing else fails, except a requirement
    /// with a case that fails and matches a pattern.
    pub may_fail: &'static [&'static str],
    /// The behavior with the bug.
    pub behavior: fn() -> Box<dyn Behavior>,
    /// Whether the server verifies signatures.
    verifies_signatures: bool,
}

/// A mutant under both contracts, to which the rest is added.
pub(super) const fn mutant(name: &'static str) -> Mutant {
    Mutant {
        name,
        about: "",
        contracts: Contracts::Both,
        must_fail: &[],
        may_fail: &[],
        behavior: || Box::new(Reference),
        verifies_signatures: false,
    }
}

impl Mutant {
    pub(super) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    pub(super) const fn page_only(self) -> Self {
        Self { contracts: Contracts::Page, ..self }
    }

    pub(super) const fn model_only(self) -> Self {
        Self { contracts: Contracts::Model, ..self }
    }

    pub(super) const fn must_fail(self, must_fail: &'static [&'static str]) -> Self {
        Self { must_fail, ..self }
    }

    pub(super) const fn may_fail(self, may_fail: &'static [&'static str]) -> Self {
        Self { may_fail, ..self }
    }

    pub(super) const fn behavior(self, behavior: fn() -> Box<dyn Behavior>) -> Self {
        Self { behavior, ..self }
    }

    pub(super) const fn verifies_signatures(self) -> Self {
        Self { verifies_signatures: true, ..self }
    }

    /// The configuration of the server.
    pub fn config(&self) -> MockConfig {
        let config = MockConfig::from((self.behavior)());
        if self.verifies_signatures { config.signed_for(DEFAULT_REGION) } else { config }
    }
}
