//! Sends the same requests to two targets.

pub mod contrast;
pub mod pair;
pub mod reproduce;
