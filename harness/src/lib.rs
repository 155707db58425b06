//! Sends, observes, judges and shrinks.

pub mod mock;
