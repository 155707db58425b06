//! The smallest sequence that showed a difference, and how many sequences did.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use cases::oracle::Value;
use serde::{Deserialize, Serialize};

use crate::execute::executed::ExecutedStep;
use crate::judge::judgement::Difference;

/// Where a difference was seen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Occurrence<P> {
    /// The place of the smallest sequence.
    pub place: P,
    /// How large that sequence is.
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
    /// The size of steps that were sent.
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

/// Adds an occurrence to the known ones. The smallest one stays, and the counts add up.
pub fn record<K: Ord, P: Copy>(known: &mut BTreeMap<K, Occurrence<P>>, key: K, occurrence: Occurrence<P>) {
    match known.entry(key) {
        Entry::Vacant(first) => {
            first.insert(occurrence);
        }
        Entry::Occupied(mut known) => {
            let count = known.get().count + occurrence.count;
            let smallest = if occurrence.size < known.get().size { occurrence } else { *known.get() };
            known.insert(Occurrence { count, ..smallest });
        }
    }
}

/// The maximum number of values of a field that are kept apart.
pub(crate) const MAX_VALUES: usize = 8;

/// Adds an occurrence of a difference. If its field has too many values already, the rarest one of them
/// becomes part of [`Value::Varying`].
pub(crate) fn record_capped<P: Copy>(
    known: &mut BTreeMap<Difference, Occurrence<P>>,
    difference: Difference,
    occurrence: Occurrence<P>,
) {
    let is_new = !difference.is_no_response() && !known.contains_key(&difference);
    if is_new && let Some(least) = rarest_of_too_many(known, &difference) {
        // The key was just found in the map.
        if let Some(occurrence) = known.remove(&least) {
            record(known, least.varying(), occurrence);
        }
    }
    record(known, difference, occurrence);
}

/// The rarest of the values of the same field as a new one, if there is no room for one more.
fn rarest_of_too_many<P>(
    known: &BTreeMap<Difference, Occurrence<P>>,
    new: &Difference,
) -> Option<Difference> {
    let first = Difference { actual: Value::fixed(""), ..new.clone() };
    let values = known.range(first..).take_while(|(other, _)| other.differs_in_value_only(new));
    let values = values.filter(|(other, _)| !other.is_no_response() && other.actual != Value::Varying);
    let least = values.clone().min_by_key(|(_, occurrence)| occurrence.count);
    least.filter(|_| values.count() >= MAX_VALUES).map(|(least, _)| least.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_occurrence_stays_and_all_are_counted() {
        let mut known = BTreeMap::new();
        for (place, steps, bytes) in [('a', 2, 5), ('b', 1, 90), ('c', 1, 90), ('d', 3, 1)] {
            record(&mut known, "it", Occurrence { place, size: Size { steps, bytes }, count: 1 });
        }
        assert_eq!((known["it"].place, known["it"].count), ('b', 4));
    }
}
