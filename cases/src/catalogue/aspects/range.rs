//! The `range` trait of whole numbers.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Location, Member, Range, Shape};
use crate::generate::ValueClass;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(range) = member.constraints.range else { return };
    if member.location != Location::Body || !matches!(section.contract.shape(member), Shape::Integer(_)) {
        return;
    }
    let bounds = match (range.min, range.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => return,
    };
    section.add(Entry {
        id: requirement::of_member(section.operation, member, "range"),
        level: Level::Must,
        text: format!("{} is {bounds}: any other number is refused with {}.", member.name, section.refusal()),
        source: format!("{} › range", member.source),
        partitions: partitions(member, range),
    });
}

fn partitions(member: &Member, range: Range) -> Vec<Partition> {
    // What is tested where the contract has no bound.
    let (least, greatest) = (i64::from(i32::MIN), i64::from(i32::MAX));
    let mut partitions = Vec::new();
    let mut add = |id, description: String, boundaries, range| {
        let values = ValueClass::Integer { boundaries, range };
        partitions.push(Partition::of_member(member, id, description, values));
    };
    if let Some(min) = range.min {
        if min > 0 {
            add("negative", "is negative".to_owned(), vec![-1, -min], least..=-1);
            add("zero", "is 0".to_owned(), vec![0], 0..=0);
        }
        add("below-min", format!("is below {min}"), vec![min - 1], min - 1..=min - 1);
        add("at-min", format!("is {min}"), vec![min], min..=min);
    }
    let within = range.min.unwrap_or(least)..=range.max.unwrap_or(greatest);
    add("nominal", "is within its bounds".to_owned(), Vec::new(), within);
    if let Some(max) = range.max {
        add("at-max", format!("is {max}"), vec![max], max..=max);
        add("above-max", format!("is above {max}"), vec![max + 1], max + 1..=greatest.max(max + 1));
    }
    partitions
}
