//! The `pattern` trait: values that do not match.

use crate::catalogue::pattern_bounds::repetition;
use crate::catalogue::section::Section;
use crate::contract::{Location, Member, Pattern};
use crate::generate::Alphabet;
use crate::generate::{Joining, Value};
use crate::protocol::Arg;

/// A value that was issued, and a blank that some server may trim.
const BLANKS: &[Joining] = &[
    Joining::Around("", " "),
    Joining::Around(" ", ""),
    Joining::Around("", "\n"),
    Joining::Around("\t", "\t"),
    Joining::Inside(" "),
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(pattern) = &member.constraints.pattern else { return };
    let breaks = |text: &str| !pattern.holds(text);
    let repeats = repetition(pattern);
    let mut cases = Vec::new();
    if breaks("") {
        cases.push(("empty".to_owned(), "is empty".to_owned(), Value::texts(&[""])));
        if matches!(member.location, Location::Query(_)) {
            let bare = Value::OneOf(vec![Arg::Bare]);
            cases.push(("bare".to_owned(), "stands in the query without a value".to_owned(), bare));
        }
    }
    let outside = outside(pattern, repeats);
    if !outside.is_empty() {
        let value = Value::OneOf(outside.into_iter().map(Arg::Text).collect());
        cases.push((
            "outside-class".to_owned(),
            "has a character that the pattern does not allow".to_owned(),
            value,
        ));
    }
    let forbids = |joining: &Joining| breaks(&format!("a{}a", joining.added()));
    if member.rules.single_use.is_some() && !in_header(member) && BLANKS.iter().all(forbids) {
        let value = Value::Joined(BLANKS.to_vec());
        cases.push(("issued-with-blank".to_owned(), "is one that was issued, and a blank".to_owned(), value));
    }
    if let Some((_, Some(max))) = repeats {
        let plain = |length| Alphabet::OneByte.plain(length);
        if pattern.holds(&plain(max)) && breaks(&plain(max + 1)) {
            let value = Value::Text {
                boundaries: vec![max + 1],
                lengths: max + 1..=2 * max,
                alphabet: Alphabet::OneByte,
            };
            cases.push(("above-max".to_owned(), format!("has more than {max} characters"), value));
        }
    }
    let text = format!(
        "{} matches `{}`: any other value is refused with {}.",
        member.name,
        pattern.as_str(),
        section.refusal()
    );
    section.member_requirement(member, "pattern", text, format!("{} › pattern", member.source), cases);
}

/// Where blanks around a value are no part of it.
fn in_header(member: &Member) -> bool {
    matches!(member.location, Location::Header(_))
}

/// Texts of an allowed length with one character that is not allowed.
fn outside(pattern: &Pattern, repeats: Option<(usize, Option<usize>)>) -> Vec<String> {
    let least = repeats.map_or(1, |(min, _)| min).max(1);
    let longest = repeats.and_then(|(_, max)| max).unwrap_or(usize::MAX);
    let filler = "a".repeat(least.saturating_sub(1).max(2).min(longest.saturating_sub(1)));
    [' ', '\t', '\n', '!', 'A', 'é']
        .into_iter()
        .map(|c| format!("{}{c}{}", &filler[..filler.len() / 2], &filler[filler.len() / 2..]))
        .filter(|text| !pattern.holds(text))
        .collect()
}
