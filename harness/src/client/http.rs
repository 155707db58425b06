//! HTTP and TLS, within bounds of size and time.

pub mod body_buffer;
pub mod chunked;
pub mod classify_error;
pub mod client;
pub mod connection;
pub mod proxy;
pub mod read_response;
pub mod settings;
pub mod tls;
