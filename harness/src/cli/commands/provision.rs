//! `boundstone provision`, and `boundstone run --provision`.

#[cfg(feature = "aws")]
mod command;
#[cfg(feature = "aws")]
mod request;
#[cfg(not(feature = "aws"))]
mod unavailable;

#[cfg(feature = "aws")]
pub(crate) use command::{dry_run, main, with_fixtures};
#[cfg(feature = "aws")]
pub(crate) use request::ProvisionRequest;
#[cfg(not(feature = "aws"))]
pub(crate) use unavailable::{ProvisionRequest, dry_run, main, with_fixtures};
