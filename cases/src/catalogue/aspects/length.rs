//! The `length` trait of strings: boundaries in characters of every width.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Length, Location, Member, Shape};
use crate::generate::{Alphabet, ValueClass};
use crate::id::Level;
use crate::protocol::Arg;
use crate::requirement;

/// The greatest length that is tested.
const MAX_LENGTH: usize = 1 << 20;
/// The same outside of a body, where clients and servers bound the whole line: percent-encoded, a character takes up to
/// twelve.
const MAX_LENGTH_IN_HEAD: usize = 5000;
/// The greatest random length: longer texts cost more than they show.
const MAX_RANDOM_LENGTH: usize = 16 * 1024;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(length) = member.constraints.length else { return };
    if !matches!(section.contract.shape(member), Shape::String) {
        return;
    }
    let bounds = match length.max {
        Some(max) => format!("{} to {max}", length.min),
        None => format!("at least {}", length.min),
    };
    section.add(Entry {
        id: requirement::of_member(section.operation, member, "length"),
        level: Level::Must,
        text: format!(
            "{} is {bounds} characters long, counted in Unicode scalar values: any other length is refused with {}.",
            member.name,
            section.refusal()
        ),
        source: format!("{} › length", member.source),
        partitions: partitions(member, length),
    });
}

/// Partitions from the shortest texts to the longest.
fn partitions(member: &Member, length: Length) -> Vec<Partition> {
    let mut partitions = below_min(member, length.min);
    let min = length.min.max(1);
    partitions.extend(of_each_width(member, "at-min", min));
    // Blanks around the value of a header are no part of it.
    let is_header = matches!(member.location, Location::Header(_));
    if !is_header {
        partitions.push(Partition::of_member(
            member,
            "at-min-blank",
            format!("is {min} blank{}: nothing is trimmed", if min == 1 { "" } else { "s" }),
            ValueClass::OneOf(vec![Arg::Text(" ".repeat(min))]),
        ));
    }
    if is_header && let Some(max) = length.max.filter(|max| *max < MAX_LENGTH_IN_HEAD) {
        partitions.extend(of_header(member, max));
    } else if let Some(max) = length.max.filter(|max| 2 * max <= most(member)) {
        partitions.push(below_max(member, min, max));
        partitions.extend(of_each_width(member, "at-max", max));
        partitions.push(combining(member, "at-max-combining", max));
        partitions.extend(above_max(member, max));
        partitions.push(far_above_max(member, max));
    }
    partitions
}

/// The greatest length that is tested at the location of a member.
fn most(member: &Member) -> usize {
    if member.location == Location::Body { MAX_LENGTH } else { MAX_LENGTH_IN_HEAD }
}

/// The value of a header is ASCII.
fn of_header(member: &Member, max: usize) -> [Partition; 2] {
    [("at-max-one-byte", max), ("above-max-one-byte", max + 1)].map(|(id, length)| {
        let description = format!("has {length} one-byte characters");
        Partition::of_member(member, id, description, ValueClass::of_length(length, Alphabet::Lower))
    })
}

fn below_min(member: &Member, min: usize) -> Vec<Partition> {
    match min {
        0 => Vec::new(),
        1 => vec![Partition::of_member(member, "empty", "is empty", ValueClass::texts(&[""]))],
        min => vec![Partition::of_member(
            member,
            "below-min",
            format!("has fewer than {min} characters"),
            ValueClass::Text {
                boundaries: vec![min - 1, 0],
                lengths: 0..=min - 1,
                alphabet: if matches!(member.location, Location::Header(_)) {
                    Alphabet::Lower
                } else {
                    Alphabet::Any
                },
            },
        )],
    }
}

/// Texts of one length, for each width of characters.
fn of_each_width(member: &Member, id: &str, length: usize) -> impl Iterator<Item = Partition> {
    let fitting = move |(alphabet, _): &(Alphabet, &str)| {
        !matches!(member.location, Location::Header(_)) || alphabet.fits(&member.location)
    };
    Alphabet::WIDTHS.into_iter().filter(fitting).map(move |(alphabet, width)| {
        Partition::of_member(
            member,
            format!("{id}-{width}"),
            format!("has {length} {width} character{}", if length == 1 { "" } else { "s" }),
            ValueClass::of_length(length, alphabet),
        )
    })
}

fn combining(member: &Member, id: &str, length: usize) -> Partition {
    Partition::of_member(
        member,
        id,
        format!("has {length} characters, every second one a combining mark"),
        ValueClass::of_length(length, Alphabet::Combining),
    )
}

fn below_max(member: &Member, min: usize, max: usize) -> Partition {
    let alphabets = Alphabet::SETS.into_iter().chain([Alphabet::Any]);
    Partition::of_member(
        member,
        "below-max",
        format!("has up to {max} characters of any kind"),
        ValueClass::Grid {
            boundaries: vec![max - 1],
            lengths: min..=max,
            alphabets: alphabets.filter(|alphabet| alphabet.fits(&member.location)).collect(),
        },
    )
}

fn above_max(member: &Member, max: usize) -> Vec<Partition> {
    let mut partitions: Vec<_> = of_each_width(member, "above-max", max + 1).collect();
    partitions.push(combining(member, "above-max-combining", max + 1));
    let longest = Alphabet::Lower.plain(max);
    partitions.push(Partition::of_member(
        member,
        "above-max-blank",
        format!("has {max} characters and a blank, which counts"),
        ValueClass::OneOf([format!("{longest} "), format!(" {longest}")].map(Arg::Text).to_vec()),
    ));
    partitions.push(Partition::of_member(
        member,
        "above-max",
        format!("has more than {max} characters"),
        ValueClass::Text { boundaries: vec![max + 1], lengths: max + 1..=2 * max, alphabet: Alphabet::Any },
    ));
    partitions
}

fn far_above_max(member: &Member, max: usize) -> Partition {
    // Some of these are valid once their upper bits are cut off.
    let mut boundaries = vec![2 * max, 256 + max, 10_000, 65_536 + max, MAX_LENGTH];
    boundaries.retain(|length| (2 * max..=most(member)).contains(length));
    let lengths = 2 * max..=MAX_RANDOM_LENGTH.min(most(member)).max(2 * max);
    Partition::of_member(
        member,
        "far-above-max",
        format!("has {} characters and more", 2 * max),
        ValueClass::Text { boundaries, lengths, alphabet: Alphabet::Any },
    )
}
