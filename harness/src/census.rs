//! The single-use values of a whole run: none may be issued twice.
//!
//! A value is kept as the first 16 bytes of its SHA-256, so that the census takes little memory and
//! holds no secret. Two of a million values are taken for one with a probability below 10⁻²⁶.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::explore::Part;

/// Collisions beyond these would tell nothing new.
const MOST_COLLISIONS: usize = 16;

/// Where in a run a value was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The index of the case.
    pub case: usize,
    /// The index of its sample.
    pub sample: usize,
    /// Which of its sequences.
    pub part: Part,
    /// The index of the step.
    pub step: usize,
}

/// Every value that was issued, shared by all cases.
#[derive(Debug, Default)]
pub struct Census(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    origins: HashMap<[u8; 16], Origin>,
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

impl Census {
    /// Takes note of a value.
    pub fn note(&self, value: &str, origin: Origin) {
        let digest: [u8; 32] = Sha256::digest(value).into();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = counted.origins.get(&key).copied() {
            counted.count += 1;
            if counted.collisions.len() < MOST_COLLISIONS {
                counted.collisions.push((first, origin));
            }
        } else {
            counted.origins.insert(key, origin);
        }
    }

    /// What was issued twice so far.
    pub fn collisions(&self) -> Collisions {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pairs = counted.collisions.clone();
        // Cases run side by side; the order in which they happen to is nothing to report.
        pairs.sort();
        Collisions { pairs, count: counted.count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_comes_again_is_a_collision() {
        let census = Census::default();
        let origin = |step| Origin { case: 0, sample: 0, part: Part::Steps, step };
        census.note("a", origin(0));
        census.note("b", origin(1));
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
}
