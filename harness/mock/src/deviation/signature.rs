//! Signatures that are not verified, or not in every part.

use bytes::Bytes;
use http::{Method, Request};

use super::{Deviation, Reports, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::Fault;
use crate::signature::Flaw;

const UNSIGNED: &str = "*/signature/required/unsigned";

pub(super) const ALL: &[Deviation] = &[
    deviation("unsigned-accepted")
        .about("A request that is not signed is carried out.")
        .must_fail(&[UNSIGNED])
        .behaviour(|| Box::new(Overlooks(|flaw, _| flaw == Flaw::Missing))),
    deviation("unsigned-poll-accepted")
        .about("A session is polled without a signature.")
        .must_fail(&["get-latest-configuration/signature/required/unsigned"])
        .behaviour(|| Box::new(Overlooks(|_, request| request.method() == Method::GET))),
    deviation("unsigned-fails")
        .about("A request that is not signed makes the server fail.")
        .must_fail(&[UNSIGNED])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Signature(Flaw::Missing) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("unknown-access-key-accepted")
        .about("Any access key id counts as the known one.")
        .must_fail(&["*/signature/key/unknown"])
        .behaviour(|| Box::new(Overlooks(|flaw, _| flaw == Flaw::UnknownKey))),
    deviation("unknown-access-key-fails")
        .about("An access key id that nobody has makes the server fail.")
        .must_fail(&["*/signature/key/unknown"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Signature(Flaw::UnknownKey) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("signature-not-compared")
        .about("A signature counts as the right one, whatever it is.")
        .must_fail(&["*/signature/key/wrong-secret", "*/signature/integrity/*"])
        .behaviour(|| Box::new(Overlooks(|flaw, _| flaw == Flaw::Mismatch))),
    deviation("signature-compared-with-body-only")
        .about("The signature of a request without a body counts as the right one.")
        .must_fail(&[
            "get-latest-configuration/signature/key/wrong-secret",
            "get-latest-configuration/signature/integrity/query-changed",
        ])
        .behaviour(|| {
            Box::new(Overlooks(|flaw, request| flaw == Flaw::Mismatch && request.body().is_empty()))
        }),
    deviation("body-hash-trusted")
        .about("The hash of the body is taken from the header that names it.")
        .must_fail(&["start-configuration-session/signature/integrity/body-changed"])
        .behaviour(|| Box::new(TrustsHash)),
    deviation("signature-date-not-checked")
        .about("A signature is good for ever.")
        .must_fail(&["*/signature/time/expired"])
        .behaviour(|| Box::new(Overlooks(|flaw, _| flaw == Flaw::Time))),
    deviation("signature-service-not-checked")
        .about("A signature for any service is accepted.")
        .must_fail(&["*/signature/service/other-service"])
        .behaviour(|| Box::new(Overlooks(|flaw, _| flaw == Flaw::Service))),
    deviation("signature-region-not-checked")
        .about("A signature for any region is accepted.")
        .must_fail(&["*/signature/region/other-region"])
        .behaviour(|| Box::new(Overlooks(|flaw, _| flaw == Flaw::Region))),
    deviation("wrong-signature-as-malformed")
        .about("A signature that does not match is refused as a body that is malformed.")
        .must_fail(&["*/errors/type"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Signature(Flaw::Mismatch) => Fault::Malformed,
                other => other,
            }))
        }),
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
