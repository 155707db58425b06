//! Answers that come compressed, though each request asks for them as they are (`accept-encoding: identity`).
//!
//! Nothing is decompressed: a client that asks for no coding need not know any. So what stands in such a body
//! is read by nobody, and that it is coded is what the answer does wrong, once for each operation.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation};
use cases::id::RequirementId;
use cases::oracle::Field;
use cases::requirement::{errors, success_body};

use crate::judge::judgement::Difference;
use crate::results::case_result::Tried;

/// Takes the coded errors of an operation for the same fault as its coded successes.
pub(crate) fn fold(contract: &Contract, tried: &mut [Option<Tried>]) {
    let is_coded = |difference: &Difference| difference.field == Field::ContentEncoding;
    let accused: BTreeSet<RequirementId> = explored(tried)
        .flat_map(|explored| explored.witnesses.keys())
        .filter(|difference| is_coded(difference))
        .map(|difference| difference.requirement.clone())
        .collect();
    let says_so = |operation: &&Operation| accused.contains(&success_body(operation));
    let same: BTreeMap<RequirementId, RequirementId> = contract
        .operations
        .iter()
        .filter(says_so)
        .map(|operation| (errors(operation, "content-type"), success_body(operation)))
        .collect();
    let instead =
        |difference: &Difference| same.get(&difference.requirement).filter(|_| is_coded(difference)).cloned();
    for explored in explored(tried) {
        explored.witnesses.retain(|difference, _| instead(difference).is_none());
        explored.blocked.replace_each(|mut difference| {
            difference.requirement = instead(&difference).unwrap_or(difference.requirement);
            difference
        });
    }
}

fn explored(tried: &mut [Option<Tried>]) -> impl Iterator<Item = &mut crate::results::case_result::Explored> {
    tried.iter_mut().filter_map(|tried| match tried {
        Some(Tried::Explored(explored)) => Some(explored),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::samples::Variation;
    use crate::results::blocked::Blocked;
    use crate::results::case_result::{Explored, Shown};
    use crate::results::occurrence::{Size, Witness};

    #[test]
    fn coded_errors_are_the_fault_of_coded_successes_of_the_same_operation() {
        let contract = Contract::model().unwrap();
        let [start, get] = ["StartConfigurationSession", "GetLatestConfiguration"]
            .map(|name| contract.operation(name).unwrap());
        let difference = |requirement| Difference {
            requirement,
            field: Field::ContentEncoding,
            expected: "<absent>".to_owned(),
            actual: "gzip".to_owned(),
        };
        let of = |requirements: &[RequirementId]| {
            let place = Shown { sample: 0, part: Variation::Mutated };
            let witness = Witness { place, size: Size::of(&[]), count: 1 };
            let differences = || requirements.iter().cloned().map(difference);
            let witnesses = differences().map(|it| (it, witness)).collect();
            let blocked = Blocked { samples: differences().collect(), ..Blocked::default() };
            Some(Tried::Explored(Explored { witnesses, blocked, ..Explored::default() }))
        };
        let errors = |operation| errors(operation, "content-type");
        let mut tried = [of(&[success_body(start)]), of(&[errors(start), errors(get)]), None];
        fold(&contract, &mut tried);
        let left: Vec<_> = explored(&mut tried).flat_map(|it| it.witnesses.keys().cloned()).collect();
        assert_eq!(left, [difference(success_body(start)), difference(errors(get))]);
        let blockers: Vec<_> = explored(&mut tried).map(|it| it.blocked.samples.clone()).collect();
        let expected = BTreeSet::from([difference(success_body(start)), difference(errors(get))]);
        assert_eq!(blockers[1], expected, "what they hide depends on the same fault");
    }
}
