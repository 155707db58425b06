//! The mock as a server: behind a clock and a lock, and on a socket.

mod clock;
mod closing_stream;
mod connection;
mod response_body;
mod serve;
mod shared;
#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use connection::Connection;
pub use serve::{serve, serve_tls};
pub use shared::Server;
