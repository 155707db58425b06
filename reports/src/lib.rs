//! What a run found: the events of a run, the report they amount to, and its renderings.
//!
//! Everything here is a pure function of plain data: no file, socket, clock or terminal.

#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "writing into a string instead would give an error to ignore each time"
)]

pub mod annotations;
pub mod comparison;
pub mod curl;
pub mod dependency;
pub mod diff;
pub mod drift;
pub mod escape;
pub mod event;
pub mod exit;
pub mod group;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod latency;
pub mod markdown;
pub mod merge;
mod payload;
pub mod progress;
pub mod report;
pub mod shell;
pub mod show;
pub mod summary;
pub mod trend;

#[cfg(test)]
mod sample;
