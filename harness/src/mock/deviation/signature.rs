//! Signatures that are not verified, or not in every part.

use bytes::Bytes;
use http::{Method, Request};

use super::{Contracts, Deviation, Reports};
use crate::mock::behaviour::{Behaviour, Reference};
use crate::mock::fault::Fault;
use crate::mock::signature::Flaw;

const UNSIGNED: &str = "*/signature/required/unsigned";

pub(super) const ALL: &[Deviation] = &[
    Deviation {
        name: "unsigned-accepted",
        about: "A request that is not signed is carried out.",
        contracts: Contracts::Both,
        must_fail: &[UNSIGNED],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|flaw, _| flaw == Flaw::Missing)),
    },
    Deviation {
        name: "unsigned-poll-accepted",
        about: "A session is polled without a signature.",
        contracts: Contracts::Both,
        must_fail: &["get-latest-configuration/signature/required/unsigned"],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|_, request| request.method() == Method::GET)),
    },
    Deviation {
        name: "unsigned-fails",
        about: "A request that is not signed makes the server fail.",
        contracts: Contracts::Both,
        must_fail: &[UNSIGNED],
        may_fail: &[],
        behaviour: || {
            Box::new(Reports(|fault| match fault {
                Fault::Signature(Flaw::Missing) => Fault::Internal,
                other => other,
            }))
        },
    },
    Deviation {
        name: "unknown-access-key-accepted",
        about: "Any access key id counts as the known one.",
        contracts: Contracts::Both,
        must_fail: &["*/signature/key/unknown"],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|flaw, _| flaw == Flaw::UnknownKey)),
    },
    Deviation {
        name: "unknown-access-key-fails",
        about: "An access key id that nobody has makes the server fail.",
        contracts: Contracts::Both,
        must_fail: &["*/signature/key/unknown"],
        may_fail: &[],
        behaviour: || {
            Box::new(Reports(|fault| match fault {
                Fault::Signature(Flaw::UnknownKey) => Fault::Internal,
                other => other,
            }))
        },
    },
    Deviation {
        name: "signature-not-compared",
        about: "A signature counts as the right one, whatever it is.",
        contracts: Contracts::Both,
        must_fail: &["*/signature/key/wrong-secret", "*/signature/integrity/*"],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|flaw, _| flaw == Flaw::Mismatch)),
    },
    Deviation {
        name: "signature-compared-with-body-only",
        about: "The signature of a request without a body counts as the right one.",
        contracts: Contracts::Both,
        must_fail: &[
            "get-latest-configuration/signature/key/wrong-secret",
            "get-latest-configuration/signature/integrity/query-changed",
        ],
        may_fail: &[],
        behaviour: || {
            Box::new(Overlooks(|flaw, request| flaw == Flaw::Mismatch && request.body().is_empty()))
        },
    },
    Deviation {
        name: "body-hash-trusted",
        about: "The hash of the body is taken from the header that names it.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/signature/integrity/body-changed"],
        may_fail: &[],
        behaviour: || Box::new(TrustsHash),
    },
    Deviation {
        name: "signature-date-not-checked",
        about: "A signature is good for ever.",
        contracts: Contracts::Both,
        must_fail: &["*/signature/time/expired"],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|flaw, _| flaw == Flaw::Time)),
    },
    Deviation {
        name: "signature-service-not-checked",
        about: "A signature for any service is accepted.",
        contracts: Contracts::Both,
        must_fail: &["*/signature/service/other-service"],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|flaw, _| flaw == Flaw::Service)),
    },
    Deviation {
        name: "signature-region-not-checked",
        about: "A signature for any region is accepted.",
        contracts: Contracts::Both,
        must_fail: &["*/signature/region/other-region"],
        may_fail: &[],
        behaviour: || Box::new(Overlooks(|flaw, _| flaw == Flaw::Region)),
    },
    Deviation {
        name: "wrong-signature-as-malformed",
        about: "A signature that does not match is refused as a body that is malformed.",
        contracts: Contracts::Both,
        must_fail: &["*/errors/type"],
        may_fail: &[],
        behaviour: || {
            Box::new(Reports(|fault| match fault {
                Fault::Signature(Flaw::Mismatch) => Fault::Malformed,
                other => other,
            }))
        },
    },
];

/// Overlooks some flaws in the signatures of some requests.
struct Overlooks(fn(Flaw, &Request<Bytes>) -> bool);

impl Behaviour for Overlooks {
    fn flawed(&self, flaw: Flaw, request: &Request<Bytes>) -> Result<(), Fault> {
        if (self.0)(flaw, request) { Ok(()) } else { Err(Fault::Signature(flaw)) }
    }
}

struct TrustsHash;

impl Behaviour for TrustsHash {
    fn payload_hash(&self, request: &Request<Bytes>) -> String {
        let named = request.headers().get("x-amz-content-sha256").and_then(|hash| hash.to_str().ok());
        named.map_or_else(|| Reference.payload_hash(request), str::to_owned)
    }
}
