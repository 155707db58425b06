//! Why fixtures cannot be created or removed.

use crate::client::error::TransportError;
use crate::provision::call::CallError;

/// Why fixtures cannot be created or removed.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// There is no region.
    #[error("no region of the control plane is known: pass --region, or set AWS_REGION")]
    NoRegion,
    /// There are no credentials, for this reason.
    #[error(
        "there are no credentials for the control plane, {0}: set AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY (an emulator accepts any), or AWS_PROFILE"
    )]
    NoCredentials(String),
    /// The connection to the control plane cannot be set up.
    #[error(transparent)]
    Connection(#[from] TransportError),
    /// The contract with this name has other resources than the control plane creates.
    #[error(
        "--contract {0}: it has other resources than the control plane creates; name existing ones with \
         --fixtures FILE"
    )]
    Contract(String),
    /// A call failed.
    #[error("{0}")]
    Call(#[from] CallError),
    /// A deployment does not serve its configuration.
    #[error("the deployment at {place} {problem}: find the reason there, and try again")]
    NotServing {
        /// The control plane.
        place: String,
        /// What happened to the deployment.
        problem: String,
    },
    /// The user interrupted the run.
    #[error("interrupted while the fixtures were created")]
    Interrupted,
}

impl ProvisionError {
    /// Whether the arguments or the configuration are wrong, and not the control plane.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NoRegion | Self::NoCredentials(_) | Self::Connection(_) | Self::Contract(_))
    }
}
