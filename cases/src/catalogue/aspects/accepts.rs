//! A valid call succeeds.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Member, Operation};
use crate::fixture::Naming;
use crate::generate::{ValidCall, ValidChain};
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let (text, partitions) = match operation.single_use() {
        Some((member, _)) => of_session(operation, member),
        None if operation.input.iter().any(|member| member.rules.identifies.is_some()) => {
            of_resources(operation)
        }
        None => of_members(operation),
    };
    section.add(Entry {
        id: requirement::accepts(operation),
        level: Level::Must,
        text,
        source: format!("{} › success", operation.source),
        partitions,
    });
}

/// An operation that continues a session.
fn of_session(operation: &Operation, member: &Member) -> (String, Vec<Partition>) {
    let text = format!(
        "A call with the newest {} succeeds with {}, however often the session has called before.",
        member.name, operation.success
    );
    let partitions = vec![
        Partition::new("first-call", "the first call of a session", ValidCall { naming: None }),
        Partition::new(
            "chain",
            "calls in a row, each with the value just issued",
            ValidChain { boundaries: &[2, 25], calls: 2..=25 },
        ),
    ];
    (text, partitions)
}

/// An operation whose resources no rule names.
fn of_members(operation: &Operation) -> (String, Vec<Partition>) {
    let text = format!("A request that satisfies every constraint succeeds with {}.", operation.success);
    let least = Partition::new("least", "the least valid request", ValidCall { naming: Some(Naming::Id) });
    (text, vec![least])
}

/// An operation that names resources.
fn of_resources(operation: &Operation) -> (String, Vec<Partition>) {
    let text = format!(
        "A request that satisfies every constraint and names existing resources, by id or by name, succeeds with {}.",
        operation.success
    );
    let partitions = vec![
        Partition::new("by-id", "every resource by its id", ValidCall { naming: Some(Naming::Id) }),
        Partition::new("by-name", "every resource by its name", ValidCall { naming: Some(Naming::Name) }),
        Partition::new("mixed", "some resources by id, some by name", ValidCall { naming: None }),
    ];
    (text, partitions)
}
