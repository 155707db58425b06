//! Several reports: merged into one, compared, and followed over time.

mod comparison;
mod diff;
mod finding_key;
mod merge;
mod trend;

pub use comparison::{ComparedExchange, Comparison, Contrast};
pub use diff::{Diff, DiffEntry};
pub use merge::{MergeError, merge};
pub use trend::{History, Presence, Series, series, trend_page};
