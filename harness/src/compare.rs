//! Sends the same requests to two targets.

pub mod comparison;
pub mod contrast;
pub mod reproduce;
pub mod sides;
