//! Timestamps are in their format, and blobs are base64.

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::{Location, Shape, TimestampFormat};
use crate::protocol::{Value, quoted};

const NOT_BASE64: [&str; 4] = ["xyz", "YmxvYg=", "[][]", "-_=="];
const NOT_DATE_TIME: [&str; 7] = [
    "1985-04-12",
    "1985-04-12T23:20:50",
    "1985-04-12T23:20:50+02:00",
    "1985-14-12T23:20:50Z",
    "1985-04-12 23:20:50Z",
    "Tue, 29 Apr 2014 18:30:38 GMT",
    "1515531081",
];
const NOT_HTTP_DATE: [&str; 5] = [
    "1985-04-12T23:20:50Z",
    "Tue, 29 Apr 2014 18:30:38",
    "Tue, 39 Apr 2014 18:30:38 GMT",
    "29 Apr 2014",
    "1515531081",
];
const NOT_SECONDS: [&str; 4] =
    ["1985-04-12T23:20:50Z", "Tue, 29 Apr 2014 18:30:38 GMT", "1515531081x", "NaN"];

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let format = site.member.timestamp_format;
    let (demand, wrong): (&str, &[&str]) = match site.shape() {
        Shape::Blob if site.top.location != Location::Payload || site.is_nested() => {
            ("is base64", &NOT_BASE64)
        }
        Shape::String if is_coded(site) => ("is base64", &NOT_BASE64),
        Shape::Timestamp => match format {
            TimestampFormat::DateTime => ("is a date of RFC 3339 in UTC", &NOT_DATE_TIME),
            TimestampFormat::HttpDate => ("is a date of RFC 9110", &NOT_HTTP_DATE),
            TimestampFormat::EpochSeconds => ("is a number of seconds", &NOT_SECONDS),
        },
        _ => return None,
    };
    let text = |text: &&str| Value::Raw(if site.is_json() { quoted(text) } else { (*text).to_owned() });
    let mut entry = SiteEntry {
        aspect: "format",
        demand: demand.to_owned(),
        source: "restJson1 › shape serialization".to_owned(),
        permits: false,
        partitions: Vec::new(),
    };
    entry.add("malformed", "is in another format", wrong.iter().map(text));
    if site.is_json() && matches!(site.shape(), Shape::Timestamp) && format != TimestampFormat::EpochSeconds {
        entry.add("number", "is a number", [Value::Raw("1515531081".to_owned())]);
    }
    Some(entry)
}

/// Whether a header has the base64 of a string.
fn is_coded(site: &Site<'_>) -> bool {
    matches!(site.top.location, Location::Header(_)) && site.member.media_type.is_some()
}
