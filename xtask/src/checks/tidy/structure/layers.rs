//! Layers: the modules of a crate import downward only, as ARCHITECTURE.md lists them, and in no circle.

mod check;
mod circles;
mod dependency;
mod document;
mod modules;
mod resolution;
mod scope;
#[cfg(test)]
mod tests;

pub(in crate::checks::tidy) use check::check;
