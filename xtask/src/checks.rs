//! Tasks that check the sources and what they depend on.

pub(crate) mod ci;
pub(crate) mod deny;
pub(crate) mod tidy;
pub(crate) mod workflows;
