//! The values of one member in one partition: the boundaries, and any value between them.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use super::alphabet::Alphabet;
use super::text::{Lengths, plain_texts, texts};
use crate::protocol::{Alteration, Arg, Output, Piece};

/// The lengths of a grid are divided into bins of at least this width.
const MIN_BIN_WIDTH: usize = 8;
/// The most bins of a grid.
const MAX_BINS: usize = 16;

/// A class of values of a member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ValueClass {
    /// The member is absent.
    Absent,
    /// One of these arguments, each of them a boundary.
    OneOf(Vec<Arg>),
    /// A string of a length within the range.
    Text {
        /// The lengths that are tested first.
        boundaries: Vec<usize>,
        /// All lengths.
        lengths: RangeInclusive<usize>,
        /// The characters.
        alphabet: Alphabet,
    },
    /// A string of a length within the range, and of any of the alphabets: each alphabet in each bin
    /// of lengths, so that every seed finds a bug that affects only a small region.
    Grid {
        /// The lengths that are tested first.
        boundaries: Vec<usize>,
        /// All lengths.
        lengths: RangeInclusive<usize>,
        /// The alphabets.
        alphabets: Vec<Alphabet>,
    },
    /// A whole number within the range.
    Integer {
        /// The numbers that are tested first.
        boundaries: Vec<i64>,
        /// All numbers.
        range: RangeInclusive<i64>,
    },
    /// An identifier in the form that services assign: seven lower-case letters or digits.
    Id,
    /// A value that was issued, altered.
    Altered(Alteration),
    /// A value that was issued, with one character changed, anywhere.
    ChangedAnywhere,
    /// A value that was issued, joined with something else.
    Joined(Vec<Joining>),
    /// The valid text with a blank before it, after it, or both.
    Padded,
    /// The valid value under one of these names.
    Renamed(Vec<String>),
    /// The valid value, and one of these additional members with its argument.
    Additional(Vec<(String, Arg)>),
}

/// A way to join a value that was issued with something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// These come before and after it.
    Around(&'static str, &'static str),
    /// This comes between its halves.
    Inside(&'static str),
    /// It comes twice.
    Doubled,
    /// Its halves change places.
    Swapped,
}

/// What happens to the argument of a member.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::generate) enum ArgChange {
    /// The argument is set, or removed.
    Set(Option<Arg>),
    /// The argument, which is taken from an earlier response, is altered.
    Alter(Alteration),
    /// The argument, which is taken from an earlier response, is joined with something else.
    Join(Joining),
    /// These come before and after the argument, which is a text.
    Wrap(&'static str, &'static str),
    /// The argument has another name.
    Rename(String),
    /// An additional member comes after all others.
    Add(String, Arg),
}

/// The distance between characters that are changed, in 256ths of a value.
const CHANGE_DISTANCE: u8 = 16;

/// What comes before and after a padded text.
const PADDING: [(&str, &str); 4] = [("", " "), (" ", ""), (" ", " "), ("\t", "\n")];

impl ValueClass {
    /// JSON texts as values.
    pub(crate) fn json(texts: &[&str]) -> Self {
        Self::OneOf(texts.iter().map(|text| Arg::Json((*text).to_owned())).collect())
    }

    /// Strings as values.
    pub(crate) fn texts(texts: &[&str]) -> Self {
        Self::OneOf(texts.iter().map(|text| Arg::Text((*text).to_owned())).collect())
    }

    /// A string of one length.
    pub(crate) fn of_length(length: usize, alphabet: Alphabet) -> Self {
        Self::Text { boundaries: vec![length], lengths: length..=length, alphabet }
    }

    /// Whether there are values other than the boundaries.
    pub(in crate::generate) fn is_random(&self) -> bool {
        match self {
            Self::Text { .. } | Self::Grid { .. } | Self::Id => true,
            Self::Integer { range, .. } => range.start() < range.end(),
            Self::Absent
            | Self::OneOf(_)
            | Self::Altered(_)
            | Self::ChangedAnywhere
            | Self::Joined(_)
            | Self::Padded
            | Self::Renamed(_)
            | Self::Additional(_) => false,
        }
    }

    /// The boundaries, the simplest first. A value that is drawn for one may shrink to others of the class.
    pub(in crate::generate) fn boundaries(&self) -> Vec<BoxedStrategy<ArgChange>> {
        let fixed =
            |changes: Vec<ArgChange>| changes.into_iter().map(|change| Just(change).boxed()).collect();
        match self {
            Self::Absent => fixed(vec![ArgChange::Set(None)]),
            Self::OneOf(args) => fixed(args.iter().cloned().map(set).collect()),
            Self::Text { boundaries, lengths, alphabet } => {
                plain_boundaries(boundaries, lengths, *alphabet).collect()
            }
            Self::Grid { boundaries, lengths, alphabets } => {
                plain_boundaries(boundaries, lengths, Alphabet::Lower)
                    .chain(grid_boundaries(lengths, alphabets))
                    .collect()
            }
            Self::Integer { boundaries, .. } => {
                fixed(boundaries.iter().map(|number| set(Arg::Json(number.to_string()))).collect())
            }
            Self::Id => fixed(vec![set_text("aaaaaaa".to_owned())]),
            Self::Altered(alteration) => fixed(vec![ArgChange::Alter(*alteration)]),
            Self::ChangedAnywhere => {
                let all = (CHANGE_DISTANCE / 2..=u8::MAX).step_by(CHANGE_DISTANCE.into());
                fixed(all.map(|at| ArgChange::Alter(Alteration::ChangeAt(at))).collect())
            }
            Self::Joined(joinings) => fixed(joinings.iter().copied().map(ArgChange::Join).collect()),
            Self::Padded => fixed(PADDING.map(|(before, after)| ArgChange::Wrap(before, after)).to_vec()),
            Self::Renamed(names) => fixed(names.iter().cloned().map(ArgChange::Rename).collect()),
            Self::Additional(members) => fixed(members.iter().cloned().map(add).collect()),
        }
    }

    /// Any value of the class.
    pub(in crate::generate) fn strategy(&self) -> BoxedStrategy<ArgChange> {
        match self {
            Self::Absent => Just(ArgChange::Set(None)).boxed(),
            Self::OneOf(args) => prop::sample::select(args.clone()).prop_map(set).boxed(),
            Self::Text { lengths, alphabet, .. } => {
                let lengths = Lengths { drawn: lengths.clone(), min: *lengths.start() };
                texts(&[*alphabet], None, lengths).prop_map(set_text).boxed()
            }
            Self::Grid { lengths, alphabets, .. } => {
                let lengths = Lengths { drawn: lengths.clone(), min: *lengths.start() };
                texts(alphabets, Some(Alphabet::Lower), lengths).prop_map(set_text).boxed()
            }
            Self::Integer { range, .. } => {
                range.clone().prop_map(|number| set(Arg::Json(number.to_string()))).boxed()
            }
            Self::Id => {
                let letters: Vec<char> = ('a'..='z').chain('0'..='9').collect();
                prop::collection::vec(prop::sample::select(letters), 7)
                    .prop_map(|letters| set_text(letters.into_iter().collect()))
                    .boxed()
            }
            Self::Altered(alteration) => Just(ArgChange::Alter(*alteration)).boxed(),
            Self::ChangedAnywhere => {
                any::<u8>().prop_map(|at| ArgChange::Alter(Alteration::ChangeAt(at))).boxed()
            }
            Self::Joined(joinings) => {
                prop::sample::select(joinings.clone()).prop_map(ArgChange::Join).boxed()
            }
            Self::Padded => prop::sample::select(&PADDING[..])
                .prop_map(|(before, after)| ArgChange::Wrap(before, after))
                .boxed(),
            Self::Renamed(names) => prop::sample::select(names.clone()).prop_map(ArgChange::Rename).boxed(),
            Self::Additional(members) => prop::sample::select(members.clone()).prop_map(add).boxed(),
        }
    }
}

impl Joining {
    /// What is added to the value.
    pub(crate) fn added(self) -> String {
        match self {
            Self::Around(before, after) => format!("{before}{after}"),
            Self::Inside(text) => text.to_owned(),
            Self::Doubled | Self::Swapped => String::new(),
        }
    }

    /// The pieces of the joined value.
    pub(in crate::generate) fn pieces(self, value: &Output) -> Vec<Piece> {
        let whole = || Piece::Output(value.clone());
        let start = || Piece::Output(value.altered(Alteration::Halve));
        let end = || Piece::Output(value.altered(Alteration::Behead));
        match self {
            Self::Around(before, after) => vec![Piece::Text(before), whole(), Piece::Text(after)],
            Self::Inside(text) => vec![start(), Piece::Text(text), end()],
            Self::Doubled => vec![whole(), whole()],
            Self::Swapped => vec![end(), start()],
        }
    }
}

fn add((name, arg): (String, Arg)) -> ArgChange {
    ArgChange::Add(name, arg)
}

fn set(arg: Arg) -> ArgChange {
    ArgChange::Set(Some(arg))
}

fn set_text(text: String) -> ArgChange {
    set(Arg::Text(text))
}

/// The plainest texts of these lengths. They shrink to the least length of the class.
fn plain_boundaries(
    boundaries: &[usize],
    lengths: &RangeInclusive<usize>,
    alphabet: Alphabet,
) -> impl Iterator<Item = BoxedStrategy<ArgChange>> {
    let min = *lengths.start();
    boundaries.iter().map(move |length| {
        plain_texts(alphabet, Lengths { drawn: *length..=*length, min }).prop_map(set_text).boxed()
    })
}

/// Texts of each alphabet in each bin of lengths. Each of the first alphabets has one length of the bin, so that
/// every length is tested; the others draw from the whole bin.
fn grid_boundaries(
    lengths: &RangeInclusive<usize>,
    alphabets: &[Alphabet],
) -> impl Iterator<Item = BoxedStrategy<ArgChange>> {
    let min = *lengths.start();
    bins(lengths).into_iter().flat_map(move |bin| {
        alphabets.iter().enumerate().map(move |(index, alphabet)| {
            let drawn = bin.clone().nth(index).map_or(bin.clone(), |length| length..=length);
            texts(&[*alphabet], Some(Alphabet::Lower), Lengths { drawn, min }).prop_map(set_text).boxed()
        })
    })
}

fn bins(lengths: &RangeInclusive<usize>) -> Vec<RangeInclusive<usize>> {
    let width = lengths.clone().count().div_ceil(MAX_BINS).max(MIN_BIN_WIDTH);
    lengths.clone().step_by(width).map(|start| start..=(start + width - 1).min(*lengths.end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_is_in_one_bin() {
        for (lengths, count, width) in
            [(1..=64, 8, 8), (1..=128, 16, 8), (8..=15, 1, 8), (1..=5, 1, 5), (0..=4096, 16, 257)]
        {
            let bins = bins(&lengths);
            assert_eq!(bins.len(), count, "bins of {lengths:?}");
            assert_eq!(bins[0].clone().count(), width, "width of the bins of {lengths:?}");
            assert!(bins.into_iter().flatten().eq(lengths));
        }
    }
}
