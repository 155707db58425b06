//! Renderings of a report: for the terminal, pull requests, browsers, CI services and programs.

pub mod annotations;
pub mod command;
pub mod escape;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod terminal;
pub mod text;
