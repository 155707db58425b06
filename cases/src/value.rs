//! The values of one member in one partition: its boundaries, then anything within.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use crate::alphabet::Alphabet;
use crate::call::{Alteration, Arg};

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
    /// The valid text with a blank before, behind, or around it.
    Padded,
}

/// What becomes of a member.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The argument is set, or removed.
    Set(Option<Arg>),
    /// The argument, which is taken from an earlier answer, is altered.
    Alter(Alteration),
    /// Something comes before and behind the argument, which is a text.
    Wrap(&'static str, &'static str),
}

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

    /// The boundary values, simplest first.
    pub fn boundaries(&self) -> Vec<Change> {
        let set = |arg| Change::Set(Some(arg));
        match self {
            Self::Absent => vec![Change::Set(None)],
            Self::OneOf(args) => args.iter().cloned().map(set).collect(),
            Self::Text { boundaries, alphabet, .. } => {
                boundaries.iter().map(|length| set(Arg::Text(alphabet.plain(*length)))).collect()
            }
            Self::Whole { boundaries, .. } => {
                boundaries.iter().map(|number| set(Arg::Json(number.to_string()))).collect()
            }
            Self::Id => vec![set(Arg::Text("aaaaaaa".to_owned()))],
            Self::Altered(alteration) => vec![Change::Alter(*alteration)],
            Self::Padded => PADDING.map(|(before, behind)| Change::Wrap(before, behind)).to_vec(),
        }
    }

    /// Any value of the class.
    pub fn strategy(&self) -> BoxedStrategy<Change> {
        let set = |arg| Change::Set(Some(arg));
        match self {
            Self::Absent => Just(Change::Set(None)).boxed(),
            Self::OneOf(args) => prop::sample::select(args.clone()).prop_map(set).boxed(),
            Self::Text { lengths, alphabet, .. } => {
                alphabet.texts(lengths.clone()).prop_map(move |text| set(Arg::Text(text))).boxed()
            }
            Self::Whole { range, .. } => {
                range.clone().prop_map(move |number| set(Arg::Json(number.to_string()))).boxed()
            }
            Self::Id => {
                let letters: Vec<char> = ('a'..='z').chain('0'..='9').collect();
                prop::collection::vec(prop::sample::select(letters), 7)
                    .prop_map(move |letters| set(Arg::Text(letters.into_iter().collect())))
                    .boxed()
            }
            Self::Altered(alteration) => Just(Change::Alter(*alteration)).boxed(),
            Self::Padded => prop::sample::select(&PADDING[..])
                .prop_map(|(before, behind)| Change::Wrap(before, behind))
                .boxed(),
        }
    }
}
