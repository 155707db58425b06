//! The status of a response.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// This one.
    Code(u16),
    /// Any 2xx.
    Success,
    /// Any 4xx.
    ClientError,
    /// Any status below 500.
    NoServerError,
}

impl Status {
    /// The status or class with this text.
    pub fn by_name(text: &str) -> Option<Self> {
        match text {
            "2xx" => Some(Status::Success),
            "4xx" => Some(Status::ClientError),
            "below 500" => Some(Status::NoServerError),
            code => code.parse().ok().map(Status::Code),
        }
    }

    /// Whether a status code is of this class.
    pub fn includes(self, code: u16) -> bool {
        match self {
            Status::Code(own) => own == code,
            Status::Success => (200..300).contains(&code),
            Status::ClientError => (400..500).contains(&code),
            Status::NoServerError => code < 500,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Code(code) => write!(f, "{code}"),
            Status::Success => f.write_str("2xx"),
            Status::ClientError => f.write_str("4xx"),
            Status::NoServerError => f.write_str("below 500"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_round_trips_through_text() {
        for status in [Status::Code(404), Status::ClientError, Status::NoServerError] {
            assert_eq!(Status::by_name(&status.to_string()), Some(status));
        }
        assert_eq!(Status::by_name("<no connection>"), None);
    }
}
