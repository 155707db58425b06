//! Credentials and region of the default chain of AWS.

pub mod access;
mod call;
mod chain;
pub mod environment;
mod keys;
mod profiles;
mod role_chain;
mod settings;
mod sources;
