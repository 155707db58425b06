//! AWS Signature Version 4, written from its specification. It shares no code with what signs boundstone's own
//! requests, so that each checks the other.

mod authorization;
mod canonical;
mod credentials;
mod error;
#[cfg(test)]
mod sign;

pub(crate) use authorization::Authorization;
pub(crate) use canonical::{body_hash, expected_signature, header_text};
pub use credentials::{Credentials, DEFAULT_REGION, RequiredSignature};
pub use error::SignatureError;
#[cfg(test)]
pub(crate) use sign::sign;
