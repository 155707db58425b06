//! A run on a terminal: its progress and its end.

mod progress;
mod run;
mod style;

pub use progress::{Progress, changes};
pub use run::render;
pub use style::Style;
