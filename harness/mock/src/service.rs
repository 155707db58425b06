//! The service itself: what it decides, and how it turns a request into a response.

mod authentication;
mod behavior;
mod config;
mod mock;
mod read;
mod render;
mod rules;
#[cfg(test)]
mod tests;

pub use behavior::{Behavior, Reference};
pub use config::{MockConfig, Options};
pub use mock::Mock;
pub(crate) use read::Call;
pub(crate) use rules::Rules;
