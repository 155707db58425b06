//! Creates fixtures through the control plane of a target, and removes them.
//!
//! Only this module knows the control plane. Every resource carries the label of its run: a tag, a
//! description, and a name where the name is free to choose. Each resource is recorded before the next
//! call, so that it can be removed whatever happens.

pub mod call;
mod caller;
pub mod control_plane;
pub mod error;
pub mod plan;
pub mod provisioner;
pub mod remove;
pub mod resources;

pub use call::CallError;
pub use control_plane::{ControlPlane, is_aws};
pub use error::ProvisionError;
pub use plan::{RunLabel, planned_fixtures};
pub use provisioner::Provisioner;
pub use remove::{Leftover, Leftovers, NotRemoved, Removal, find_leftovers};
