//! What a response shows, without everything that the contract does not define.

mod field;
mod line;
mod response_outcome;
mod status;
mod value;

pub use field::Field;
pub use line::Line;
pub use response_outcome::{NotAnOutcome, Outcome};
pub use status::Status;
pub use value::{ContentState, TokenState, Value};
