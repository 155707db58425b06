//! Identifiers that are nearly the one of a resource that exists, and name nothing.
//!
//! Each kind detects a server that does more with an identifier than to compare it: one that matches a part or a
//! pattern, decodes, folds, strips or cuts. Identifiers that may well exist are left out, such as a word in the
//! singular or a name with another number: the target may have more resources than the fixtures list.

mod class;
mod kind;
mod recipes;
mod text_edits;

pub(crate) use class::{NearMiss, NearMissClass};
pub(crate) use kind::NearMissKind;
