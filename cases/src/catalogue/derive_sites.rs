//! Derives the requirements on every place within the input of an operation.

use super::section::Section;
use super::site::Site;
use super::site_aspects::{
    cardinality, choice, format, length, null, pattern, range, required, unique_items, value_type,
};
use super::site_entry::SiteEntry;
use crate::contract::{Contract, Location, Operation, ShapeId};
use crate::id::RequirementId;

/// The aspects in the order of the catalogue.
const ASPECTS: [fn(&Site<'_>) -> Option<SiteEntry>; 10] = [
    required::entry,
    value_type::entry,
    format::entry,
    length::entry,
    pattern::entry,
    range::entry,
    choice::entry,
    unique_items::entry,
    null::entry,
    cardinality::entry,
];

/// Adds the requirements on every place within the input of an operation.
pub(super) fn add(section: &mut Section<'_>) {
    let refusal = section.refusal();
    for site in Site::all(section.contract, section.operation) {
        // A resource that exists and a value that was issued are no plain values.
        let has_rule = site.top.rules.identifies.is_some() || site.top.rules.single_use.is_some();
        if has_rule || site.top.location == Location::ResponseCode {
            continue;
        }
        for entry in ASPECTS.iter().filter_map(|aspect| aspect(&site)?.entry(&site, &refusal)) {
            section.add(entry);
        }
    }
}

/// The requirements on the places of an operation's input that are members of a shape or have its type, by the id of
/// that member or shape. Those of an aspect are below each.
pub(crate) fn places(contract: &Contract, operation: &Operation) -> Vec<(ShapeId, RequirementId)> {
    let sites = Site::all(contract, operation).into_iter();
    sites
        .flat_map(|site| {
            let place = site.requirement("");
            [(site.member.id.clone(), place.clone()), (site.member.target.clone(), place)]
        })
        .collect()
}
