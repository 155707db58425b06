//! The stub on a socket.

mod read_body;
mod serve;

pub use serve::{serve, serve_tls};
