//! Why fixtures cannot be made or removed.

use crate::client::error::TransportError;
use crate::provision::call::CallError;

/// Why fixtures cannot be made or removed.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// Nothing says which region is meant.
    #[error("no region of the control plane is known: pass --region, or set AWS_REGION")]
    NoRegion,
    /// The control plane takes signed calls only.
    #[error(
        "there are no credentials for the control plane, {0}: set AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY (an emulator takes any), or AWS_PROFILE"
    )]
    NoCredentials(String),
    /// The way to the control plane does not exist.
    #[error(transparent)]
    Way(#[from] TransportError),
    /// The contract names other resources than the control plane makes.
    #[error(
        "no fixtures can be made for the contract {0}: it names other resources than the control plane makes"
    )]
    Contract(String),
    /// A call failed.
    #[error("{0}")]
    Call(#[from] CallError),
    /// A deployment does not come to serve.
    #[error("the deployment at {place} {what}: look there what it waits for, and try again")]
    NotServing {
        /// The control plane.
        place: String,
        /// How it is instead.
        what: String,
    },
    /// The user does not want to go on.
    #[error("interrupted while the fixtures were made")]
    Interrupted,
}

impl ProvisionError {
    /// Whether the user is to change something here, and not the target.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NoRegion | Self::NoCredentials(_) | Self::Way(_) | Self::Contract(_))
    }
}
