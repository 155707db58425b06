//! Bodies that the contract leaves open: they may be read or refused, but not make the server fail.

use crate::catalogue::json_types::wrong_types;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Member, Shape};
use crate::generate::{BodyEdit, BodyEdits, Duplicate, DuplicateMember, ValueClass};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;

const BYTE_ORDER_MARK: &[BodyEdit] =
    &[BodyEdit { name: "a byte order mark", apply: |body| format!("\u{feff}{body}").into() }];

const LONE_SURROGATES: &[BodyEdit] = &[
    BodyEdit { name: "a leading half", apply: |body| first_string(body, r"\ud83d") },
    BodyEdit { name: "a trailing half", apply: |body| first_string(body, r"\ude80") },
    BodyEdit { name: "a leading half and a letter", apply: |body| first_string(body, r"\ud83da") },
    BodyEdit { name: "two leading halves", apply: |body| first_string(body, r"\ud83d\ud83d") },
    BodyEdit { name: "the halves in the wrong order", apply: |body| first_string(body, r"\ude80\ud83d") },
    BodyEdit { name: "half a name", apply: |body| body.replacen('{', r#"{"\ud83d":1,"#, 1).into() },
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    if operation.body_members().next().is_none() {
        return;
    }
    let byte_order_mark = Partition::new(
        "byte-order-mark",
        "the body begins with a byte order mark",
        BodyEdits(BYTE_ORDER_MARK),
    );
    let others = [lone_surrogate(section), duplicate_members(section), whole_decimal(section)];
    section.add(Entry {
        id: RequirementId::new([&operation.name, "body", "open"]),
        level: Level::Must,
        text: "A body that the contract neither allows nor forbids is read or refused, but does not make the server fail."
            .to_owned(),
        source: "RFC 9110 › 15.6 Server Error 5xx".to_owned(),
        partitions: [byte_order_mark].into_iter().chain(others.into_iter().flatten()).collect(),
    });
}

fn lone_surrogate(section: &Section<'_>) -> Option<Partition> {
    let mut required = section.operation.body_members().filter(|member| member.constraints.required);
    let has_string = required.any(|member| matches!(section.contract.shape(member), Shape::String));
    has_string.then(|| {
        Partition::new(
            "lone-surrogate",
            "the body has an escape for half of a surrogate pair",
            BodyEdits(LONE_SURROGATES),
        )
    })
}

fn duplicate_members(section: &Section<'_>) -> Option<Partition> {
    let required = section.operation.body_members().filter(|member| member.constraints.required);
    let duplicates: Vec<_> = required
        .flat_map(|member| {
            let duplicate = |first, second| Duplicate { member: member.name.clone(), first, second };
            let wrong =
                wrong_types(section.contract.shape(member)).map(|[text, _]| Arg::Json(text.to_owned()));
            [duplicate(None, None), duplicate(None, wrong.clone()), duplicate(wrong, None)]
        })
        .collect();
    (!duplicates.is_empty()).then(|| {
        Partition::new(
            "duplicate-members",
            "a member is in the body twice, at least once with a valid value",
            DuplicateMember(duplicates),
        )
    })
}

fn whole_decimal(section: &Section<'_>) -> Option<Partition> {
    let is_integer = |member: &&Member| matches!(section.contract.shape(member), Shape::Integer(_));
    let member = section.operation.body_members().find(is_integer)?;
    Some(Partition::of_member(
        member,
        "whole-decimal",
        "is whole, but written with a fraction or an exponent",
        ValueClass::OneOf(whole_decimals(member).into_iter().map(Arg::Json).collect()),
    ))
}

/// Decimals that are whole numbers which the member may have.
fn whole_decimals(member: &Member) -> Vec<String> {
    let range = member.constraints.range;
    let min = range.and_then(|range| range.min).unwrap_or(1).max(1);
    let max = range.and_then(|range| range.max).unwrap_or(i64::MAX);
    [min.saturating_mul(4).min(max), min.min(max)]
        .iter()
        .flat_map(|number| [format!("{number}.0"), exponential(*number), format!("{number}0e-1")])
        .collect()
}

/// A number with one digit before the point: `60` is `6e1` and `15` is `1.5e1`.
fn exponential(number: i64) -> String {
    format!("{number:e}")
}

/// The body with `text` at the beginning of its first string.
fn first_string(body: &str, text: &str) -> Vec<u8> {
    body.replacen(":\"", &format!(":\"{text}"), 1).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_has_one_digit_before_the_point() {
        assert_eq!([60, 15, 5].map(exponential), ["6e1", "1.5e1", "5e0"]);
    }
}
