//! The ids to which the links of a page lead.

use crate::render::text::clip;
use crate::summary::Listed;

/// The HTML id for an id of the report; the same in every report.
pub(crate) fn anchor(id: &str) -> String {
    clip(id, 300)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "/-._".contains(c) { c } else { '-' })
        .collect()
}

/// The HTML id of a finding.
pub(super) fn finding_anchor(listed: &Listed<'_>) -> String {
    format!("{}/finding-{}", anchor(listed.requirement.id.as_str()), listed.nth)
}
