//! A model with its rules, read but not resolved: lookups of shapes, traits and rules, and their errors.

use std::cell::RefCell;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::ast::{AstShape, Traits};
use super::error::{ContractError, Result};
use crate::contract::service::Note;
use crate::contract::shape_id::ShapeId;

const NAMESPACE: &str = "boundstone#";
/// The rules that exist; any other name in the namespace is a typing error.
const RULES: &[&str] = &[
    "boundstone#commonErrors",
    "boundstone#constraintError",
    "boundstone#content",
    "boundstone#identifies",
    "boundstone#interval",
    "boundstone#minimumInterval",
    "boundstone#present",
    "boundstone#signatureErrors",
    "boundstone#singleUse",
    "boundstone#source",
    "boundstone#statements",
];

/// A model with its rules, as the files have them.
pub(super) struct Model<'a> {
    /// The name of the file in errors and sources.
    pub(super) file: &'a str,
    /// Every shape of the file.
    pub(super) shapes: IndexMap<String, AstShape>,
    /// What is not understood so far.
    pub(super) notes: RefCell<Vec<Note>>,
}

impl Model<'_> {
    /// The error for a shape or member.
    pub(super) fn error(&self, shape: &str, problem: impl Into<String>) -> ContractError {
        ContractError { file: self.file.to_owned(), shape: Some(shape.to_owned()), problem: problem.into() }
    }

    /// The error for the file as a whole.
    pub(super) fn file_error(&self, problem: &str) -> ContractError {
        ContractError { file: self.file.to_owned(), shape: None, problem: problem.to_owned() }
    }

    /// The shape that `from` refers to.
    pub(super) fn get(&self, from: &str, id: &str) -> Result<&AstShape> {
        self.shapes
            .get(id)
            .ok_or_else(|| self.error(from, format!("refers to `{id}`, which the model does not have")))
    }

    /// The value of a trait.
    pub(super) fn parse_trait<T: DeserializeOwned>(
        &self,
        id: &str,
        traits: &Traits,
        name: &str,
    ) -> Result<Option<T>> {
        traits
            .get(name)
            .map(|value| T::deserialize(value).map_err(|error| self.error(id, format!("`{name}`: {error}"))))
            .transpose()
    }

    /// The value of a trait; none, with a note, if it is not understood.
    pub(super) fn noted_trait<T: DeserializeOwned>(
        &self,
        id: &str,
        traits: &Traits,
        name: &str,
    ) -> Option<T> {
        let value = traits.get(name)?;
        T::deserialize(value).map_err(|error| self.note(id, format!("`{name}`: {error}"))).ok()
    }

    /// Notes something that is not understood, once.
    pub(super) fn note(&self, id: &str, problem: String) {
        let note = Note { place: ShapeId(id.to_owned()), problem };
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// The value of a rule.
    pub(super) fn rule<T: DeserializeOwned>(
        &self,
        id: &str,
        traits: &Traits,
        name: &str,
    ) -> Result<Option<T>> {
        let unknown = traits.keys().find(|key| key.starts_with(NAMESPACE) && !RULES.contains(&key.as_str()));
        if let Some(unknown) = unknown {
            return Err(self.error(id, format!("`{unknown}` is no rule; the rules are {}", RULES.join(", "))));
        }
        self.parse_trait(id, traits, &format!("{NAMESPACE}{name}"))
    }

    /// Where the contract describes a shape or member: as a rule says, or else its path in the model.
    pub(super) fn source(&self, id: &str, traits: &Traits, path: &[&str]) -> Result<String> {
        let written = self.rule(id, traits, "source")?;
        Ok(written.unwrap_or_else(|| {
            let file = self.file.rsplit(['/', '\\']).next().unwrap_or(self.file);
            [&[file], path].concat().join(" › ")
        }))
    }
}
