//! The sources of credentials.

pub(crate) mod container;
pub(crate) mod instance;
pub(crate) mod process;
pub(crate) mod sso;
pub(crate) mod sts;
