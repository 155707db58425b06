//! What a run found: the events of a run, the report they amount to, and its renderings.
//!
//! Everything here is a pure function of plain data: no file, socket, clock or terminal.

pub mod event;
pub mod report;
