//! The smallest sequence that showed something, and how often it was shown.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use crate::execute::executed::ExecutedStep;
use crate::judge::judgement::{Difference, VARYING};

/// Where something was seen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Witness<P> {
    /// The place.
    pub place: P,
    /// How large the sequence is that shows it.
    pub size: Size,
    /// How many sequences showed it.
    pub count: u64,
}

/// The size of a sequence: its length first, then the bytes of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Size {
    steps: usize,
    bytes: usize,
}

impl Size {
    /// The size of steps that were played.
    pub fn of(steps: &[ExecutedStep]) -> Self {
        let bytes = steps
            .iter()
            .map(|step| step.display_request().target.len() + step.display_request().body.len())
            .sum();
        Self { steps: steps.len(), bytes }
    }

    /// How many steps there are.
    pub fn steps(self) -> usize {
        self.steps
    }
}

/// Takes note that something was seen; the smallest witness stays.
pub fn note<K: Ord, P: Copy>(known: &mut BTreeMap<K, Witness<P>>, key: K, witness: Witness<P>) {
    match known.entry(key) {
        Entry::Vacant(first) => {
            first.insert(witness);
        }
        Entry::Occupied(mut known) => {
            let count = known.get().count + witness.count;
            let smallest = if witness.size < known.get().size { witness } else { *known.get() };
            known.insert(Witness { count, ..smallest });
        }
    }
}

/// So many different values of a field are told apart.
pub(crate) const MAX_VALUES: usize = 8;

/// Takes note of a difference. Where there are too many already, the one that was seen least becomes a
/// varying one.
pub(crate) fn note_capped<P: Copy>(
    known: &mut BTreeMap<Difference, Witness<P>>,
    difference: Difference,
    witness: Witness<P>,
) {
    let is_new = !difference.is_no_response() && !known.contains_key(&difference);
    if is_new && let Some(least) = one_too_many(known, &difference) {
        // It was found there.
        if let Some(witness) = known.remove(&least) {
            note(known, least.varying(), witness);
        }
    }
    note(known, difference, witness);
}

/// Of the values beside a new one the one that was seen least, if there is no room for one more.
fn one_too_many<P>(known: &BTreeMap<Difference, Witness<P>>, new: &Difference) -> Option<Difference> {
    let first = Difference { actual: String::new(), ..new.clone() };
    let beside = known.range(first..).take_while(|(other, _)| other.differs_in_value_only(new));
    let values = beside.filter(|(other, _)| !other.is_no_response() && other.actual != VARYING);
    let least = values.clone().min_by_key(|(_, witness)| witness.count);
    least.filter(|_| values.count() >= MAX_VALUES).map(|(least, _)| least.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_stays_and_all_are_counted() {
        let mut known = BTreeMap::new();
        for (place, steps, bytes) in [('a', 2, 5), ('b', 1, 90), ('c', 1, 90), ('d', 3, 1)] {
            note(&mut known, "it", Witness { place, size: Size { steps, bytes }, count: 1 });
        }
        assert_eq!((known["it"].place, known["it"].count), ('b', 4));
    }
}
