//! What boundstone offers to tests in Rust.

pub(crate) mod wiremock;
