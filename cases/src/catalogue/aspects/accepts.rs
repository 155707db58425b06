//! A call that keeps the contract succeeds.

use crate::catalogue::section::Section;
use crate::fixture::Naming;
use crate::generate::Deviation;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let (text, cases) = if let Some((member, _)) = operation.single_use() {
        let chain = Deviation::Chain { boundaries: &[2, 25], calls: (2, 25) };
        (
            format!(
                "A call with the newest {} is answered with {}, however often the session has called before.",
                member.name, operation.success
            ),
            vec![
                ("first-call".to_owned(), "the first call of a session".to_owned(), Deviation::Naming(None)),
                ("chain".to_owned(), "calls in a row, each with the value just issued".to_owned(), chain),
            ],
        )
    } else {
        let by = |partition: &str, about: &str, naming| {
            (partition.to_owned(), about.to_owned(), Deviation::Naming(naming))
        };
        (
            format!(
                "A request that keeps every constraint and names existing resources, by id or by name, is answered with {}.",
                operation.success
            ),
            vec![
                by("by-id", "every resource by its id", Some(Naming::Id)),
                by("by-name", "every resource by its name", Some(Naming::Name)),
                by("mixed", "some resources by id, some by name", None),
            ],
        )
    };
    let source = format!("{} › success", operation.source);
    section.requirement(requirement::accepts(operation), Level::Must, text, source, cases);
}
