//! What the contract says, as plain data.

mod dialect;
mod parameter;

pub use dialect::Dialect;
pub use parameter::Parameter;
