//! What the mock serves: applications have environments and configuration profiles, and a configuration is
//! deployed for one environment and one profile of the same application.

mod configuration;
mod fixtures;
mod identifiers;
mod identity;
mod not_found;
mod sample;
mod store;

pub use configuration::Configuration;
pub use identifiers::Identifiers;
pub use identity::{By, Identity, IdentityError};
pub use not_found::{NotFound, ResourceKind};
pub use store::{Application, Deployment, DeploymentKey, ResourceError, Resources};
