//! Servers that run inside this process.

pub mod embedded_mock;
pub mod stub;
