//! `boundstone replay`.

mod command;
mod recorded_sequence;
mod target;

pub(crate) use command::main;
