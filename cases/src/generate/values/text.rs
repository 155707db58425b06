//! Texts of an exact number of characters that shrink to fewer and plainer ones.
//!
//! A text has independent parts, each of which shrinks by a search of its own: its characters, its end, its
//! beginning, and the segment of it that matters. So a text of any length is small and plain after some dozens of
//! exchanges.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use proptest::num::usize::BinarySearch;
use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;

use super::alphabet::Alphabet;

/// The number of random units of a text, which are then repeated.
const RANDOM_UNITS: usize = 64;

/// The lengths of texts, in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::generate) struct Lengths {
    /// The lengths that are drawn.
    pub(in crate::generate) drawn: RangeInclusive<usize>,
    /// The length that a text may shrink to, which may be below all that are drawn.
    pub(in crate::generate) min: usize,
}

/// The plainest texts of an alphabet.
pub(in crate::generate) fn plain_texts(
    alphabet: Alphabet,
    lengths: Lengths,
) -> impl Strategy<Value = String> {
    Downwards(lengths).prop_map(move |length| alphabet.plain(length))
}

/// Texts of alphabets. They shrink to the plainest units of these, or to those of `plainer` if these suffice.
pub(in crate::generate) fn texts(
    alphabets: &[Alphabet],
    plainer: Option<Alphabet>,
    lengths: Lengths,
) -> impl Strategy<Value = String> + use<> {
    let sets: Vec<_> = alphabets.iter().flat_map(|alphabet| alphabet.sets()).collect();
    let mut plain: Vec<_> =
        plainer.iter().chain(alphabets).flat_map(|alphabet| alphabet.plainest()).collect();
    let mut seen = BTreeSet::new();
    plain.retain(|unit| seen.insert(*unit));
    let min = lengths.min;
    let longest = *lengths.drawn.end();
    let max_spare = longest.saturating_sub(min);
    let parts = (
        prop::collection::vec(any::<usize>(), RANDOM_UNITS).no_shrink(),
        FirstSufficient { last: plain.len() },
        Downwards(lengths),
        Downwards(Lengths { drawn: max_spare..=max_spare, min: 0 }),
        Halves { max_depth: longest.max(1).ilog2() + 1 },
    );
    parts.prop_map(move |(units, repeated, end, spare, segment)| {
        // `spare` characters more than the least length stay; the others are removed from the beginning.
        let start = end.saturating_sub(min).saturating_sub(spare);
        let segment = segment.range(end - start);
        let random = units.iter().cycle().flat_map(|number| {
            let set = &sets[number % sets.len()];
            set[number / sets.len() % set.len()].chars()
        });
        let repeat = |index: usize| plain.get(index).map(|unit| unit.chars().cycle());
        let written: Vec<char> = match repeat(repeated) {
            Some(unit) => unit.skip(start).take(end - start).collect(),
            None => random.skip(start).take(end - start).collect(),
        };
        let plainest = repeat(0).into_iter().flatten();
        let write = |((index, c), plain)| if segment.contains(&index) { c } else { plain };
        written.into_iter().enumerate().zip(plainest).map(write).collect()
    })
}

/// Numbers that shrink by halves towards the minimum, which may be below all that are drawn.
#[derive(Debug, Clone)]
struct Downwards(Lengths);

impl Strategy for Downwards {
    type Tree = BinarySearch;
    type Value = usize;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let drawn = self.0.drawn.new_tree(runner)?.current();
        Ok(BinarySearch::new_above(self.0.min.min(drawn), drawn))
    }
}

/// The number `last`, which shrinks to the first of 0, 1, 2, … that suffices.
#[derive(Debug, Clone, Copy)]
struct FirstSufficient {
    last: usize,
}

#[derive(Debug, Clone, Copy)]
struct FirstSufficientTree {
    last: usize,
    current: usize,
    has_begun: bool,
}

impl Strategy for FirstSufficient {
    type Tree = FirstSufficientTree;
    type Value = usize;

    fn new_tree(&self, _: &mut TestRunner) -> NewTree<Self> {
        Ok(FirstSufficientTree { last: self.last, current: self.last, has_begun: false })
    }
}

impl ValueTree for FirstSufficientTree {
    type Value = usize;

    fn current(&self) -> usize {
        self.current
    }

    fn simplify(&mut self) -> bool {
        if self.has_begun || self.last == 0 {
            return false;
        }
        self.has_begun = true;
        self.current = 0;
        true
    }

    fn complicate(&mut self) -> bool {
        let more = self.current < self.last;
        self.current += usize::from(more);
        more
    }
}

/// The whole of something, which shrinks to the half of it that matters, then to the half of that, and so on
/// until both halves matter.
#[derive(Debug, Clone, Copy)]
struct Halves {
    /// How often it is halved at most.
    max_depth: u32,
}

/// One of the 2^`depth` equal segments of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    depth: u32,
    index: usize,
}

#[derive(Debug, Clone, Copy)]
struct HalvesTree {
    max_depth: u32,
    whole: Segment,
    current: Segment,
    has_ended: bool,
}

impl Segment {
    /// The indices of the segment in something of this length.
    fn range(self, length: usize) -> Range<usize> {
        (length * self.index) >> self.depth..(length * (self.index + 1)) >> self.depth
    }
}

impl Strategy for Halves {
    type Tree = HalvesTree;
    type Value = Segment;

    fn new_tree(&self, _: &mut TestRunner) -> NewTree<Self> {
        let whole = Segment { depth: 0, index: 0 };
        Ok(HalvesTree { max_depth: self.max_depth, whole, current: whole, has_ended: false })
    }
}

impl ValueTree for HalvesTree {
    type Value = Segment;

    fn current(&self) -> Segment {
        self.current
    }

    fn simplify(&mut self) -> bool {
        if self.has_ended || self.current.depth == self.max_depth {
            return false;
        }
        self.whole = self.current;
        // The first half comes first: a text is easier to read if its beginning matters.
        self.current = Segment { depth: self.whole.depth + 1, index: self.whole.index * 2 };
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
            self.has_ended = true;
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
    fn segments_cover_all_and_are_of_equal_length() {
        for (length, depth) in [(10, 0), (10, 1), (10, 2), (64, 3), (5, 3)] {
            let segments = (0..1 << depth).map(|index| Segment { depth, index }.range(length));
            let segments: Vec<Range<usize>> = segments.collect();
            assert!(segments.iter().cloned().flatten().eq(0..length), "{segments:?}");
            let differences = segments.iter().map(|segment| segment.len().abs_diff(length >> depth));
            assert!(differences.max() < Some(2), "{segments:?}");
        }
    }

    /// The smallest text that shows a failure, as shrinking finds it, and the number of tries.
    fn shrink(strategy: &impl Strategy<Value = String>, fails: impl Fn(&str) -> bool) -> (String, usize) {
        let mut runner = runner();
        let mut drawn = (0..100).map(|_| strategy.new_tree(&mut runner).unwrap());
        let mut tree = drawn.find(|tree| fails(&tree.current())).unwrap();
        let (mut smallest, mut tries) = (tree.current(), 0);
        while tree.simplify() {
            loop {
                tries += 1;
                if fails(&tree.current()) {
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
        texts(&[alphabet], Some(Alphabet::Lower), Lengths { drawn, min: 1 })
    }

    fn length(text: &str) -> usize {
        text.chars().count()
    }

    #[test]
    fn texts_have_drawn_length_and_alphabet() {
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
    fn texts_shrink_below_drawn_length_to_plain_characters() {
        for alphabet in Alphabet::SETS {
            let (text, tries) = shrink(&within(alphabet, 33..=40), |_| true);
            assert_eq!(text, "a", "{alphabet:?}");
            assert!(tries < 30, "{alphabet:?}: {tries}");
            let (text, tries) = shrink(&within(alphabet, 33..=40), |text| length(text) >= 30);
            assert_eq!(text, "a".repeat(30), "{alphabet:?}");
            assert!(tries < 40, "{alphabet:?}: {tries}");
        }
    }

    #[test]
    fn only_characters_that_matter_stay() {
        fn has_digit(text: &str) -> bool {
            text.contains(|c: char| c.is_ascii_digit())
        }
        type Fails = dyn Fn(&str) -> bool;
        let cases: [(Alphabet, &Fails, String); 9] = [
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
        for (index, (alphabet, fails, expected)) in cases.iter().enumerate() {
            let (text, tries) = shrink(&within(*alphabet, 37..=40), fails);
            assert_eq!(text, *expected, "{index}: {alphabet:?}");
            assert!(tries < 60, "{index}: {alphabet:?}: {tries}");
        }
    }

    #[test]
    fn text_without_plainer_alphabet_stays_in_its_own() {
        let strategy = texts(&[Alphabet::FourByte], None, Lengths { drawn: 65..=65, min: 65 });
        assert_eq!(shrink(&strategy, |_| true).0, "😀".repeat(65));
        let far = plain_texts(Alphabet::Any, Lengths { drawn: 1 << 20..=1 << 20, min: 128 });
        assert_eq!(shrink(&far, |text| text.len() > 4096).0.len(), 4097);
    }

    #[test]
    fn strategies_satisfy_proptest() {
        check_strategy_sanity(Downwards(Lengths { drawn: 33..=40, min: 1 }), None);
        check_strategy_sanity(FirstSufficient { last: 3 }, None::<CheckStrategySanityOptions>);
        check_strategy_sanity(Halves { max_depth: 7 }, None);
    }
}
