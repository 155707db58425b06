//! Equal requests get equal answers. Every difference that does not come again is a breach of this
//! requirement, which has no cases of its own.

use crate::catalogue::section::Section;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    section.requirement(
        requirement::stability(&operation.name),
        Level::Must,
        "Whether a request is answered as the contract says does not change from one time to the next."
            .to_owned(),
        format!("{} › success and errors", operation.source),
        [],
    );
}
