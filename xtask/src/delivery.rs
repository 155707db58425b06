//! Tasks for what users get: how fast it is, and the archives of a release.

pub(crate) mod bench;
pub(crate) mod dist;
