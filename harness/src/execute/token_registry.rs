//! Checks that no single-use value is issued twice in a run.
//!
//! A value is stored as the first 16 bytes of its SHA-256, so the registry contains no secret. The
//! probability that two of ten million values collide by chance is below 10⁻²⁴.
//!
//! Up to `MAX_VALUES`, all values are stored and every repeated one is detected. Beyond that, memory stays
//! constant: each doubling drops another half of the digests, those that do not end with one more zero bit.
//! Whether a value is dropped depends on the value alone, so both occurrences of a stored one are seen. With
//! a fraction `p` of the values stored, at least half of `MAX_VALUES` over their number, a target that
//! repeats `d` values is missed with probability `(1 - p)ᵈ`. For seven million values and a thousand repeated
//! ones, this is below 10⁻⁷.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::execute::samples::Variation;

/// Maximum number of stored values. They take 8 MiB.
const MAX_VALUES: usize = (1 << 18) / 8 * 7;

/// Maximum number of reported collisions. More would say nothing new.
const MAX_COLLISIONS: usize = 16;

/// Where in a run a value was issued. It is small because there is one for each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    case: u32,
    sample: u32,
    step: u32,
    variation: Variation,
}

impl Origin {
    /// A step of a sequence, by the indices of its case, its sample and itself. An index beyond `u32::MAX`
    /// becomes `u32::MAX`.
    pub fn new(case: usize, sample: usize, variation: Variation, step: usize) -> Self {
        let [case, sample, step] = [case, sample, step].map(|index| u32::try_from(index).unwrap_or(u32::MAX));
        Self { case, sample, step, variation }
    }

    /// The index of the case.
    pub fn case(self) -> usize {
        self.case as usize
    }

    /// The index of the sample.
    pub fn sample(self) -> usize {
        self.sample as usize
    }

    /// The sequence of the sample.
    pub fn variation(self) -> Variation {
        self.variation
    }

    /// The index of the step.
    pub fn step(self) -> usize {
        self.step as usize
    }
}

/// A callback for each stored value, with its digest and its origin.
pub type OnInsert = Box<dyn Fn(u128, Origin) + Send + Sync>;

/// All single-use values of a run, shared by all cases.
#[derive(Default)]
pub struct TokenRegistry {
    registered: Mutex<Registered>,
    on_insert: Option<OnInsert>,
}

#[derive(Debug, Default)]
struct Registered {
    origins: HashMap<u128, Origin>,
    /// Digests that end with fewer zero bits are dropped.
    zeros: u32,
    collisions: Vec<(Origin, Origin)>,
    count: u64,
}

/// The values that were issued twice.
#[derive(Debug, Clone)]
pub struct Collisions {
    /// The first and the second origin of a value, for the first collisions of the run.
    pub pairs: Vec<(Origin, Origin)>,
    /// The number of collisions.
    pub count: u64,
}

impl fmt::Debug for TokenRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenRegistry").field(&self.registered).finish()
    }
}

impl TokenRegistry {
    /// Adds a value. Returns whether it was compared with at least one other value.
    pub fn insert(&self, value: &str, origin: Origin) -> bool {
        let digest: [u8; 32] = Sha256::digest(value).into();
        let key = digest[..16].iter().fold(0, |key, byte| key << 8 | u128::from(*byte));
        let (is_kept, has_others) = {
            let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
            let has_others = !registered.origins.is_empty();
            (registered.insert(key, origin), has_others)
        };
        if let (true, Some(on_insert)) = (is_kept, &self.on_insert) {
            on_insert(key, origin);
        }
        is_kept && has_others
    }

    /// Adds a value by its digest. Returns whether it is stored.
    pub fn restore(&self, digest: u128, origin: Origin) -> bool {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, origin)
    }

    /// Calls `on_insert` for each further value that is stored.
    #[must_use]
    pub fn on_insert(self, on_insert: OnInsert) -> Self {
        Self { on_insert: Some(on_insert), ..self }
    }

    /// The collisions so far.
    pub fn collisions(&self) -> Collisions {
        let registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairs = registered.collisions.clone();
        // Cases run concurrently, so the order of the collisions is arbitrary.
        pairs.sort();
        Collisions { pairs, count: registered.count }
    }
}

impl Registered {
    /// Adds a digest. Returns whether it is stored.
    fn insert(&mut self, key: u128, origin: Origin) -> bool {
        if key.trailing_zeros() < self.zeros {
            return false;
        }
        if let Some(first) = self.origins.get(&key).copied() {
            self.count += 1;
            if self.collisions.len() < MAX_COLLISIONS {
                self.collisions.push((first, origin));
            }
            return true;
        }
        self.origins.insert(key, origin);
        while self.origins.len() > MAX_VALUES {
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
    fn repeated_value_is_a_collision() {
        let registry = TokenRegistry::default();
        let origin = |step| Origin::new(0, 0, Variation::Mutated, step);
        assert!(!registry.insert("a", origin(0)), "nothing to compare it with");
        assert!(registry.insert("b", origin(1)));
        assert_eq!(registry.collisions().count, 0);
        registry.insert("a", origin(2));
        let Collisions { pairs, count } = registry.collisions();
        assert_eq!((pairs.as_slice(), count), (&[(origin(0), origin(2))][..], 1));
        for step in 0..100 {
            registry.insert("a", origin(step));
        }
        let Collisions { pairs, count } = registry.collisions();
        assert_eq!((pairs.len(), count), (MAX_COLLISIONS, 101));
    }

    #[test]
    fn memory_is_bounded_and_repetitions_are_seen() {
        let origin = |step| Origin::new(0, 0, Variation::Mutated, step);
        // Bits as random as those of a digest.
        let key = |number: u128| {
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).rotate_right(64) ^ number
        };
        let mut registered = Registered::default();
        for number in 0..MAX_VALUES as u128 {
            registered.insert(key(number), origin(0));
        }
        assert_eq!((registered.zeros, registered.origins.len()), (0, MAX_VALUES));
        for number in MAX_VALUES as u128..1_000_000 {
            registered.insert(key(number), origin(0));
            assert!(registered.origins.len() <= MAX_VALUES);
        }
        assert!(registered.origins.len() >= MAX_VALUES / 3, "{}", registered.origins.len());
        assert_eq!((registered.zeros, registered.count), (3, 0));
        for number in 0..1000 {
            registered.insert(key(number), origin(1));
        }
        // An eighth of them.
        assert!((80..180).contains(&registered.count), "{}", registered.count);
    }
}
