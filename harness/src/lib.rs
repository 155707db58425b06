//! Sends, observes, judges and shrinks.
//!
//! Data flows one way: a case gives samples, [`transport`] makes exchanges of their requests,
//! [`normalise`] makes outcomes of the answers, [`judge`] compares, [`verdict`] sums up.

#[cfg(feature = "aws")]
pub mod aws;
pub mod census;
pub mod cli;
mod confirm;
pub mod contact;
pub mod example;
pub mod exchange;
pub mod explore;
pub mod fixtures;
pub mod issued;
pub mod judge;
pub mod limits;
pub mod mock;
pub mod normalise;
pub mod pace;
pub mod play;
pub mod record;
pub mod reduce;
pub mod run;
pub mod shrink;
pub mod signature;
pub mod transport;
pub mod verdict;
pub mod wave;
