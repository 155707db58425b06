//! What a run found: the events of a run, the report that they amount to, and its renderings.
//!
//! Everything here is a pure function of plain data: no file, socket, clock or terminal. The modules form
//! layers: `model` < `summary` < `render` < `history`.

#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "writing into a string instead would give an error to ignore each time"
)]

pub mod history;
pub mod model;
pub mod render;
pub mod summary;
