//! The bugs in outputs.

use cases::contract::{Contract, Location, MessageKind, Operation, Shape};

use super::definition::Mutant;
use super::site::{Site, sites};
use crate::bug::{Aspect, Kind, Segment};

/// The longest value above a maximum that a mutant sends.
const MAX_EXCESS: usize = 1 << 20;

/// The mutants of an operation's output.
pub(super) fn mutants(contract: &Contract, operation: &Operation) -> Vec<Mutant> {
    let mut mutants = whole(operation);
    for site in sites(contract, operation, &MessageKind::Output) {
        for (aspect, kind) in kinds(contract, operation, &site) {
            mutants.push(Mutant::of_output(&operation.name, site.path.clone(), aspect, kind));
        }
    }
    mutants
}

fn whole(operation: &Operation) -> Vec<Mutant> {
    let has = |location: &Location| operation.output.iter().any(|member| member.location == *location);
    let mut mutants = Vec::new();
    if !has(&Location::ResponseCode) {
        mutants.push(Mutant::of_response(&operation.name, Kind::WrongStatus, "accepts"));
    }
    if has(&Location::Body) && !has(&Location::Payload) {
        mutants.push(Mutant::of_response(&operation.name, Kind::WrongContentType, "response/content-type"));
    }
    mutants
}

fn kinds(contract: &Contract, operation: &Operation, site: &Site<'_>) -> Vec<(Aspect, Kind)> {
    let Some(Segment::Member(top)) = site.path.first() else { return Vec::new() };
    let location = operation.output.iter().find(|member| member.name == *top).map(|member| &member.location);
    let is_json = match location {
        Some(Location::Body) => true,
        Some(Location::Payload) => site.path.len() > 1,
        _ => false,
    };
    let is_member = matches!(site.path.last(), Some(Segment::Member(_)));
    let shape = contract.shape(site.member);
    let constraints = &site.member.constraints;
    let mut kinds = Vec::new();
    if is_member && site.member.presence().is_some() && location != Some(&Location::ResponseCode) {
        kinds.push((Aspect::Required, Kind::Missing));
    }
    if !is_json || site.path.last() == Some(&Segment::Key) {
        return kinds;
    }
    if !matches!(shape, Shape::Document) {
        kinds.push((Aspect::Type, Kind::WrongType));
    }
    if constraints.one_of.is_some() && matches!(shape, Shape::String) {
        kinds.push((Aspect::Enum, Kind::UnknownValue));
    }
    let (aspect, below, above) = bounds(shape, site);
    kinds.extend(below.then_some((aspect, Kind::BelowMin)));
    kinds.extend(above.then_some((aspect, Kind::AboveMax)));
    kinds
}

/// The aspect that bounds a value, and whether it has a minimum and a maximum that a value can miss.
fn bounds(shape: &Shape, site: &Site<'_>) -> (Aspect, bool, bool) {
    let constraints = &site.member.constraints;
    match shape {
        Shape::Integer(_) => {
            let range = constraints.range;
            let has = |bound: fn(cases::contract::Range) -> Option<i64>| range.and_then(bound).is_some();
            (Aspect::Range, has(|range| range.min), has(|range| range.max))
        }
        Shape::Number => {
            let range = constraints.decimal_range;
            let has =
                |bound: fn(cases::contract::DecimalRange) -> Option<f64>| range.and_then(bound).is_some();
            (Aspect::Range, has(|range| range.min), has(|range| range.max))
        }
        Shape::String | Shape::Blob => {
            let length = constraints.length.filter(|_| constraints.one_of.is_none());
            let has_max = length.and_then(|length| length.max).is_some_and(|max| max < MAX_EXCESS);
            (Aspect::Length, length.is_some_and(|length| length.min > 0), has_max)
        }
        _ => (Aspect::Length, false, false),
    }
}
