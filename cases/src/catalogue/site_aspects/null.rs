//! Lists and maps have no null, unless they are sparse.

use crate::catalogue::site::{Parent, Site};
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::Shape;
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let Parent::Entries { sparse } = site.parent else { return None };
    // Null is a document.
    if !site.is_json() || matches!(site.shape(), Shape::Document) {
        return None;
    }
    let demand = if sparse { "may be null" } else { "is not null" };
    let mut entry = SiteEntry {
        aspect: "null",
        demand: demand.to_owned(),
        source: "Smithy › sparse".to_owned(),
        permits: sparse,
        partitions: Vec::new(),
    };
    entry.add("null", "is null", [Value::Null]);
    Some(entry)
}
