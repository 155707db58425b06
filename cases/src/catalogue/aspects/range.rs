//! The `range` trait of whole numbers.

use crate::catalogue::section::Section;
use crate::contract::{Location, Member, Shape};
use crate::generate::Value;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(range) = member.constraints.range else { return };
    if member.location != Location::Body || !matches!(section.contract.shape(member), Shape::Integer(_)) {
        return;
    }
    let least = i64::from(i32::MIN);
    let greatest = i64::from(i32::MAX);
    let mut cases = Vec::new();
    let mut case = |partition: &str, about: String, boundaries: Vec<i64>, range| {
        cases.push((partition.to_owned(), about, Value::Whole { boundaries, range }));
    };
    if let Some(min) = range.min {
        if min > 0 {
            case("negative", "is negative".to_owned(), vec![-1, -min], least..=-1);
            case("zero", "is 0".to_owned(), vec![0], 0..=0);
        }
        case("below-min", format!("is below {min}"), vec![min - 1], min - 1..=min - 1);
        case("at-min", format!("is {min}"), vec![min], min..=min);
    }
    case(
        "nominal",
        "is within its bounds".to_owned(),
        Vec::new(),
        range.min.unwrap_or(least)..=range.max.unwrap_or(greatest),
    );
    if let Some(max) = range.max {
        case("at-max", format!("is {max}"), vec![max], max..=max);
        case("above-max", format!("is above {max}"), vec![max + 1], max + 1..=greatest.max(max + 1));
    }
    let bounds = match (range.min, range.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => return,
    };
    let text =
        format!("{} is {bounds}: any other number is refused with {}.", member.name, section.refusal());
    section.member_requirement(member, "range", text, format!("{} › range", member.source), cases);
}
