//! Sees a difference again, and shrinks the sequence that shows it.

pub mod confirm;
pub mod reduce;
pub mod shrink;
