//! Values that are another one in each answer: too many different ones of one field are one difference,
//! so that neither a run nor its report grows with what a target makes up. Pure.

use std::collections::BTreeMap;

use crate::judge::judgement::{Difference, VARYING};
use crate::results::case_result::{Shown, Tried};
use crate::results::occurrence;
use crate::results::occurrence::{MAX_VALUES, Witness};

/// One value that is so large a part of all that were seen is not one among many: what a target always does
/// wrong is not lost in what it makes up.
const ONE_OF: u64 = 4;

/// Makes one difference of those that are too many over all cases.
pub(crate) fn fold(tried: &mut [Option<Tried>]) {
    let mut values: BTreeMap<Difference, BTreeMap<String, u64>> = BTreeMap::new();
    for (difference, witness) in explored(tried).flat_map(|witnesses| &*witnesses) {
        if !difference.is_no_response() {
            let beside = values.entry(difference.clone().varying()).or_default();
            *beside.entry(difference.actual.clone()).or_default() += witness.count;
        }
    }
    values.retain(|_, values| values.len() > MAX_VALUES || values.contains_key(VARYING));
    for values in values.values_mut() {
        let all: u64 = values.values().sum();
        values.retain(|_, count| *count < all.div_ceil(ONE_OF));
    }
    let varies = |difference: &Difference| {
        let beside = values.get(&difference.clone().varying());
        beside.is_some_and(|values| values.contains_key(&difference.actual))
    };
    for witnesses in explored(tried) {
        for (difference, witness) in std::mem::take(witnesses) {
            let is_one_of_many = !difference.is_no_response() && varies(&difference);
            occurrence::note(
                witnesses,
                if is_one_of_many { difference.varying() } else { difference },
                witness,
            );
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
    use cases::oracle::Field;

    use super::*;
    use crate::execute::samples::Variation;
    use crate::results::case_result::Explored;
    use crate::results::occurrence::Size;

    fn difference(field: Field, actual: &str) -> Difference {
        let requirement = RequirementId::new(["errors", "type"]);
        Difference { requirement, field, expected: "A".to_owned(), actual: actual.to_owned() }
    }

    fn seen(differences: impl IntoIterator<Item = Difference>) -> BTreeMap<Difference, Witness<Shown>> {
        let mut known = BTreeMap::new();
        for difference in differences {
            let place = Shown { sample: 0, part: Variation::Mutated };
            occurrence::note_capped(&mut known, difference, Witness { place, size: Size::of(&[]), count: 1 });
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
        assert_eq!(counts(&many)[0], (VARYING, 1000));
        // What comes again and again stays, whenever it comes first.
        let again = difference(Field::ErrorType, "Z");
        let often = seen(of(0..1000).flat_map(|other| [other, again.clone()]));
        assert_eq!((often.len(), often[&again].count), (9, 1000));
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
        // One that is a large part of all is told apart.
        let often = || {
            Some(Tried::Explored(Explored {
                witnesses: seen((0..100).map(|_| difference(Field::ErrorType, "Z"))),
                ..Explored::default()
            }))
        };
        assert_eq!(folded(vec![case(0..30), often(), case(0..1)]), [1, 1, 1]);
        let mut tried = [case(0..30), often()];
        fold(&mut tried);
        let told: Vec<_> =
            explored(&mut tried).flat_map(|seen| seen.keys()).map(|it| it.actual.as_str()).collect();
        assert_eq!(told, [VARYING, "Z"]);
    }
}
