//! Required members within structures are present.

use crate::catalogue::site::{Parent, Site};
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::Location;
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let constraints = &site.member.constraints;
    let is_member = site.parent == Parent::Structure && constraints.required && !site.member.has_default;
    // A member of the input itself has more cases, unless it is the whole body.
    if !is_member || !site.is_nested() {
        return None;
    }
    let mut entry = SiteEntry::of_trait(site, "required", "required", "is required".to_owned());
    entry.add("missing", "is missing", [Value::Absent]);
    if site.top.location != Location::Label {
        entry.add("null", "is null", [Value::Null]);
    }
    Some(entry)
}
