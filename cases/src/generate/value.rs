//! The values of one member in one partition: its boundaries, then anything within.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use super::alphabet::Alphabet;
use super::text::{Lengths, plain_texts, texts};
use crate::protocol::{Alteration, Arg, Output, Piece};

/// Lengths in a grid are divided into bins of this width, or into so many bins that
/// [`MOST_BINS`] will do.
const BIN: usize = 8;
/// The most bins of a grid.
const MOST_BINS: usize = 16;

/// A class of values of a member.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The member is not there.
    Absent,
    /// One of these arguments, each of them a boundary.
    OneOf(Vec<Arg>),
    /// A string of a length within the range.
    Text {
        /// The lengths to begin with.
        boundaries: Vec<usize>,
        /// All lengths.
        lengths: RangeInclusive<usize>,
        /// The characters.
        alphabet: Alphabet,
    },
    /// A string of a length within the range, and of any of the alphabets: each alphabet in each bin
    /// of lengths, so that what is wrong in a small region only is found for every seed.
    Grid {
        /// The lengths to begin with.
        boundaries: Vec<usize>,
        /// All lengths.
        lengths: RangeInclusive<usize>,
        /// The alphabets.
        alphabets: Vec<Alphabet>,
    },
    /// A whole number within the range.
    Whole {
        /// The numbers to begin with.
        boundaries: Vec<i64>,
        /// All numbers.
        range: RangeInclusive<i64>,
    },
    /// An identifier in the form that services give out: seven lower-case letters or digits.
    Id,
    /// A value as it was issued, altered.
    Altered(Alteration),
    /// A value as it was issued, one character of it changed, anywhere.
    ChangedAnywhere,
    /// A value as it was issued, put together with something else.
    Joined(Vec<Joining>),
    /// The valid text with a blank before, behind, or around it.
    Padded,
    /// The valid value under one of these names.
    Renamed(Vec<String>),
    /// The valid value, and another one of these members with its argument.
    Further(Vec<(String, Arg)>),
}

/// A way to put a value that was issued together with something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// These come before and behind it.
    Around(&'static str, &'static str),
    /// This comes between its halves.
    Inside(&'static str),
    /// It comes twice.
    Doubled,
    /// Its halves stand in each other's place.
    Swapped,
}

/// What becomes of a member.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The argument is set, or removed.
    Set(Option<Arg>),
    /// The argument, which is taken from an earlier answer, is altered.
    Alter(Alteration),
    /// The argument, which is taken from an earlier answer, is put together with something else.
    Join(Joining),
    /// Something comes before and behind the argument, which is a text.
    Wrap(&'static str, &'static str),
    /// The argument has another name.
    Rename(String),
    /// A further member comes behind all others.
    Add(String, Arg),
}

/// How far apart the places are where one character is changed, in 256ths of a value.
const STEP: u8 = 16;

/// What comes before and behind a padded text.
const PADDING: [(&str, &str); 4] = [("", " "), (" ", ""), (" ", " "), ("\t", "\n")];

impl Value {
    /// JSON texts as values.
    pub fn json(texts: &[&str]) -> Self {
        Self::OneOf(texts.iter().map(|text| Arg::Json((*text).to_owned())).collect())
    }

    /// Strings as values.
    pub fn texts(texts: &[&str]) -> Self {
        Self::OneOf(texts.iter().map(|text| Arg::Text((*text).to_owned())).collect())
    }

    /// A string of one length.
    pub fn of_length(length: usize, alphabet: Alphabet) -> Self {
        Self::Text { boundaries: vec![length], lengths: length..=length, alphabet }
    }

    /// Whether there are values beside the boundaries.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Text { .. } | Self::Grid { .. } | Self::Id => true,
            Self::Whole { range, .. } => range.start() < range.end(),
            Self::Absent
            | Self::OneOf(_)
            | Self::Altered(_)
            | Self::ChangedAnywhere
            | Self::Joined(_)
            | Self::Padded
            | Self::Renamed(_)
            | Self::Further(_) => false,
        }
    }

    /// The boundary values, simplest first. What is drawn for one may shrink to others of the class.
    pub fn boundaries(&self) -> Vec<BoxedStrategy<Change>> {
        let fixed = |changes: Vec<Change>| changes.into_iter().map(|change| Just(change).boxed()).collect();
        match self {
            Self::Absent => fixed(vec![Change::Set(None)]),
            Self::OneOf(args) => fixed(args.iter().cloned().map(set).collect()),
            Self::Text { boundaries, lengths, alphabet } => plain(boundaries, lengths, *alphabet).collect(),
            Self::Grid { boundaries, lengths, alphabets } => {
                plain(boundaries, lengths, Alphabet::Lower).chain(cells(lengths, alphabets)).collect()
            }
            Self::Whole { boundaries, .. } => {
                fixed(boundaries.iter().map(|number| set(Arg::Json(number.to_string()))).collect())
            }
            Self::Id => fixed(vec![set_text("aaaaaaa".to_owned())]),
            Self::Altered(alteration) => fixed(vec![Change::Alter(*alteration)]),
            Self::ChangedAnywhere => {
                let places = (STEP / 2..=u8::MAX).step_by(STEP.into());
                fixed(places.map(|place| Change::Alter(Alteration::ChangeAt(place))).collect())
            }
            Self::Joined(joinings) => fixed(joinings.iter().copied().map(Change::Join).collect()),
            Self::Padded => fixed(PADDING.map(|(before, behind)| Change::Wrap(before, behind)).to_vec()),
            Self::Renamed(names) => fixed(names.iter().cloned().map(Change::Rename).collect()),
            Self::Further(members) => fixed(members.iter().cloned().map(add).collect()),
        }
    }

    /// Any value of the class.
    pub fn strategy(&self) -> BoxedStrategy<Change> {
        match self {
            Self::Absent => Just(Change::Set(None)).boxed(),
            Self::OneOf(args) => prop::sample::select(args.clone()).prop_map(set).boxed(),
            Self::Text { lengths, alphabet, .. } => {
                let lengths = Lengths { drawn: lengths.clone(), least: *lengths.start() };
                texts(&[*alphabet], None, lengths).prop_map(set_text).boxed()
            }
            Self::Grid { lengths, alphabets, .. } => {
                let lengths = Lengths { drawn: lengths.clone(), least: *lengths.start() };
                texts(alphabets, Some(Alphabet::Lower), lengths).prop_map(set_text).boxed()
            }
            Self::Whole { range, .. } => {
                range.clone().prop_map(|number| set(Arg::Json(number.to_string()))).boxed()
            }
            Self::Id => {
                let letters: Vec<char> = ('a'..='z').chain('0'..='9').collect();
                prop::collection::vec(prop::sample::select(letters), 7)
                    .prop_map(|letters| set_text(letters.into_iter().collect()))
                    .boxed()
            }
            Self::Altered(alteration) => Just(Change::Alter(*alteration)).boxed(),
            Self::ChangedAnywhere => {
                any::<u8>().prop_map(|place| Change::Alter(Alteration::ChangeAt(place))).boxed()
            }
            Self::Joined(joinings) => prop::sample::select(joinings.clone()).prop_map(Change::Join).boxed(),
            Self::Padded => prop::sample::select(&PADDING[..])
                .prop_map(|(before, behind)| Change::Wrap(before, behind))
                .boxed(),
            Self::Renamed(names) => prop::sample::select(names.clone()).prop_map(Change::Rename).boxed(),
            Self::Further(members) => prop::sample::select(members.clone()).prop_map(add).boxed(),
        }
    }
}

impl Joining {
    /// What is added to the value.
    pub(crate) fn added(self) -> String {
        match self {
            Self::Around(before, behind) => format!("{before}{behind}"),
            Self::Inside(text) => text.to_owned(),
            Self::Doubled | Self::Swapped => String::new(),
        }
    }

    /// The parts of the value, put together.
    pub(crate) fn of(self, value: &Output) -> Vec<Piece> {
        let whole = || Piece::Output(value.clone());
        let start = || Piece::Output(value.altered(Alteration::Halve));
        let end = || Piece::Output(value.altered(Alteration::Behead));
        match self {
            Self::Around(before, behind) => vec![Piece::Text(before), whole(), Piece::Text(behind)],
            Self::Inside(text) => vec![start(), Piece::Text(text), end()],
            Self::Doubled => vec![whole(), whole()],
            Self::Swapped => vec![end(), start()],
        }
    }
}

fn add((name, arg): (String, Arg)) -> Change {
    Change::Add(name, arg)
}

fn set(arg: Arg) -> Change {
    Change::Set(Some(arg))
}

fn set_text(text: String) -> Change {
    set(Arg::Text(text))
}

/// The plainest texts of these lengths. They shrink to the least length of the class.
fn plain(
    boundaries: &[usize],
    lengths: &RangeInclusive<usize>,
    alphabet: Alphabet,
) -> impl Iterator<Item = BoxedStrategy<Change>> {
    let least = *lengths.start();
    boundaries.iter().map(move |length| {
        plain_texts(alphabet, Lengths { drawn: *length..=*length, least }).prop_map(set_text).boxed()
    })
}

/// Texts of each alphabet in each bin of lengths. The first alphabets divide the lengths of a bin
/// among them, so that each length comes for certain; the others draw from the whole bin.
fn cells(
    lengths: &RangeInclusive<usize>,
    alphabets: &[Alphabet],
) -> impl Iterator<Item = BoxedStrategy<Change>> {
    let least = *lengths.start();
    bins(lengths).into_iter().flat_map(move |bin| {
        alphabets.iter().enumerate().map(move |(place, alphabet)| {
            let drawn = bin.clone().nth(place).map_or(bin.clone(), |length| length..=length);
            texts(&[*alphabet], Some(Alphabet::Lower), Lengths { drawn, least }).prop_map(set_text).boxed()
        })
    })
}

fn bins(lengths: &RangeInclusive<usize>) -> Vec<RangeInclusive<usize>> {
    let width = lengths.clone().count().div_ceil(MOST_BINS).max(BIN);
    lengths.clone().step_by(width).map(|start| start..=(start + width - 1).min(*lengths.end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_each_length_once() {
        for (lengths, count, width) in
            [(1..=64, 8, 8), (1..=128, 16, 8), (8..=15, 1, 8), (1..=5, 1, 5), (0..=4096, 16, 257)]
        {
            let bins = bins(&lengths);
            assert_eq!((bins.len(), bins[0].clone().count()), (count, width));
            assert!(bins.into_iter().flatten().eq(lengths));
        }
    }
}
