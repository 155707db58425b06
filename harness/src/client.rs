//! Sends requests and reads responses.

pub mod error;
pub mod exchange;
pub mod http;
pub mod layers;
pub mod machine;
pub mod response;
#[cfg(test)]
pub mod scripted;
pub mod sign;
pub mod stack;
pub mod transport;
