//! Conformant servers that are unusual, to see that none of them is accused.
//!
//! Each variant makes use of what the contract and HTTP leave open, or of a convention that is
//! recommended and not demanded.

mod body;
mod delivery;
mod error;
mod lookup;
mod poll;
mod signature;
mod token;

use super::behaviour::Behaviour;
use super::edit::{
    Polls, Refuses, Reports, compressed, fault_of, is_start, with_body, with_document, with_header,
    with_status, without_header,
};
pub use super::named::Contracts;
use super::named::{self, Named, UnknownName};
use super::{Options, Serving};

/// One unusual server.
#[derive(Clone, Copy)]
pub struct Variant {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What is unusual about it, in one sentence.
    pub about: &'static str,
    /// Under which contracts it differs from the reference.
    pub contracts: Contracts,
    /// Whether it keeps every SHOULD as well as every MUST.
    pub strict: bool,
    /// The server.
    pub serving: fn() -> Serving,
}

/// A variant under both contracts that keeps every SHOULD, to which the rest is added.
const fn variant(name: &'static str) -> Variant {
    Variant { name, about: "", contracts: Contracts::Both, strict: true, serving: Serving::default }
}

impl Variant {
    const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    const fn model_only(self) -> Self {
        Self { contracts: Contracts::Model, ..self }
    }

    const fn breaks_a_should(self) -> Self {
        Self { strict: false, ..self }
    }

    const fn serving(self, serving: fn() -> Serving) -> Self {
        Self { serving, ..self }
    }
}

/// All variants, by theme.
pub fn all() -> impl Iterator<Item = &'static Variant> {
    [delivery::ALL, body::ALL, lookup::ALL, token::ALL, poll::ALL, error::ALL, signature::ALL]
        .into_iter()
        .flatten()
}

/// The variant with this name.
pub fn find(name: &str) -> Result<&'static Variant, UnknownName> {
    named::find(all(), name)
}

impl Named for Variant {
    const SORT: &'static str = "variant";

    fn name(&self) -> &'static str {
        self.name
    }
}

/// The server that behaves like this and is as the reference otherwise.
fn serving(behaviour: impl Behaviour + 'static) -> Serving {
    let behaviour: Box<dyn Behaviour> = Box::new(behaviour);
    behaviour.into()
}

#[cfg(test)]
mod tests;
