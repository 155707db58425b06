//! What is true of every report, whatever the target does: nothing passes unseen, and a complete list of
//! known failures makes the run pass.

#![allow(clippy::unwrap_used, clippy::large_futures, reason = "a test")]

mod direct;
mod runs;
