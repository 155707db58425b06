//! Why a case of the catalogue cannot be sent in a run. Pure.

use std::collections::BTreeSet;

use cases::catalogue::Case;
use cases::fixture::Fixture;
use cases::signing::Signing;

/// What a run has to send cases with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means<'a> {
    /// The resources that are known; `None` if there are all that a case may need.
    pub(crate) fixtures: Option<&'a [Fixture]>,
    /// Whether requests are signed.
    pub(crate) signs: bool,
    /// Whether requests go by HTTP/2 alone.
    pub http2_only: bool,
    /// The operations whose signatures the target is known not to verify.
    pub(crate) unverified: &'a BTreeSet<String>,
}

/// What a case needs and a run does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lack {
    /// A form of requests that HTTP/2 does not have.
    #[error("HTTP/2 has no such form of a request: this needs --http 1.1")]
    Http1,
    /// A resource; the text says which.
    #[error("{0}")]
    Fixture(String),
    /// Signed requests.
    #[error("needs --sigv4: the requests of this run are not signed")]
    Signing,
    /// A target that looks at signatures.
    #[error("the target verifies no signatures: it accepts one by a wrong secret key")]
    Verification,
}

impl Means<'_> {
    /// What a case lacks, if it does.
    pub(crate) fn lack(&self, case: &Case) -> Option<Lack> {
        if self.http2_only && case.needs_http1() {
            return Some(Lack::Http1);
        }
        if let Some(reason) = self.fixtures.and_then(|fixtures| case.missing_prerequisite(fixtures)) {
            return Some(Lack::Fixture(reason));
        }
        match case.signing() {
            Signing::Valid => None,
            _ if !self.signs => Some(Lack::Signing),
            // Whether a signature is needed is a question all the same.
            Signing::Absent => None,
            _ if self.unverified.contains(&case.operation) => Some(Lack::Verification),
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
    fn each_lack_is_of_what_is_not_there() {
        let catalogue = Catalogue::of(&Contract::model().unwrap());
        let operations: BTreeSet<String> =
            catalogue.cases.iter().map(|case| case.operation.clone()).collect();
        let none = BTreeSet::new();
        let all = Means { fixtures: None, signs: true, http2_only: false, unverified: &none };
        let lacks = |means: Means<'_>| {
            let cases = catalogue.cases.iter().filter_map(|case| Some((case, means.lack(case)?)));
            cases.map(|(case, lack)| (case.signing(), lack)).collect::<Vec<_>>()
        };
        assert_eq!(lacks(all), []);
        assert_eq!(lacks(Means { fixtures: Some(&[]), ..all }).len(), catalogue.cases.len());
        let http2 = lacks(Means { http2_only: true, ..all });
        assert!(!http2.is_empty() && http2.iter().all(|(_, lack)| *lack == Lack::Http1));
        let unsigned = lacks(Means { signs: false, ..all });
        assert!(unsigned.iter().all(|(signing, lack)| *signing != Signing::Valid && *lack == Lack::Signing));
        let unverified = lacks(Means { unverified: &operations, ..all });
        assert!(unverified.iter().all(|(_, lack)| *lack == Lack::Verification));
        // Whether a signature is needed at all can be asked of each operation.
        assert_eq!(unsigned.len(), unverified.len() + operations.len());
    }
}
