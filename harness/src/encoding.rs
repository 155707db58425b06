//! Answers that come compressed, though each request asks for them as they are (`accept-encoding: identity`).
//!
//! Nothing is decompressed: a client that asks for no coding need not know any. So what stands in such a body
//! is read by nobody, and that it is coded is what the answer does wrong, once for each operation.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation};
use cases::id::RequirementId;
use cases::oracle::Field;
use cases::protocol::Response;
use cases::requirement::{errors, success_body};

use crate::judge::Difference;
use crate::verdict::Tried;

/// The header that tells the codings of a body.
pub(crate) const HEADER: &str = "content-encoding";

/// The codings of a body in their order, if it has any. `identity` is none (RFC 9110, 8.4), and where there
/// is no body nothing is coded.
pub(crate) fn content_encoding(response: &Response) -> Option<String> {
    if response.body.is_empty() {
        return None;
    }
    let values = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(HEADER));
    let codings =
        values.flat_map(|(_, value)| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<String> = codings.filter(|coding| !matches!(coding.as_str(), "" | "identity")).collect();
    (!codings.is_empty()).then(|| codings.join(", "))
}

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

fn explored(tried: &mut [Option<Tried>]) -> impl Iterator<Item = &mut crate::explore::Explored> {
    tried.iter_mut().filter_map(|tried| match tried {
        Some(Tried::Explored(explored)) => Some(explored),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocked::Blocked;
    use crate::explore::{Explored, Part, Shown};
    use crate::witness::{Size, Witness};

    fn coded(values: &[&str], body: &str) -> Option<String> {
        let header = |value: &&str| ("Content-Encoding".to_owned(), (*value).to_owned());
        let headers = values.iter().map(header).collect();
        content_encoding(&Response { status: 200, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn codings_are_told_in_their_order() {
        for (values, told) in [
            (&["gzip"][..], "gzip"),
            (&["GZip "], "gzip"),
            (&["deflate, br"], "deflate, br"),
            (&["deflate", "identity, x-own"], "deflate, x-own"),
        ] {
            assert_eq!(coded(values, "a").as_deref(), Some(told));
        }
        for plain in [&[][..], &["identity"], &[""], &["Identity, identity"]] {
            assert_eq!(coded(plain, "a"), None);
        }
        assert_eq!(coded(&["gzip"], ""), None);
    }

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
            let place = Shown { sample: 0, part: Part::Steps };
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
