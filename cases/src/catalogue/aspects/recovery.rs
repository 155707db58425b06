//! A request that is refused leaves nothing behind: the next valid one over the same connection succeeds.

use std::sync::Arc;

use crate::catalogue::case::Case;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::generate::Recovery;
use crate::id::Level;
use crate::requirement;
use crate::signing::Signing;

/// Requirements whose first case is refused, each for another reason.
const ASPECTS: [&str; 13] = [
    "required",
    "type",
    "length",
    "range",
    "pattern",
    "enum",
    "syntax",
    "document",
    "resource",
    "issued",
    "single-use",
    "method",
    "path",
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let partitions = ASPECTS.iter().filter_map(|aspect| after_refusal(section, aspect)).collect();
    section.add(Entry {
        id: requirement::recovery(operation),
        level: Level::Must,
        text: format!(
            "A request that is refused leaves nothing behind: a valid one that follows over the same connection succeeds with {}.",
            operation.success
        ),
        source: format!("{} › success", operation.source),
        partitions,
    });
}

/// A valid call after the first case of an aspect, if the operation has one.
fn after_refusal(section: &Section<'_>, aspect: &str) -> Option<Partition> {
    let ending = format!("/{aspect}");
    let mut cases = section.catalogue.cases.iter().filter(|case| case.operation == section.operation.name);
    let is_tested = |case: &&Case| case.requirement.as_str().ends_with(&ending);
    // A signature may be verified long before the request reaches the service, or not at all.
    let case = cases.find(|case| is_tested(case) && case.signing() == Signing::Valid)?;
    Some(Partition::new(
        format!("after-{aspect}"),
        format!("after a request of {}, a valid one", case.id),
        Recovery { first: Arc::clone(&case.mutation), requirement: case.requirement.clone() },
    ))
}
