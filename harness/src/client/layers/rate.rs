//! A maximum rate of requests.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// A number of requests per second, minute or hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate {
    requests: NonZeroU32,
    each: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// A text is not a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pass a whole number above zero and a unit, such as 20/s, 90/m or 500/h")]
pub struct InvalidRate;

impl Rate {
    /// The default for targets on other machines.
    pub const DEFAULT_REMOTE: Self =
        Self { requests: NonZeroU32::MIN.saturating_add(49), each: Unit::Second };

    /// The time between two requests.
    pub fn interval(self) -> Duration {
        let each = match self.each {
            Unit::Second => Duration::from_secs(1),
            Unit::Minute => Duration::from_mins(1),
            Unit::Hour => Duration::from_hours(1),
        };
        each / self.requests.get()
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (requests, each) = text.split_once('/').unwrap_or((text, "s"));
        let each = match each.trim() {
            "s" => Unit::Second,
            "m" => Unit::Minute,
            "h" => Unit::Hour,
            _ => return Err(InvalidRate),
        };
        Ok(Self { requests: requests.trim().parse().map_err(|_| InvalidRate)?, each })
    }
}

impl TryFrom<String> for Rate {
    type Error = InvalidRate;

    fn try_from(text: String) -> Result<Self, InvalidRate> {
        text.parse()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = match self.each {
            Unit::Second => 's',
            Unit::Minute => 'm',
            Unit::Hour => 'h',
        };
        write!(f, "{}/{each}", self.requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_a_number_per_unit() {
        for (text, milliseconds, shown) in
            [("20/s", 50, "20/s"), ("4", 250, "4/s"), ("90/m", 666, "90/m"), (" 1 / h ", 3_600_000, "1/h")]
        {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.interval().as_millis(), rate.to_string()), (milliseconds, shown.to_owned()));
        }
        for invalid in ["", "0/s", "-1/s", "1.5/s", "5/d", "5/", "/s", "5/s/s", "4294967296"] {
            assert_eq!(invalid.parse::<Rate>(), Err(InvalidRate), "{invalid}");
        }
    }
}
