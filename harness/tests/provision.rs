//! Fixtures by the control plane: made, marked, and removed whatever happens.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[cfg(unix)]
mod binary;
mod calls;
mod fake;
mod runs;
