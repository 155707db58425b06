//! The `pattern` trait of strings within members.

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::Shape;
use crate::protocol::Value;

/// What a valid text may be changed to by adding it.
const FOREIGN: [char; 8] = [' ', '!', '\n', '\u{7f}', 'é', 'A', '0', '/'];

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let constraints = &site.member.constraints;
    let pattern = constraints.pattern.as_ref().filter(|_| site.is_nested())?;
    if !matches!(site.shape(), Shape::String) {
        return None;
    }
    let Some(Value::String(valid)) = site.least() else { return None };
    let fits = |text: &String| constraints.length.is_none_or(|length| length.contains(text.chars().count()));
    let candidates =
        FOREIGN.iter().flat_map(|c| [format!("{valid}{c}"), format!("{c}{valid}"), c.to_string()]);
    let wrong: Vec<_> = candidates.filter(|text| !pattern.matches(text)).collect();
    // A text that breaks nothing else comes first.
    let (only, others): (Vec<_>, Vec<_>) = wrong.into_iter().partition(fits);
    let values = if only.is_empty() { others } else { only };
    let demand = format!("matches `{}`", pattern.as_str());
    let mut entry = SiteEntry::of_trait(site, "pattern", "pattern", demand);
    entry.add("outside", "does not match", values.into_iter().take(4).map(Value::String));
    Some(entry)
}
