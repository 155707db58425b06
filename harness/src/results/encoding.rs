//! Responses with a content coding, though each request asks for none (`accept-encoding: identity`).
//!
//! Nothing is decompressed, since a client that asks for no coding need not know any. The body of such a
//! response is not read. That it is encoded is one failure of each operation.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation};
use cases::id::RequirementId;
use cases::oracle::Field;
use cases::requirement::{errors, success_body};

use crate::judge::judgement::Difference;
use crate::results::case_result::CaseOutcomes;

/// Merges the encoded errors of an operation into the same failure as its encoded successes.
pub(crate) fn merge_encoded_errors(contract: &Contract, outcomes: &mut CaseOutcomes) {
    let is_encoded = |difference: &Difference| difference.field == Field::ContentEncoding;
    let encoded: BTreeSet<RequirementId> = outcomes
        .evidence()
        .flat_map(|(_, evidence)| evidence.occurrences.keys())
        .filter(|difference| is_encoded(difference))
        .map(|difference| difference.requirement.clone())
        .collect();
    let is_known = |operation: &&Operation| encoded.contains(&success_body(operation));
    let same: BTreeMap<RequirementId, RequirementId> = contract
        .operations
        .iter()
        .filter(is_known)
        .map(|operation| (errors(operation, "content-type"), success_body(operation)))
        .collect();
    let instead = |difference: &Difference| {
        same.get(&difference.requirement).filter(|_| is_encoded(difference)).cloned()
    };
    for evidence in outcomes.evidence_mut() {
        evidence.occurrences.retain(|difference, _| instead(difference).is_none());
        evidence.blocked.replace_each(|mut difference| {
            difference.requirement = instead(&difference).unwrap_or(difference.requirement);
            difference
        });
    }
}

#[cfg(test)]
mod tests {
    use cases::oracle::Value;

    use super::*;
    use crate::execute::samples::Variation;
    use crate::results::blocked::Blocked;
    use crate::results::case_result::{CaseEvidence, CaseIndex, CaseOutcome, SequenceRef};
    use crate::results::occurrence::{Occurrence, Size};

    #[test]
    fn encoded_errors_join_encoded_successes_of_their_operation() {
        let contract = Contract::model().unwrap();
        let [start, get] = ["StartConfigurationSession", "GetLatestConfiguration"]
            .map(|name| contract.operation(name).unwrap());
        let difference = |requirement| Difference {
            requirement,
            field: Field::ContentEncoding,
            expected: Value::Absent,
            actual: Value::text("gzip"),
        };
        let of = |requirements: &[RequirementId]| {
            let place = SequenceRef { sample: 0, part: Variation::Mutated };
            let occurrence = Occurrence { place, size: Size::of(&[]), count: 1 };
            let differences = || requirements.iter().cloned().map(difference);
            let occurrences = differences().map(|it| (it, occurrence)).collect();
            let blocked = Blocked { samples: differences().collect(), ..Blocked::default() };
            CaseOutcome::Ran(CaseEvidence { occurrences, blocked, ..CaseEvidence::default() })
        };
        let errors = |operation| errors(operation, "content-type");
        let cases = [of(&[success_body(start)]), of(&[errors(start), errors(get)])];
        let mut outcomes = (0..).map(CaseIndex).zip(cases).collect();
        merge_encoded_errors(&contract, &mut outcomes);
        let left: Vec<_> = outcomes.evidence().flat_map(|(_, it)| it.occurrences.keys().cloned()).collect();
        assert_eq!(left, [difference(success_body(start)), difference(errors(get))]);
        let blockers: Vec<_> = outcomes.evidence().map(|(_, it)| it.blocked.samples.clone()).collect();
        let expected = BTreeSet::from([difference(success_body(start)), difference(errors(get))]);
        assert_eq!(blockers[1], expected, "blockers name the merged failure");
    }
}
