//! The single-use values of a whole run: none may be issued twice.
//!
//! A value is kept as the first 16 bytes of its SHA-256, so that the census holds no secret. Two of ten
//! million values are taken for one with a probability below 10⁻²⁴.
//!
//! Up to `MOST_VALUES` all values are kept, and every one that comes again is seen. Beyond, so that a
//! run of any length takes the same memory, each doubling leaves out another half of the digests, those
//! that do not end with one more zero bit. Which ones are left out depends on the value alone: of one
//! that is kept, both times are seen. With a part `p` of the values kept, at least half of `MOST_VALUES`
//! over their number, a target that repeats `d` values is not caught with a probability of `(1 - p)ᵈ`:
//! with seven million values and a thousand repeated ones below 10⁻⁷.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::execute::samples::Part;

/// So many values are kept, 8 MiB of them.
const MOST_VALUES: usize = (1 << 18) / 8 * 7;

/// Collisions beyond these would tell nothing new.
const MOST_COLLISIONS: usize = 16;

/// Where in a run a value was issued. As small as it can be: there is one for each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    case: u32,
    sample: u32,
    step: u32,
    part: Part,
}

impl Origin {
    /// A step of a sequence, by the indices of its case, of its sample and of itself. What lies beyond
    /// four thousand million of either is taken for the last of them.
    pub fn new(case: usize, sample: usize, part: Part, step: usize) -> Self {
        let [case, sample, step] = [case, sample, step].map(|index| u32::try_from(index).unwrap_or(u32::MAX));
        Self { case, sample, step, part }
    }

    /// The index of the case.
    pub fn case(self) -> usize {
        self.case as usize
    }

    /// The index of its sample.
    pub fn sample(self) -> usize {
        self.sample as usize
    }

    /// Which of its sequences.
    pub fn part(self) -> Part {
        self.part
    }

    /// The index of the step.
    pub fn step(self) -> usize {
        self.step as usize
    }
}

/// Told of each value that is kept: its digest, and where it was issued.
pub type Told = Box<dyn Fn(u128, Origin) + Send + Sync>;

/// Every value that was issued, shared by all cases.
#[derive(Default)]
pub struct Census {
    counted: Mutex<Counted>,
    told: Option<Told>,
}

#[derive(Debug, Default)]
struct Counted {
    origins: HashMap<u128, Origin>,
    /// Digests that end with fewer zero bits are left out.
    zeros: u32,
    collisions: Vec<(Origin, Origin)>,
    count: u64,
}

/// The values that were issued twice.
#[derive(Debug, Clone)]
pub struct Collisions {
    /// Where the same value was issued first and again, the first ones of the run.
    pub pairs: Vec<(Origin, Origin)>,
    /// How many there were.
    pub count: u64,
}

impl fmt::Debug for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Census").field(&self.counted).finish()
    }
}

impl Census {
    /// Takes note of a value, and says whether there was one that it was held against.
    pub fn note(&self, value: &str, origin: Origin) -> bool {
        let digest: [u8; 32] = Sha256::digest(value).into();
        let key = digest[..16].iter().fold(0, |key, byte| key << 8 | u128::from(*byte));
        let (is_kept, has_others) = {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let has_others = !counted.origins.is_empty();
            (counted.note(key, origin), has_others)
        };
        if let (true, Some(told)) = (is_kept, &self.told) {
            told(key, origin);
        }
        is_kept && has_others
    }

    /// Takes note of a value again by its digest, and says whether it is kept.
    pub fn restore(&self, digest: u128, origin: Origin) -> bool {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).note(digest, origin)
    }

    /// The same, which tells of each further value that it keeps.
    #[must_use]
    pub fn telling(self, told: Told) -> Self {
        Self { told: Some(told), ..self }
    }

    /// What was issued twice so far.
    pub fn collisions(&self) -> Collisions {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairs = counted.collisions.clone();
        // Cases run side by side; the order in which they happen to is nothing to report.
        pairs.sort();
        Collisions { pairs, count: counted.count }
    }
}

impl Counted {
    /// Whether it is kept.
    fn note(&mut self, key: u128, origin: Origin) -> bool {
        if key.trailing_zeros() < self.zeros {
            return false;
        }
        if let Some(first) = self.origins.get(&key).copied() {
            self.count += 1;
            if self.collisions.len() < MOST_COLLISIONS {
                self.collisions.push((first, origin));
            }
            return true;
        }
        self.origins.insert(key, origin);
        while self.origins.len() > MOST_VALUES {
            self.zeros += 1;
            self.origins.retain(|key, _| key.trailing_zeros() >= self.zeros);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_comes_again_is_a_collision() {
        let census = Census::default();
        let origin = |step| Origin::new(0, 0, Part::Steps, step);
        assert!(!census.note("a", origin(0)), "nothing to hold it against");
        assert!(census.note("b", origin(1)));
        assert_eq!(census.collisions().count, 0);
        census.note("a", origin(2));
        let Collisions { pairs, count } = census.collisions();
        assert_eq!((pairs.as_slice(), count), (&[(origin(0), origin(2))][..], 1));
        for step in 0..100 {
            census.note("a", origin(step));
        }
        let Collisions { pairs, count } = census.collisions();
        assert_eq!((pairs.len(), count), (MOST_COLLISIONS, 101));
    }

    #[test]
    fn many_values_take_no_more_memory_and_repeated_ones_are_still_seen() {
        let origin = |step| Origin::new(0, 0, Part::Steps, step);
        // Bits as those of a digest.
        let key = |number: u128| {
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).rotate_right(64) ^ number
        };
        let mut counted = Counted::default();
        for number in 0..MOST_VALUES as u128 {
            counted.note(key(number), origin(0));
        }
        assert_eq!((counted.zeros, counted.origins.len()), (0, MOST_VALUES));
        for number in MOST_VALUES as u128..1_000_000 {
            counted.note(key(number), origin(0));
            assert!(counted.origins.len() <= MOST_VALUES);
        }
        assert!(counted.origins.len() >= MOST_VALUES / 3, "{}", counted.origins.len());
        assert_eq!((counted.zeros, counted.count), (3, 0));
        for number in 0..1000 {
            counted.note(key(number), origin(1));
        }
        // An eighth of them.
        assert!((80..180).contains(&counted.count), "{}", counted.count);
    }
}
