//! Values that differ from response to response: too many values of one field become one difference, so
//! that neither a run nor its report grows with what a target makes up. Pure.

use std::collections::BTreeMap;

use cases::oracle::Value;

use crate::judge::judgement::Difference;
use crate::results::case_result::{CaseEvidence, CaseOutcomes};
use crate::results::occurrence;
use crate::results::occurrence::MAX_VALUES;

/// A value that makes up at least one in this many responses keeps a difference of its own, so that what a
/// target always does wrong is not lost among the values that it makes up.
const MIN_SHARE: u64 = 4;

/// Makes one difference of the values of a field that are too many over all cases.
pub(crate) fn collapse_varying(outcomes: &mut CaseOutcomes) {
    let mut values: BTreeMap<Difference, BTreeMap<Value, u64>> = BTreeMap::new();
    for (difference, occurrence) in outcomes.evidence().flat_map(|(_, evidence)| &evidence.occurrences) {
        if !difference.is_no_response() {
            let counts = values.entry(difference.clone().varying()).or_default();
            *counts.entry(difference.actual.clone()).or_default() += occurrence.count;
        }
    }
    values.retain(|_, values| values.len() > MAX_VALUES || values.contains_key(&Value::Varying));
    for values in values.values_mut() {
        let all: u64 = values.values().sum();
        values.retain(|_, count| *count < all.div_ceil(MIN_SHARE));
    }
    let varies = |difference: &Difference| {
        let counts = values.get(&difference.clone().varying());
        counts.is_some_and(|values| values.contains_key(&difference.actual))
    };
    for CaseEvidence { occurrences, .. } in outcomes.evidence_mut() {
        for (difference, occurrence) in std::mem::take(occurrences) {
            let is_one_of_many = !difference.is_no_response() && varies(&difference);
            occurrence::record(
                occurrences,
                if is_one_of_many { difference.varying() } else { difference },
                occurrence,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use cases::id::RequirementId;
    use cases::oracle::Field;

    use super::*;
    use crate::execute::samples::Variation;
    use crate::results::case_result::{CaseIndex, CaseOutcome, SequenceRef};
    use crate::results::occurrence::{Occurrence, Size};

    fn difference(field: Field, actual: &str) -> Difference {
        let requirement = RequirementId::new(["errors", "type"]);
        let actual = Value::read(&field, actual);
        Difference { requirement, field, expected: Value::text("A"), actual }
    }

    fn seen(
        differences: impl IntoIterator<Item = Difference>,
    ) -> BTreeMap<Difference, Occurrence<SequenceRef>> {
        let mut known = BTreeMap::new();
        for difference in differences {
            let place = SequenceRef { sample: 0, part: Variation::Mutated };
            occurrence::record_capped(
                &mut known,
                difference,
                Occurrence { place, size: Size::of(&[]), count: 1 },
            );
        }
        known
    }

    fn counts(known: &BTreeMap<Difference, Occurrence<SequenceRef>>) -> Vec<(&Value, u64)> {
        known.iter().map(|(difference, occurrence)| (&difference.actual, occurrence.count)).collect()
    }

    #[test]
    fn few_values_stay_apart_and_many_become_one() {
        let of =
            |values: std::ops::Range<u32>| values.map(|n| difference(Field::ErrorType, &format!("B{n}")));
        let few = seen(of(0..8).chain(of(0..8)));
        assert!(few.len() == 8 && few.values().all(|occurrence| occurrence.count == 2), "{:?}", counts(&few));
        let many = seen(of(0..1000).chain(of(0..8)));
        assert_eq!(many.len(), 9);
        assert_eq!(counts(&many)[0], (&Value::Varying, 1000));
        // A value that comes often stays, wherever it comes first.
        let frequent = difference(Field::ErrorType, "Z");
        let often = seen(of(0..1000).flat_map(|other| [other, frequent.clone()]));
        assert_eq!((often.len(), often[&frequent].count), (9, 1000));
        // Transport failures and other expectations stay apart.
        let failures = seen((0..20).map(|n| difference(Field::Status, &format!("<failure {n}>"))));
        assert_eq!(failures.len(), 20);
        let other = |difference: Difference| Difference { expected: Value::text("C"), ..difference };
        assert_eq!(seen(of(0..8).chain(of(0..8).map(other))).len(), 16);
    }

    #[test]
    fn many_values_over_all_cases_become_one() {
        let case = |values: std::ops::Range<u32>| {
            let occurrences = seen(values.map(|n| difference(Field::ErrorType, &format!("B{n}"))));
            CaseOutcome::Ran(CaseEvidence { occurrences, ..CaseEvidence::default() })
        };
        let collapsed = |outcomes: Vec<CaseOutcome>| {
            let indices = (0..).map(CaseIndex);
            let mut outcomes = indices.zip(outcomes).collect();
            collapse_varying(&mut outcomes);
            outcomes
        };
        let lengths = |outcomes: Vec<CaseOutcome>| {
            collapsed(outcomes).evidence().map(|(_, it)| it.occurrences.len()).collect::<Vec<_>>()
        };
        assert_eq!(lengths(vec![case(0..5), case(3..8)]), [5, 5]);
        assert_eq!(lengths(vec![case(0..5), CaseOutcome::Unselected, case(5..10)]), [1, 1]);
        assert_eq!(lengths(vec![case(0..30), case(0..1)]), [1, 1]);
        // A value that is a large part of all stays apart.
        let often = || {
            CaseOutcome::Ran(CaseEvidence {
                occurrences: seen((0..100).map(|_| difference(Field::ErrorType, "Z"))),
                ..CaseEvidence::default()
            })
        };
        assert_eq!(lengths(vec![case(0..30), often(), case(0..1)]), [1, 1, 1]);
        let outcomes = collapsed(vec![case(0..30), often()]);
        let differences = outcomes.evidence().flat_map(|(_, it)| it.occurrences.keys());
        assert_eq!(
            differences.map(|it| &it.actual).collect::<Vec<_>>(),
            [&Value::Varying, &Value::text("Z")]
        );
    }
}
