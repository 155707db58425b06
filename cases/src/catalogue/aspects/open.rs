//! Bodies that the contract leaves open: they may be read or refused, but not break the server.

use crate::catalogue::json_types::invalid;
use crate::catalogue::section::Section;
use crate::contract::{Member, Shape};
use crate::generate::Value;
use crate::generate::{BodyFault, Deviation, Twice};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;

const BYTE_ORDER_MARK: &[BodyFault] =
    &[BodyFault { name: "a byte order mark", apply: |body| format!("\u{feff}{body}").into() }];

const LONE_SURROGATES: &[BodyFault] = &[
    BodyFault { name: "a leading half", apply: |body| first_string(body, r"\ud83d") },
    BodyFault { name: "a trailing half", apply: |body| first_string(body, r"\ude80") },
    BodyFault { name: "a leading half and a letter", apply: |body| first_string(body, r"\ud83da") },
    BodyFault { name: "two leading halves", apply: |body| first_string(body, r"\ud83d\ud83d") },
    BodyFault { name: "the halves in the wrong order", apply: |body| first_string(body, r"\ude80\ud83d") },
    BodyFault { name: "half a name", apply: |body| body.replacen('{', r#"{"\ud83d":1,"#, 1).into() },
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    if operation.body_members().next().is_none() {
        return;
    }
    let mut cases = vec![(
        "byte-order-mark".to_owned(),
        "the body begins with a byte order mark".to_owned(),
        Deviation::Body(BYTE_ORDER_MARK),
    )];
    let is_string = |member: &&Member| matches!(section.contract.shape(member), Shape::String);
    if operation.body_members().filter(|member| member.constraints.required).any(|member| is_string(&member))
    {
        cases.push((
            "lone-surrogate".to_owned(),
            "the body has an escape for half of a surrogate pair".to_owned(),
            Deviation::Body(LONE_SURROGATES),
        ));
    }
    let required = operation.body_members().filter(|member| member.constraints.required);
    let twice: Vec<_> = required
        .flat_map(|member| {
            let twice = |first, second| Twice { member: member.name.clone(), first, second };
            let invalid = invalid(section.contract.shape(member)).map(|[text, _]| Arg::Json(text.to_owned()));
            [twice(None, None), twice(None, invalid.clone()), twice(invalid, None)]
        })
        .collect();
    if !twice.is_empty() {
        cases.push((
            "duplicate-members".to_owned(),
            "a member stands in the body twice, at least once with a valid value".to_owned(),
            Deviation::Twice(twice),
        ));
    }
    let whole = operation
        .body_members()
        .find(|member| matches!(section.contract.shape(member), Shape::Integer(_)))
        .map(|member| (member, whole_decimals(member)));
    if let Some((member, texts)) = whole {
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let deviation = Deviation::Member { name: member.name.clone(), value: Value::json(&texts) };
        let about = format!("{} is whole, but written with a fraction or an exponent", member.name);
        cases.push(("whole-decimal".to_owned(), about, deviation));
    }
    section.requirement(
        RequirementId::new([&operation.name, "body", "open"]),
        Level::Must,
        "A body of which the contract does not say whether it is valid is read or refused, but does not make the server fail.".to_owned(),
        "RFC 9110 › 15.6 Server Error 5xx".to_owned(),
        cases,
    );
}

/// Ways to write whole numbers that the member may have.
fn whole_decimals(member: &Member) -> Vec<String> {
    let range = member.constraints.range;
    let least = range.and_then(|range| range.min).unwrap_or(1).max(1);
    let most = range.and_then(|range| range.max).unwrap_or(i64::MAX);
    [least.saturating_mul(4).min(most), least.min(most)]
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
    fn numbers_are_written_with_one_digit_before_the_point() {
        assert_eq!([60, 15, 5].map(exponential), ["6e1", "1.5e1", "5e0"]);
    }
}
