//! The `range` trait of numbers, but for whole numbers that are members of the body themselves.

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::{Location, Shape};
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let constraints = &site.member.constraints;
    let has_own_cases = !site.is_nested() && site.top.location == Location::Body;
    let (min, max, step) = match (site.shape(), constraints.range, constraints.decimal_range) {
        (Shape::Integer(_), Some(range), _) if !has_own_cases => {
            (range.min.map(i128::from), range.max.map(i128::from), None)
        }
        (Shape::Number, _, Some(range)) => (None, None, Some(range)),
        _ => return None,
    };
    let number = |number: String| [Value::Number(number)];
    let mut entry = SiteEntry::of_trait(site, "range", "range", "is within its bounds".to_owned());
    if let Some(min) = min {
        entry.add("below-min", format!("is below {min}"), number((min - 1).to_string()));
        entry.add("at-min", format!("is {min}"), number(min.to_string()));
    }
    if let Some(max) = max {
        entry.add("at-max", format!("is {max}"), number(max.to_string()));
        entry.add("above-max", format!("is above {max}"), number((max + 1).to_string()));
    }
    if let Some(min) = step.and_then(|range| range.min) {
        entry.add("below-min", format!("is below {min}"), number((min - 0.5).to_string()));
        entry.add("at-min", format!("is {min}"), number(min.to_string()));
    }
    if let Some(max) = step.and_then(|range| range.max) {
        entry.add("at-max", format!("is {max}"), number(max.to_string()));
        entry.add("above-max", format!("is above {max}"), number((max + 0.5).to_string()));
    }
    Some(entry)
}
