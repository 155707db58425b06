//! Sends, observes, judges and shrinks.
//!
//! Data flows one way: a case gives samples, [`transport`] makes exchanges of their requests,
//! [`normalise`] makes outcomes of the answers, [`judge`] compares, [`verdict`] sums up.

pub mod exchange;
pub mod judge;
pub mod mock;
pub mod normalise;
pub mod transport;
