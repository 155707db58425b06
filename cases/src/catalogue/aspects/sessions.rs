//! Sessions do not affect each other.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::pattern_bounds::max_length;
use crate::catalogue::section::Section;
use crate::generate::{DistinctResources, InterleavedSessions, RandomWalk, SameResource};
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let Some((member, _)) = operation.single_use() else { return };
    let too_long = max_length(member).map(|max| max + 1);
    section.add(Entry {
        id: requirement::sessions(operation),
        level: Level::Must,
        text: "Each session serves its own resource and continues with its own newest value, whatever other sessions do and whichever calls were refused.".to_owned(),
        source: member.source.clone(),
        partitions: vec![
            Partition::new("same-resource", "several sessions for one resource", SameResource),
            Partition::new("isolated", "two sessions for resources that differ", DistinctResources),
            Partition::new(
                "in-turns",
                "sessions that take turns",
                InterleavedSessions { boundaries: &[(2, 2), (2, 12), (4, 3)] },
            ),
            Partition::new(
                "walk",
                "any sequence of valid and invalid calls in several sessions",
                RandomWalk { too_long },
            ),
        ],
    });
}
