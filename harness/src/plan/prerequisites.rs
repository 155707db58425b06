//! The prerequisites of a case that a run does not have. Pure.

use std::collections::BTreeSet;

use cases::catalogue::Case;
use cases::generate::World;
use cases::signing::Signing;

/// What a run can send cases with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capabilities<'a> {
    /// The known resources, and what may be called; `None` if there is all that a case may need.
    pub(crate) world: Option<&'a World>,
    /// Whether requests are signed.
    pub(crate) signs: bool,
    /// Whether requests use HTTP/2 only.
    pub http2_only: bool,
    /// The operations whose signatures the target is known not to verify.
    pub(crate) unverified: &'a BTreeSet<String>,
}

/// A prerequisite that a run does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    /// A form of requests that HTTP/2 does not have.
    #[error("requires --http 1.1: HTTP/2 has no such form of a request")]
    Http1,
    /// A resource. The text says which.
    #[error("{0}")]
    Fixture(String),
    /// Calls that may change the target.
    #[error("requires --allow-writes: the operation may change the target")]
    Writes,
    /// Signed requests.
    #[error("requires --sigv4: the requests of this run are not signed")]
    Signing,
    /// A target that verifies signatures.
    #[error("the target verifies no signatures: it accepts one made with a wrong secret key")]
    Verification,
}

impl Capabilities<'_> {
    /// The prerequisite of a case that is missing, if any.
    pub(crate) fn missing(&self, case: &Case) -> Option<Missing> {
        if self.http2_only && case.needs_http1() {
            return Some(Missing::Http1);
        }
        if let Some(world) = self.world {
            if let Some(reason) = case.missing_prerequisite(&world.fixtures) {
                return Some(Missing::Fixture(reason));
            }
            if world.contract.operation(&case.operation).is_some_and(|operation| !world.may_call(operation)) {
                return Some(Missing::Writes);
            }
        }
        match case.signing() {
            Signing::Valid => None,
            _ if !self.signs => Some(Missing::Signing),
            // A target that verifies no signatures may still require one.
            Signing::Absent => None,
            _ if self.unverified.contains(&case.operation) => Some(Missing::Verification),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use cases::catalogue::Catalogue;
    use cases::contract::Contract;

    use super::*;

    #[test]
    fn missing_prerequisites_are_named() {
        let catalogue = Catalogue::of(&Contract::model().unwrap());
        let operations: BTreeSet<String> =
            catalogue.cases.iter().map(|case| case.operation.clone()).collect();
        let none = BTreeSet::new();
        let all = Capabilities { world: None, signs: true, http2_only: false, unverified: &none };
        let missing = |capabilities: Capabilities<'_>| {
            let cases = catalogue.cases.iter().filter_map(|case| Some((case, capabilities.missing(case)?)));
            cases.map(|(case, missing)| (case.signing(), missing)).collect::<Vec<_>>()
        };
        assert_eq!(missing(all), []);
        let unknown = World::new(Contract::model().unwrap(), Vec::new());
        assert_eq!(missing(Capabilities { world: Some(&unknown), ..all }).len(), catalogue.cases.len());
        let http2 = missing(Capabilities { http2_only: true, ..all });
        assert!(!http2.is_empty());
        assert!(http2.iter().all(|(_, missing)| *missing == Missing::Http1));
        let unsigned = missing(Capabilities { signs: false, ..all });
        assert!(
            unsigned
                .iter()
                .all(|(signing, missing)| *signing != Signing::Valid && *missing == Missing::Signing)
        );
        let unverified = missing(Capabilities { unverified: &operations, ..all });
        assert!(unverified.iter().all(|(_, missing)| *missing == Missing::Verification));
        // Each operation has one case without a signature, which needs no verification.
        assert_eq!(unsigned.len(), unverified.len() + operations.len());
    }
}
