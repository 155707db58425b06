//! The stub without a socket.

mod stub;
#[cfg(test)]
mod tests;

pub use stub::{MAX_BODY, Stub};
