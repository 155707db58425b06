//! Generates outputs that are valid by the contract, or wrong in the one way of a mutant.

mod another;
mod extent;
mod generator;
mod pattern;
mod random;
mod scalar;
mod text;
mod wrong;

pub(crate) use extent::Extent;
pub(crate) use generator::Generator;
