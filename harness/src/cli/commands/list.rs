//! `boundstone list`.

mod coverage;
mod requirements;

pub(crate) use requirements::main;
