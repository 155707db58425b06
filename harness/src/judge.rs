//! Compares an outcome with what the contract expects.

pub mod judgement;
pub mod normalize;
pub mod token_checks;
