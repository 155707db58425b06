//! Enums within members.

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let values = site.member.constraints.one_of.as_ref().filter(|_| site.is_nested())?;
    let demand = format!("is one of {}", values.join(", "));
    let mut entry = SiteEntry::of_trait(site, "enum", "enum", demand);
    entry.add("other", "is none of its values", [Value::String("boundstone-unknown".to_owned())]);
    let first = values.first()?;
    let swapped: String = first
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    if !values.contains(&swapped) {
        entry.add("other-letter-case", "is a value in another letter case", [Value::String(swapped)]);
    }
    Some(entry)
}
