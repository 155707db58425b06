//! Sessions go their own way, whatever other calls come between.

use crate::catalogue::pattern_bounds::longest;
use crate::catalogue::section::Section;
use crate::generate::Deviation;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let Some((member, _)) = operation.single_use() else { return };
    let case = |partition: &str, about: &str, deviation| (partition.to_owned(), about.to_owned(), deviation);
    let too_long = longest(member).map(|longest| longest + 1);
    section.requirement(
        requirement::sessions(operation),
        Level::Must,
        "Each session serves its own resource and goes on with its own newest value, whatever other sessions do and whichever calls were refused.".to_owned(),
        member.source.clone(),
        [
            case("same-resource", "several sessions for one resource", Deviation::Paired),
            case("isolated", "two sessions for resources that differ", Deviation::Isolated),
            case(
                "in-turns",
                "sessions that take turns",
                Deviation::Turns { boundaries: &[(2, 2), (2, 12), (4, 3)] },
            ),
            case("walk", "any sequence of good and bad calls in several sessions", Deviation::Walk { too_long }),
        ],
    );
}
