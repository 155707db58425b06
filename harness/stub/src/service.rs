//! The stub without a socket.

mod stub;

pub use stub::{MAX_BODY, Stub};
