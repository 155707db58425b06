//! `boundstone serve`.

mod command;
mod mock;
mod names;
mod stub;

pub(crate) use command::main;
