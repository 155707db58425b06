//! The `length` trait of strings: boundaries in characters of every width.

use crate::catalogue::section::Section;
use crate::contract::{Member, Shape};
use crate::generate::Alphabet;
use crate::generate::Value;
use crate::protocol::Arg;

/// The greatest length that is tried.
const FAR: usize = 1 << 20;
/// Beyond this, random lengths would cost more than they tell.
const RANDOM: usize = 16 * 1024;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(length) = member.constraints.length else { return };
    if !matches!(section.contract.shape(member), Shape::String) {
        return;
    }
    let mut cases: Vec<(String, String, Value)> = Vec::new();
    let mut widths = |partition: &str, length: usize| {
        for (alphabet, width) in Alphabet::WIDTHS {
            cases.push((
                format!("{partition}-{width}"),
                format!("has {length} {width} character{}", if length == 1 { "" } else { "s" }),
                Value::of_length(length, alphabet),
            ));
        }
    };
    let least = length.min.max(1);
    widths("at-min", least);
    if let Some(max) = length.max {
        widths("at-max", max);
        widths("above-max", max + 1);
    }
    cases.push((
        "at-min-blank".to_owned(),
        format!("is {least} blank{}: nothing is trimmed", if least == 1 { "" } else { "s" }),
        Value::OneOf(vec![Arg::Text(" ".repeat(least))]),
    ));
    let any = |boundaries: Vec<usize>, lengths| Value::Text { boundaries, lengths, alphabet: Alphabet::Any };
    match length.min {
        0 => {}
        1 => cases.push(("empty".to_owned(), "is empty".to_owned(), Value::texts(&[""]))),
        min => cases.push((
            "below-min".to_owned(),
            format!("has fewer than {min} characters"),
            any(vec![min - 1, 0], 0..=min - 1),
        )),
    }
    if let Some(max) = length.max {
        let alphabets = Alphabet::SETS.into_iter().chain([Alphabet::Any]);
        let within = Value::Grid {
            boundaries: vec![max - 1],
            lengths: least..=max,
            alphabets: alphabets.filter(|alphabet| alphabet.fits(&member.location)).collect(),
        };
        cases.push(("below-max".to_owned(), format!("has up to {max} characters of any sort"), within));
        let combining = |length| Value::of_length(length, Alphabet::Combining);
        let about = "characters, each second one a combining mark";
        cases.push(("at-max-combining".to_owned(), format!("has {max} {about}"), combining(max)));
        let beyond = max + 1;
        cases.push(("above-max-combining".to_owned(), format!("has {beyond} {about}"), combining(beyond)));
        let longest = Alphabet::Lower.plain(max);
        cases.push((
            "above-max-blank".to_owned(),
            format!("has {max} characters and a blank, which counts"),
            Value::OneOf([format!("{longest} "), format!(" {longest}")].map(Arg::Text).to_vec()),
        ));
        let above = any(vec![max + 1], max + 1..=2 * max);
        cases.push(("above-max".to_owned(), format!("has more than {max} characters"), above));
        // Some of them are fine once their upper bits are cut off.
        let mut far = vec![2 * max, 256 + max, 10_000, 65_536 + max, FAR];
        far.retain(|length| *length >= 2 * max);
        let far = any(far, 2 * max..=RANDOM.max(2 * max));
        cases.push(("far-above-max".to_owned(), format!("has {} characters and more", 2 * max), far));
    }
    cases.sort_by_key(|(partition, ..)| order(partition));
    let bounds = match length.max {
        Some(max) => format!("{} to {max}", length.min),
        None => format!("at least {}", length.min),
    };
    let text = format!(
        "{} is {bounds} characters long, counted in Unicode scalar values: any other length is refused with {}.",
        member.name,
        section.refusal()
    );
    section.member_requirement(member, "length", text, format!("{} › length", member.source), cases);
}

/// From the shortest to the longest.
fn order(partition: &str) -> usize {
    ["empty", "below-min", "at-min", "below-max", "at-max", "above-max", "far-above-max"]
        .iter()
        .position(|name| partition.starts_with(name))
        .unwrap_or(usize::MAX)
}
