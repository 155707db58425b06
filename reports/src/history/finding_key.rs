//! What makes findings of two reports the same.

use crate::model::{Difference, Finding};

/// What makes two findings of a requirement the same: the target and the first difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FindingKey {
    target: Option<String>,
    /// The field, the expected value and the actual value; none if the finding has no differences.
    difference: Option<[String; 3]>,
}

impl FindingKey {
    pub(super) fn of(finding: &Finding) -> Self {
        let texts =
            |Difference { field, expected, actual }: &Difference| [field, expected, actual].map(Clone::clone);
        Self { target: finding.target.clone(), difference: finding.differences.first().map(texts) }
    }
}
