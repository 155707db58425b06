//! Equal requests get equal responses. This requirement has no cases of its own: every difference that does not occur
//! again breaks it.

use crate::catalogue::partition::Entry;
use crate::catalogue::section::Section;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    section.add(Entry {
        id: requirement::stability(&operation.name),
        level: Level::Must,
        text: "Whether a response is as the contract says does not change from one time to the next."
            .to_owned(),
        source: format!("{} › success and errors", operation.source),
        partitions: Vec::new(),
    });
}
