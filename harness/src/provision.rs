//! Fixtures that are made on the target by its control plane, and removed again.
//!
//! Everything that the engine knows about the control plane is here. What is made carries the mark of its
//! run: a tag, a description, and, where the name is free to choose, a name. What is made is recorded
//! before the next call, so that it can be removed whatever happens.

pub mod call;
pub mod control_plane;
pub mod error;
pub mod held;
pub mod provisioner;
pub mod remove;
pub mod wanted;

pub use call::CallError;
pub use control_plane::{ControlPlane, is_aws};
pub use error::ProvisionError;
pub use provisioner::Provisioner;
pub use remove::{Found, Left, Leftover, Removal, leftovers};
pub use wanted::{Mark, planned};
