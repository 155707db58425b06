//! Values of members: the least valid one, texts, and classes of values that a case draws from.

pub(super) mod alphabet;
pub(super) mod least_value;
pub(super) mod matching;
pub(super) mod text;
pub(super) mod value_class;
