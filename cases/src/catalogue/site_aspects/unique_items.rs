//! The `uniqueItems` trait of lists.

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::Shape;
use crate::generate::ValueFactory;
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let constraints = &site.member.constraints;
    let Shape::List(element) = site.shape() else { return None };
    let least = constraints.length.map_or(0, |length| length.min).max(2);
    let may_be_so_long = constraints.length.is_none_or(|length| length.contains(least));
    if !constraints.unique_items || !may_be_so_long {
        return None;
    }
    let Some(Value::List(mut items)) = site.least() else { return None };
    let first = match items.first() {
        Some(first) => first.clone(),
        None => ValueFactory { contract: site.contract }.least(element)?,
    };
    items.truncate(least - 1);
    if items.is_empty() {
        items.push(first.clone());
    }
    items.push(first);
    let mut entry = SiteEntry::of_trait(site, "unique-items", "uniqueItems", "has no item twice".to_owned());
    entry.add("repeated", "has its first item twice", [Value::List(items)]);
    Some(entry)
}
