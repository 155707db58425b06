//! Words: one word for one thing, and phrases that plain English does without.

mod check;
mod exemption;
mod forms;
mod names;
mod prose;
mod table;
#[cfg(test)]
mod tests;

pub(super) use check::check;
