//! Tasks for what users get: how fast it is.

pub(crate) mod bench;
