//! Deliberate faults of the mock, to test the tests.
//!
//! Each deviation is one bug that a real server could have, made by overriding as little of
//! [`Behaviour`] as it takes, and names what has to notice it.

mod combination;
mod early;
mod encoding;
mod error;
mod http;
mod interval;
mod json;
mod late;
mod length;
mod near;
mod near_token;
mod partial;
mod race;
mod rare;
mod recovery;
mod region;
mod required;
mod resource;
mod response;
mod session;
mod signature;
mod token;
mod token_form;

use super::Serving;
use super::behaviour::{Behaviour, Reference};
use super::edit::{
    Polls, Refuses, Reports, Starts, compressed, fault_of, is_start, with_body, with_document, with_header,
    with_status, without_header,
};
pub use super::named::Contracts;
use super::named::{self, Named, UnknownName};
use super::signature::REGION;

/// One deliberate fault.
///
/// `must_fail` and `may_fail` are patterns of ids of requirements and cases, in which a `*` stands
/// for any characters, also for none and for slashes, as [`wildmatch`] reads them. To fail is to be
/// failed or flaky. `cargo xtask mutants` holds each deviation to them.
#[derive(Clone, Copy)]
pub struct Deviation {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What the server does wrong, in one sentence.
    pub about: &'static str,
    /// Where it shows.
    pub contracts: Contracts,
    /// Each pattern matches something in the catalogue of the contract, and everything that it
    /// matches fails. Empty where chance decides which of `may_fail` does.
    pub must_fail: &'static [&'static str],
    /// What else may fail: by chance, or under one of two contracts. Nothing fails that no pattern
    /// of either list matches, save a requirement of which a case fails that one matches.
    pub may_fail: &'static [&'static str],
    /// The server that has the fault.
    pub behaviour: fn() -> Box<dyn Behaviour>,
}

/// A deviation under both contracts, to which the rest is added.
const fn deviation(name: &'static str) -> Deviation {
    Deviation {
        name,
        about: "",
        contracts: Contracts::Both,
        must_fail: &[],
        may_fail: &[],
        behaviour: || Box::new(Reference),
    }
}

impl Deviation {
    const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    const fn page_only(self) -> Self {
        Self { contracts: Contracts::Page, ..self }
    }

    const fn model_only(self) -> Self {
        Self { contracts: Contracts::Model, ..self }
    }

    const fn must_fail(self, must_fail: &'static [&'static str]) -> Self {
        Self { must_fail, ..self }
    }

    const fn may_fail(self, may_fail: &'static [&'static str]) -> Self {
        Self { may_fail, ..self }
    }

    const fn behaviour(self, behaviour: fn() -> Box<dyn Behaviour>) -> Self {
        Self { behaviour, ..self }
    }
}

/// All deviations, by theme.
pub fn all() -> impl Iterator<Item = &'static Deviation> {
    [
        length::ALL,
        region::ALL,
        required::ALL,
        combination::ALL,
        json::ALL,
        encoding::ALL,
        http::ALL,
        partial::ALL,
        resource::ALL,
        token::ALL,
        token_form::ALL,
        near::ALL,
        near_token::ALL,
        late::ALL,
        session::ALL,
        race::ALL,
        response::ALL,
        interval::ALL,
        early::ALL,
        error::ALL,
        recovery::ALL,
        rare::ALL,
        signature::ALL,
    ]
    .into_iter()
    .flatten()
}

/// The deviation with this name.
pub fn find(name: &str) -> Result<&'static Deviation, UnknownName> {
    named::find(all(), name)
}

impl Deviation {
    /// The server that has the fault. Where the fault is in how signatures are verified, it verifies
    /// them.
    pub fn serving(&self) -> Serving {
        let serving = Serving::from((self.behaviour)());
        let verifies = signature::ALL.iter().any(|deviation| deviation.name == self.name);
        if verifies { serving.signed_for(REGION) } else { serving }
    }
}

impl Named for Deviation {
    const SORT: &'static str = "deviation";

    fn name(&self) -> &'static str {
        self.name
    }
}

#[cfg(test)]
mod tests;
