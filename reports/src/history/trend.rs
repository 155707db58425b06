//! What became of a target over many runs.

mod page;
mod series;

pub use page::trend_page;
pub use series::{History, Presence, Series, series};
