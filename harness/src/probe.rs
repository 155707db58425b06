//! The first questions to a target: is it one, does it verify signatures, does it enforce a poll interval.

pub mod explain;
pub mod first_contact;
pub mod poll_interval;
pub mod signature;
