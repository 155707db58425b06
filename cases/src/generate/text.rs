//! Texts of an exact number of characters that shrink to fewer and plainer ones.
//!
//! A text is made of parts that know nothing of each other, and each shrinks by a search of its
//! own: what it is written with, where it ends, where it begins, and which stretch of it matters.
//! So a text of any length is small and plain after some dozens of exchanges.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use proptest::num::usize::BinarySearch;
use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;

use super::alphabet::Alphabet;

/// A text begins with so many random units, which then come again.
const UNITS: usize = 64;

/// The lengths of texts, in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lengths {
    /// What is drawn from.
    pub(super) drawn: RangeInclusive<usize>,
    /// How far a text may shrink, which may be below what is drawn.
    pub(super) least: usize,
}

/// The plainest texts of an alphabet.
pub(super) fn plain_texts(alphabet: Alphabet, lengths: Lengths) -> impl Strategy<Value = String> {
    Downwards(lengths).prop_map(move |length| alphabet.plain(length))
}

/// Texts of alphabets. They shrink to the plainest units of these, or to those of `plainer` where
/// they will do.
pub(super) fn texts(
    alphabets: &[Alphabet],
    plainer: Option<Alphabet>,
    lengths: Lengths,
) -> impl Strategy<Value = String> + use<> {
    let sets: Vec<_> = alphabets.iter().flat_map(|alphabet| alphabet.sets()).collect();
    let mut plain: Vec<_> =
        plainer.iter().chain(alphabets).flat_map(|alphabet| alphabet.plainest()).collect();
    let mut seen = BTreeSet::new();
    plain.retain(|unit| seen.insert(*unit));
    let least = lengths.least;
    let longest = *lengths.drawn.end();
    let most_spare = longest.saturating_sub(least);
    let parts = (
        prop::collection::vec(any::<usize>(), UNITS).no_shrink(),
        FirstToDo { last: plain.len() },
        Downwards(lengths),
        Downwards(Lengths { drawn: most_spare..=most_spare, least: 0 }),
        Halves { most: longest.max(1).ilog2() + 1 },
    );
    parts.prop_map(move |(units, repeated, end, spare, stretch)| {
        // Of what is longer than the least, `spare` stays and the rest goes from the beginning.
        let begin = end.saturating_sub(least).saturating_sub(spare);
        let stretch = stretch.of(end - begin);
        let random = units.iter().cycle().flat_map(|number| {
            let set = &sets[number % sets.len()];
            set[number / sets.len() % set.len()].chars()
        });
        let repeat = |index: usize| plain.get(index).map(|unit| unit.chars().cycle());
        let written: Vec<char> = match repeat(repeated) {
            Some(unit) => unit.skip(begin).take(end - begin).collect(),
            None => random.skip(begin).take(end - begin).collect(),
        };
        let plainest = repeat(0).into_iter().flatten();
        let mark = |((index, c), plain)| if stretch.contains(&index) { c } else { plain };
        written.into_iter().enumerate().zip(plainest).map(mark).collect()
    })
}

/// Numbers that shrink by halves towards the least, which may be below all that are drawn.
#[derive(Debug, Clone)]
struct Downwards(Lengths);

impl Strategy for Downwards {
    type Tree = BinarySearch;
    type Value = usize;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let drawn = self.0.drawn.new_tree(runner)?.current();
        Ok(BinarySearch::new_above(self.0.least.min(drawn), drawn))
    }
}

/// The number `last`, which shrinks to the first of 0, 1, 2, … that will do.
#[derive(Debug, Clone, Copy)]
struct FirstToDo {
    last: usize,
}

#[derive(Debug, Clone, Copy)]
struct FirstToDoTree {
    last: usize,
    current: usize,
    begun: bool,
}

impl Strategy for FirstToDo {
    type Tree = FirstToDoTree;
    type Value = usize;

    fn new_tree(&self, _: &mut TestRunner) -> NewTree<Self> {
        Ok(FirstToDoTree { last: self.last, current: self.last, begun: false })
    }
}

impl ValueTree for FirstToDoTree {
    type Value = usize;

    fn current(&self) -> usize {
        self.current
    }

    fn simplify(&mut self) -> bool {
        if self.begun || self.last == 0 {
            return false;
        }
        self.begun = true;
        self.current = 0;
        true
    }

    fn complicate(&mut self) -> bool {
        let more = self.current < self.last;
        self.current += usize::from(more);
        more
    }
}

/// The whole of something, which shrinks to that half of it that matters, to the half of that, and
/// so on; it is left at that when both halves matter.
#[derive(Debug, Clone, Copy)]
struct Halves {
    /// How often it is halved at most.
    most: u32,
}

/// One of the 2^`depth` equal pieces of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    depth: u32,
    index: usize,
}

#[derive(Debug, Clone, Copy)]
struct HalvesTree {
    most: u32,
    whole: Piece,
    current: Piece,
    ended: bool,
}

impl Piece {
    /// The piece of something of this length.
    fn of(self, length: usize) -> Range<usize> {
        (length * self.index) >> self.depth..(length * (self.index + 1)) >> self.depth
    }
}

impl Strategy for Halves {
    type Tree = HalvesTree;
    type Value = Piece;

    fn new_tree(&self, _: &mut TestRunner) -> NewTree<Self> {
        let whole = Piece { depth: 0, index: 0 };
        Ok(HalvesTree { most: self.most, whole, current: whole, ended: false })
    }
}

impl ValueTree for HalvesTree {
    type Value = Piece;

    fn current(&self) -> Piece {
        self.current
    }

    fn simplify(&mut self) -> bool {
        if self.ended || self.current.depth == self.most {
            return false;
        }
        self.whole = self.current;
        // The first half is tried first: a text that begins as it may matter is easier to read.
        self.current = Piece { depth: self.whole.depth + 1, index: self.whole.index * 2 };
        true
    }

    fn complicate(&mut self) -> bool {
        if self.current == self.whole {
            return false;
        }
        if self.current.index.is_multiple_of(2) {
            self.current.index += 1;
        } else {
            self.current = self.whole;
            self.ended = true;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::{CheckStrategySanityOptions, check_strategy_sanity};
    use proptest::test_runner::Config;

    fn runner() -> TestRunner {
        TestRunner::new_with_rng(
            Config { failure_persistence: None, ..Config::default() },
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        )
    }

    #[test]
    fn pieces_are_all_there_is_and_equal_but_for_one() {
        for (length, depth) in [(10, 0), (10, 1), (10, 2), (64, 3), (5, 3)] {
            let pieces = (0..1 << depth).map(|index| Piece { depth, index }.of(length));
            let pieces: Vec<Range<usize>> = pieces.collect();
            assert!(pieces.iter().cloned().flatten().eq(0..length), "{pieces:?}");
            assert!(pieces.iter().all(|piece| piece.len().abs_diff(length >> depth) < 2), "{pieces:?}");
        }
    }

    /// The smallest text that shows a fault, as shrinking finds it, and how many were tried.
    fn shrunk(strategy: &impl Strategy<Value = String>, shows: impl Fn(&str) -> bool) -> (String, usize) {
        let mut runner = runner();
        let mut drawn = (0..100).map(|_| strategy.new_tree(&mut runner).unwrap());
        let mut tree = drawn.find(|tree| shows(&tree.current())).unwrap();
        let (mut smallest, mut tries) = (tree.current(), 0);
        while tree.simplify() {
            loop {
                tries += 1;
                if shows(&tree.current()) {
                    smallest = tree.current();
                    break;
                }
                if !tree.complicate() {
                    break;
                }
            }
        }
        (smallest, tries)
    }

    fn within(alphabet: Alphabet, drawn: RangeInclusive<usize>) -> impl Strategy<Value = String> {
        texts(&[alphabet], Some(Alphabet::Lower), Lengths { drawn, least: 1 })
    }

    fn length(text: &str) -> usize {
        text.chars().count()
    }

    #[test]
    fn texts_are_as_long_as_drawn_and_of_their_alphabet() {
        let mut runner = runner();
        for alphabet in Alphabet::SETS.into_iter().chain([Alphabet::Any, Alphabet::OneByte]) {
            let strategy = within(alphabet, 33..=40);
            for _ in 0..50 {
                let text = strategy.new_tree(&mut runner).unwrap().current();
                assert!((33..=40).contains(&length(&text)), "{alphabet:?}: {text}");
                let units = alphabet.sets().concat().concat();
                assert!(text.chars().all(|c| units.contains(c)), "{alphabet:?}: {text}");
            }
        }
    }

    #[test]
    fn a_text_shrinks_below_what_was_drawn_and_to_plain_characters() {
        for alphabet in Alphabet::SETS {
            let (text, tries) = shrunk(&within(alphabet, 33..=40), |_| true);
            assert_eq!(text, "a", "{alphabet:?}");
            assert!(tries < 30, "{alphabet:?}: {tries}");
            let (text, tries) = shrunk(&within(alphabet, 33..=40), |text| length(text) >= 30);
            assert_eq!(text, "a".repeat(30), "{alphabet:?}");
            assert!(tries < 40, "{alphabet:?}: {tries}");
        }
    }

    #[test]
    fn what_matters_stays_and_all_else_becomes_plain() {
        fn has_digit(text: &str) -> bool {
            text.contains(|c: char| c.is_ascii_digit())
        }
        type Shows = dyn Fn(&str) -> bool;
        let cases: [(Alphabet, &Shows, String); 9] = [
            (Alphabet::Digits, &|text| length(text) >= 30 && has_digit(text), format!("0{}", "a".repeat(29))),
            (Alphabet::Digits, &|text| text.chars().all(|c| c.is_ascii_digit()), "0".to_owned()),
            (Alphabet::LeadingZeros, &|text| length(text) >= 30 && text.starts_with('0'), {
                format!("0{}", "a".repeat(29))
            }),
            (Alphabet::Paths, &|text| text.contains("../"), "../".to_owned()),
            (Alphabet::TwoByte, &|text| text.len() > 64, "é".repeat(33)),
            (Alphabet::FourByte, &|text| text.encode_utf16().count() > 64, "😀".repeat(33)),
            (Alphabet::Any, &|text| text.encode_utf16().count() > length(text), "😀".to_owned()),
            (Alphabet::Nul, &|text| text.contains('\0'), "\0".to_owned()),
            (Alphabet::Combining, &|text| text.contains('\u{301}'), "\u{301}".to_owned()),
        ];
        for (index, (alphabet, shows, expected)) in cases.iter().enumerate() {
            let (text, tries) = shrunk(&within(*alphabet, 37..=40), shows);
            assert_eq!(text, *expected, "{index}: {alphabet:?}");
            assert!(tries < 60, "{index}: {alphabet:?}: {tries}");
        }
    }

    #[test]
    fn a_text_of_one_alphabet_alone_stays_in_it() {
        let strategy = texts(&[Alphabet::FourByte], None, Lengths { drawn: 65..=65, least: 65 });
        assert_eq!(shrunk(&strategy, |_| true).0, "😀".repeat(65));
        let far = plain_texts(Alphabet::Any, Lengths { drawn: 1 << 20..=1 << 20, least: 128 });
        assert_eq!(shrunk(&far, |text| text.len() > 4096).0.len(), 4097);
    }

    #[test]
    fn the_parts_keep_the_rules_of_proptest() {
        check_strategy_sanity(Downwards(Lengths { drawn: 33..=40, least: 1 }), None);
        check_strategy_sanity(FirstToDo { last: 3 }, None::<CheckStrategySanityOptions>);
        check_strategy_sanity(Halves { most: 7 }, None);
    }
}
