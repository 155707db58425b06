//! The three formats of timestamps.

use std::time::{Duration, UNIX_EPOCH};

use cases::contract::TimestampFormat;
use jiff::Timestamp;

/// Reads a timestamp from text in a format.
pub(crate) fn parse_text(text: &str, format: TimestampFormat) -> Option<Timestamp> {
    match format {
        TimestampFormat::DateTime => date_time(text),
        TimestampFormat::HttpDate => http_date(text),
        TimestampFormat::EpochSeconds => parse_seconds(decimal(text)?),
    }
}

/// The timestamp so many seconds after the Unix epoch.
#[allow(clippy::cast_possible_truncation, reason = "the check of the bounds comes first")]
pub(crate) fn parse_seconds(seconds: f64) -> Option<Timestamp> {
    const MAX_SECONDS: f64 = 1e12;
    (seconds.abs() < MAX_SECONDS)
        .then(|| Timestamp::from_nanosecond((seconds * 1e9).round() as i128).ok())
        .flatten()
}

/// Writes a timestamp in a format.
pub(crate) fn write(timestamp: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::DateTime => timestamp.to_string(),
        TimestampFormat::HttpDate => {
            // The format has no year before 1970 and none after 9999, which is the last one of a timestamp.
            let seconds = u64::try_from(timestamp.as_second()).unwrap_or(0);
            httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
        }
        TimestampFormat::EpochSeconds => timestamp.as_second().to_string(),
    }
}

/// RFC 3339 in UTC.
fn date_time(text: &str) -> Option<Timestamp> {
    let rest = text.strip_suffix('Z')?;
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, rest)| (whole, Some(rest)));
    let form: String = whole.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let fraction_is_whole =
        fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let short = fraction.map(|digits| format!(".{}", digits.get(..9).unwrap_or(digits))).unwrap_or_default();
    (form == "0000-00-00T00:00:00" && fraction_is_whole)
        .then(|| format!("{whole}{short}Z").parse().ok())
        .flatten()
}

/// RFC 9110's preferred form, with a fraction of the second or without one.
fn http_date(text: &str) -> Option<Timestamp> {
    let whole = match text.split_once('.') {
        None => text.to_owned(),
        Some((whole, fraction)) => {
            let digits = fraction.strip_suffix(" GMT")?;
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| format!("{whole} GMT"))?
        }
    };
    let time = httpdate::parse_http_date(&whole).ok()?;
    (httpdate::fmt_http_date(time) == whole).then(|| Timestamp::try_from(time).ok()).flatten()
}

/// A number in digits, with a sign, a fraction and an exponent or without them.
fn decimal(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_read_and_written() {
        for (format, text) in [
            (TimestampFormat::DateTime, "1985-04-12T23:20:50Z"),
            (TimestampFormat::HttpDate, "Tue, 29 Apr 2014 18:30:38 GMT"),
            (TimestampFormat::EpochSeconds, "482196050"),
        ] {
            assert_eq!(write(parse_text(text, format).unwrap(), format), text);
        }
        let fraction = parse_text("1985-04-12T23:20:50.52Z", TimestampFormat::DateTime).unwrap();
        assert_eq!(fraction.subsec_millisecond(), 520);
        assert!(parse_text("Sun, 02 Jan 2000 20:34:56.000 GMT", TimestampFormat::HttpDate).is_some());
        assert!(parse_text("482196050.5", TimestampFormat::EpochSeconds).is_some());
    }

    #[test]
    fn other_forms_are_refused() {
        for (format, text) in [
            (TimestampFormat::DateTime, "1985-04-12T23:20:50+01:00"),
            (TimestampFormat::DateTime, "1985-04-12 23:20:50Z"),
            (TimestampFormat::DateTime, "1985-13-12T23:20:50Z"),
            (TimestampFormat::DateTime, "1985-04-12T23:20:50.Z"),
            (TimestampFormat::DateTime, "482196050"),
            (TimestampFormat::HttpDate, "Tuesday, 29-Apr-14 18:30:38 GMT"),
            (TimestampFormat::HttpDate, "Tue, 29 Apr 2014 18:30:38"),
            (TimestampFormat::EpochSeconds, "NaN"),
            (TimestampFormat::EpochSeconds, "1e99"),
            (TimestampFormat::EpochSeconds, ""),
        ] {
            assert_eq!(parse_text(text, format), None, "{text}");
        }
    }
}
