//! Checks every constraint of an input, at every depth.

mod constraint;
mod matches;
mod walk;

pub(crate) use walk::validate;
