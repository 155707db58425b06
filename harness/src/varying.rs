//! Values that are another one in each answer: too many different ones of one field are one difference,
//! so that neither a run nor its report grows with what a target makes up. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::explore::Shown;
use crate::judge::{Difference, VARYING};
use crate::verdict::Tried;
use crate::witness::{self, Witness};

/// So many different values of a field are told apart.
pub(crate) const MOST_VALUES: usize = 8;

/// Takes note of a difference; it counts as a varying one where there are too many already.
pub(crate) fn note(
    known: &mut BTreeMap<Difference, Witness<Shown>>,
    difference: Difference,
    witness: Witness<Shown>,
) {
    let is_one_too_many = |difference: &Difference| {
        let first = Difference { actual: String::new(), ..difference.clone() };
        let values = known.range(first..).map(|(other, _)| other);
        let mut values = values.take_while(|other| other.is_beside(difference)).filter(|it| !it.is_fault());
        values.clone().any(|other| other.actual == VARYING) || values.nth(MOST_VALUES - 1).is_some()
    };
    let varies = !difference.is_fault() && !known.contains_key(&difference) && is_one_too_many(&difference);
    witness::note(known, if varies { difference.varying() } else { difference }, witness);
}

/// Makes one difference of those that are too many over all cases.
pub(crate) fn fold(tried: &mut [Option<Tried>]) {
    let mut values: BTreeMap<Difference, BTreeSet<String>> = BTreeMap::new();
    for difference in explored(tried).flat_map(|witnesses| witnesses.keys()).filter(|it| !it.is_fault()) {
        values.entry(difference.clone().varying()).or_default().insert(difference.actual.clone());
    }
    values.retain(|_, values| values.len() > MOST_VALUES || values.contains(VARYING));
    for witnesses in explored(tried) {
        for (difference, witness) in std::mem::take(witnesses) {
            let varying = difference.clone().varying();
            let varies = !difference.is_fault() && values.contains_key(&varying);
            witness::note(witnesses, if varies { varying } else { difference }, witness);
        }
    }
}

fn explored(tried: &mut [Option<Tried>]) -> impl Iterator<Item = &mut BTreeMap<Difference, Witness<Shown>>> {
    tried.iter_mut().filter_map(|tried| match tried {
        Some(Tried::Explored(explored)) => Some(&mut explored.witnesses),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use cases::id::RequirementId;
    use cases::outcome::Field;

    use super::*;
    use crate::explore::{Explored, Part};
    use crate::witness::Size;

    fn difference(field: Field, actual: &str) -> Difference {
        let requirement = RequirementId::new(["errors", "type"]);
        Difference { requirement, field, expected: "A".to_owned(), actual: actual.to_owned() }
    }

    fn seen(differences: impl IntoIterator<Item = Difference>) -> BTreeMap<Difference, Witness<Shown>> {
        let mut known = BTreeMap::new();
        for difference in differences {
            let place = Shown { sample: 0, part: Part::Steps };
            note(&mut known, difference, Witness { place, size: Size::of(&[]), count: 1 });
        }
        known
    }

    fn counts(known: &BTreeMap<Difference, Witness<Shown>>) -> Vec<(&str, u64)> {
        known.iter().map(|(difference, witness)| (difference.actual.as_str(), witness.count)).collect()
    }

    #[test]
    fn few_values_are_told_apart_and_many_are_one() {
        let of =
            |values: std::ops::Range<u32>| values.map(|n| difference(Field::ErrorType, &format!("B{n}")));
        let few = seen(of(0..8).chain(of(0..8)));
        assert!(few.len() == 8 && few.values().all(|witness| witness.count == 2), "{:?}", counts(&few));
        let many = seen(of(0..1000).chain(of(0..8)));
        assert_eq!(many.len(), 9);
        assert_eq!(counts(&many)[0], (VARYING, 992));
        // What gets no answer, and what is expected otherwise, stays what it is.
        let faults = seen((0..20).map(|n| difference(Field::Status, &format!("<fault {n}>"))));
        assert_eq!(faults.len(), 20);
        let other = |difference: Difference| Difference { expected: "C".to_owned(), ..difference };
        assert_eq!(seen(of(0..8).chain(of(0..8).map(other))).len(), 16);
    }

    #[test]
    fn many_values_over_all_cases_are_one_in_each() {
        let case = |values: std::ops::Range<u32>| {
            let witnesses = seen(values.map(|n| difference(Field::ErrorType, &format!("B{n}"))));
            Some(Tried::Explored(Explored { witnesses, ..Explored::default() }))
        };
        let folded = |mut tried: Vec<Option<Tried>>| {
            fold(&mut tried);
            explored(&mut tried).map(|witnesses| witnesses.len()).collect::<Vec<_>>()
        };
        assert_eq!(folded(vec![case(0..5), None, case(3..8)]), [5, 5]);
        assert_eq!(folded(vec![case(0..5), Some(Tried::Unselected), case(5..10)]), [1, 1]);
        assert_eq!(folded(vec![case(0..30), case(0..1)]), [1, 1]);
    }
}
