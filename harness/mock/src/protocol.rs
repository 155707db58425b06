//! How requests are read and responses are written under restJson1 and HTTP.

mod delivery;
mod error;
mod headers;
mod json_type;
mod request_syntax;

pub use delivery::{AfterResponse, Delivery};
pub use error::{ApiError, TokenProblem};
pub use headers::{ERROR_TYPE, NEXT_POLL_INTERVAL, NEXT_POLL_TOKEN, VERSION_LABEL};
pub use json_type::JsonType;
pub use request_syntax::{MAX_BODY, Members, Operation, is_json, members, query_parameters, route};
