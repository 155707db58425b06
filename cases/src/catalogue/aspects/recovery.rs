//! A request that is refused leaves nothing behind: the next valid one over the same connection
//! works.

use crate::catalogue::section::Section;
use crate::generate::Deviation;
use crate::id::Level;
use crate::requirement;

/// Requirements whose first case is refused, each for a reason of its own.
const ASPECTS: [&str; 13] = [
    "/required",
    "/type",
    "/length",
    "/range",
    "/pattern",
    "/enum",
    "/syntax",
    "/document",
    "/resource",
    "/issued",
    "/single-use",
    "/method",
    "/path",
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let of_operation = || section.catalogue.cases.iter().filter(|case| case.operation == operation.name);
    let cases: Vec<_> = ASPECTS
        .iter()
        .filter_map(|aspect| {
            let case = of_operation().find(|case| case.requirement.as_str().ends_with(aspect))?;
            let about = format!("after a request of {}, a valid one", case.id);
            let (first, requirement) = (Box::new(case.deviation.clone()), case.requirement.clone());
            let deviation = Deviation::Then { first, requirement };
            Some((format!("after-{}", aspect.trim_start_matches('/')), about, deviation))
        })
        .collect();
    section.requirement(
        requirement::recovery(operation),
        Level::Must,
        format!(
            "A request that is refused leaves nothing behind: a valid one that follows over the same connection is answered with {}.",
            operation.success
        ),
        format!("{} › success", operation.source),
        cases,
    );
}
