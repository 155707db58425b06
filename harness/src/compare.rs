//! Sends the same requests to two targets.

pub mod compare;
pub mod contrast;
pub mod reproduce;
pub mod sides;
