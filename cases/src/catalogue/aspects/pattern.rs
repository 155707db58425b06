//! The `pattern` trait: values that do not match.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::pattern_bounds::repetition;
use crate::catalogue::section::Section;
use crate::contract::{Location, Member, Pattern};
use crate::generate::{Alphabet, Joining, ValueClass};
use crate::id::Level;
use crate::protocol::Arg;
use crate::requirement;

/// A value that was issued, and a blank that some servers trim.
const BLANKS: &[Joining] = &[
    Joining::Around("", " "),
    Joining::Around(" ", ""),
    Joining::Around("", "\n"),
    Joining::Around("\t", "\t"),
    Joining::Inside(" "),
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(pattern) = &member.constraints.pattern else { return };
    section.add(Entry {
        id: requirement::of_member(section.operation, member, "pattern"),
        level: Level::Must,
        text: format!(
            "{} matches `{}`: any other value is refused with {}.",
            member.name,
            pattern.as_str(),
            section.refusal()
        ),
        source: format!("{} › pattern", member.source),
        partitions: partitions(member, pattern),
    });
}

fn partitions(member: &Member, pattern: &Pattern) -> Vec<Partition> {
    let mut partitions = Vec::new();
    if !pattern.matches("") {
        partitions.push(Partition::of_member(member, "empty", "is empty", ValueClass::texts(&[""])));
        if matches!(member.location, Location::Query(_)) {
            let bare = ValueClass::OneOf(vec![Arg::Bare]);
            partitions.push(Partition::of_member(member, "bare", "is in the query without a value", bare));
        }
    }
    // The value of a header is ASCII without control characters.
    let can_be_sent = |text: &String| {
        !matches!(member.location, Location::Header(_))
            || text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
    };
    let outside: Vec<_> = texts_outside(pattern).into_iter().filter(can_be_sent).collect();
    if !outside.is_empty() {
        partitions.push(Partition::of_member(
            member,
            "outside-class",
            "has a character that the pattern does not allow",
            ValueClass::OneOf(outside.into_iter().map(Arg::Text).collect()),
        ));
    }
    // Blanks around the value of a header are no part of it.
    let may_have_blanks =
        member.rules.single_use.is_some() && !matches!(member.location, Location::Header(_));
    let forbids = |joining: &Joining| !pattern.matches(&format!("a{}a", joining.added()));
    if may_have_blanks && BLANKS.iter().all(forbids) {
        partitions.push(Partition::of_member(
            member,
            "issued-with-blank",
            "is one that was issued, and a blank",
            ValueClass::Joined(BLANKS.to_vec()),
        ));
    }
    partitions.extend(above_max(member, pattern));
    partitions
}

fn above_max(member: &Member, pattern: &Pattern) -> Option<Partition> {
    let (_, max) = repetition(pattern)?;
    let max = max?;
    let plain = |length| Alphabet::OneByte.plain(length);
    (pattern.matches(&plain(max)) && !pattern.matches(&plain(max + 1))).then(|| {
        Partition::of_member(
            member,
            "above-max",
            format!("has more than {max} characters"),
            ValueClass::Text {
                boundaries: vec![max + 1],
                lengths: max + 1..=2 * max,
                alphabet: Alphabet::OneByte,
            },
        )
    })
}

/// Texts of an allowed length with one character that is not allowed.
fn texts_outside(pattern: &Pattern) -> Vec<String> {
    let repetition = repetition(pattern);
    let min = repetition.map_or(1, |(min, _)| min).max(1);
    let max = repetition.and_then(|(_, max)| max).unwrap_or(usize::MAX);
    let filler = "a".repeat(min.saturating_sub(1).max(2).min(max.saturating_sub(1)));
    let (start, end) = filler.split_at(filler.len() / 2);
    [' ', '\t', '\n', '!', 'A', 'é']
        .into_iter()
        .map(|c| format!("{start}{c}{end}"))
        .filter(|text| !pattern.matches(text))
        .collect()
}
