//! The `length` trait: of strings within members, and of blobs, lists and maps anywhere.

use std::collections::HashSet;

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::{Length, Location, Member, Shape};
use crate::generate::{ValueFactory, matching};
use crate::protocol::Value;

/// The greatest length in a body that is tested: servers need not read longer bodies.
const MAX_IN_BODY: usize = 16 * 1024;
/// The same elsewhere in a request.
const MAX_IN_HEAD: usize = 2000;
/// The same of texts that have to match a pattern, which takes time to check.
const MAX_MATCHING: usize = 1000;
/// The most items of a list or map that are tested.
const MAX_ITEMS: usize = 1500;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let length = site.member.constraints.length?;
    let unit = match site.shape() {
        Shape::String if site.is_nested() => "characters long, counted in Unicode scalar values",
        Shape::Blob => "bytes long",
        Shape::List(_) => "items long",
        Shape::Map(_) => "entries long",
        _ => return None,
    };
    let bounds = match length.max {
        Some(max) => format!("{} to {max}", length.min),
        None => format!("at least {}", length.min),
    };
    let mut entry = SiteEntry::of_trait(site, "length", "length", format!("is {bounds} {unit}"));
    // Outside of a body, no item is no list, and a label is never empty.
    let is_list = matches!(site.shape(), Shape::List(_) | Shape::Map(_));
    let least = usize::from(site.top.location == Location::Label || is_list && !site.is_json());
    if let Some(below) = length.min.checked_sub(1).filter(|below| *below >= least) {
        entry.add("below-min", format!("has the length {below}"), of_length(site, below));
    }
    if let Some(max) = length.max.filter(|max| *max < most(site)) {
        entry.add(
            "at-max",
            format!("has the length {max}"),
            of_length(site, max).filter(|value| matches(site, value)),
        );
        if matches!(site.shape(), Shape::String)
            && site.member.constraints.pattern.is_none()
            && may_be_wide(site, max)
        {
            let wide = "é".repeat(max);
            entry.add("at-max-wide", format!("has {max} characters of two bytes"), [Value::String(wide)]);
        }
        entry.add("above-max", format!("has the length {}", max + 1), of_length(site, max + 1));
    }
    Some(entry)
}

/// Whether a text of so many characters of two bytes can be sent. The value of a header is ASCII, and elsewhere outside of
/// a body each byte takes three characters.
fn may_be_wide(site: &Site<'_>, length: usize) -> bool {
    match site.top.location {
        Location::Header(_) | Location::PrefixHeaders(_) => false,
        Location::Body | Location::Payload => true,
        _ => length <= MAX_IN_HEAD / 6,
    }
}

fn most(site: &Site<'_>) -> usize {
    match site.shape() {
        Shape::List(_) | Shape::Map(_) => MAX_ITEMS,
        _ if site.member.constraints.pattern.is_some() => MAX_MATCHING,
        _ if site.is_json() => MAX_IN_BODY,
        _ => MAX_IN_HEAD,
    }
}

/// A value of a length that is valid in all else, if there is one.
fn of_length(site: &Site<'_>, length: usize) -> Option<Value> {
    match site.shape() {
        Shape::String => Some(Value::String(text(site.member, length))),
        Shape::Blob => Some(Value::Blob(vec![b'a'; length])),
        Shape::List(_) | Shape::Map(_) => {
            // The least value of the same shape, if its bounds were this length.
            let mut member = site.member.clone();
            member.constraints.length = Some(Length { min: length, max: Some(length) });
            let factory = ValueFactory { contract: site.contract };
            factory.least(&member).filter(|value| !has_duplicates(&member, value))
        }
        _ => None,
    }
}

/// Whether a text matches its pattern, which has no text of some lengths.
fn matches(site: &Site<'_>, value: &Value) -> bool {
    let pattern = site.member.constraints.pattern.as_ref();
    match (pattern, value) {
        (Some(pattern), Value::String(text)) => pattern.matches(text),
        _ => true,
    }
}

/// Whether a list that needs unique items has a value twice, or a map a key, since there are not as many.
fn has_duplicates(member: &Member, value: &Value) -> bool {
    match value {
        Value::List(items) => {
            let mut seen = HashSet::new();
            member.constraints.unique_items && !items.iter().all(|item| seen.insert(item))
        }
        Value::Map(entries) => {
            let mut seen = HashSet::new();
            !entries.iter().all(|(key, _)| seen.insert(key))
        }
        _ => false,
    }
}

fn text(member: &Member, length: usize) -> String {
    let bounds = Length { min: length, max: Some(length) };
    let pattern = member.constraints.pattern.as_ref();
    let matching = pattern.and_then(|pattern| matching(pattern, Some(bounds), 0));
    matching.unwrap_or_else(|| "a".repeat(length))
}
