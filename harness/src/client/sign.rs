//! Signs requests with AWS Signature Version 4.

#[cfg(feature = "aws")]
pub mod credentials;
#[cfg(feature = "aws")]
pub mod endpoint;
#[cfg(feature = "aws")]
pub(crate) mod query;
#[cfg(feature = "aws")]
pub mod signer;
#[cfg(not(feature = "aws"))]
#[path = "sign/unsupported.rs"]
pub mod signer;
