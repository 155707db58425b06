//! Where the links of a page lead.

use crate::show::clip;
use crate::summary::Listed;

/// An id of the page for an id of the report; the same in every report.
pub(super) fn anchor(id: &str) -> String {
    clip(id, 300)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "/-._".contains(c) { c } else { '-' })
        .collect()
}

/// The id of a finding.
pub(super) fn finding(listed: &Listed<'_>) -> String {
    format!("{}/finding-{}", anchor(listed.requirement.id.as_str()), listed.nth)
}
