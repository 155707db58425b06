//! `cargo xtask emulators` runs boundstone together with servers and clients of others.

pub(crate) mod assets;
mod boto3;
mod commands;
mod emulator;
mod findings;
mod ministack;
mod prism;

pub(crate) use commands::{Command, run};
