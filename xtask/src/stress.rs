//! Tasks that run for long and look for rare failures.

pub(crate) mod fuzz;
pub(crate) mod soak;
