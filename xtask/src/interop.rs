//! Tasks that use boundstone together with software of others.

pub(crate) mod browser;
pub(crate) mod emulators;
pub(crate) mod readers;
