//! Servers that verify signatures, but not in every part.

use bytes::Bytes;
use http::{Method, Request};

use super::definition::{Mutant, mutant};
use crate::protocol::ApiError;
use crate::service::{Behavior, Reference};
use crate::signature::SignatureError;
use crate::toolkit::MapsErrors;

const UNSIGNED: &str = "*/signature/required/unsigned";

/// A mutant that verifies signatures.
const fn verifying_mutant(name: &'static str) -> Mutant {
    mutant(name).verifies_signatures()
}

pub(super) const ALL: &[Mutant] = &[
    verifying_mutant("unsigned-accepted")
        .about("An unsigned request is accepted.")
        .must_fail(&[UNSIGNED])
        .behavior(|| Box::new(Accepts(|error, _| error == SignatureError::Missing))),
    verifying_mutant("unsigned-poll-accepted")
        .about("An unsigned poll is accepted.")
        .must_fail(&["get-latest-configuration/signature/required/unsigned"])
        .behavior(|| Box::new(Accepts(|_, request| request.method() == Method::GET))),
    verifying_mutant("unsigned-fails")
        .about("An unsigned request makes the server fail.")
        .must_fail(&[UNSIGNED])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Signature(SignatureError::Missing) => ApiError::Internal,
                other => other,
            }))
        }),
    verifying_mutant("unknown-access-key-accepted")
        .about("Any access key id is accepted.")
        .must_fail(&["*/signature/key/unknown"])
        .behavior(|| Box::new(Accepts(|error, _| error == SignatureError::UnknownKey))),
    verifying_mutant("unknown-access-key-fails")
        .about("An unknown access key id makes the server fail.")
        .must_fail(&["*/signature/key/unknown"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Signature(SignatureError::UnknownKey) => ApiError::Internal,
                other => other,
            }))
        }),
    verifying_mutant("signature-not-compared")
        .about("Any signature is accepted as the right one.")
        .must_fail(&["*/signature/key/wrong-secret", "*/signature/integrity/*"])
        .behavior(|| Box::new(Accepts(|error, _| error == SignatureError::Mismatch))),
    verifying_mutant("signature-compared-with-body-only")
        .about("Any signature of a request without a body is accepted as the right one.")
        .must_fail(&[
            "get-latest-configuration/signature/key/wrong-secret",
            "get-latest-configuration/signature/integrity/query-changed",
        ])
        .behavior(|| {
            Box::new(Accepts(|error, request| error == SignatureError::Mismatch && request.body().is_empty()))
        }),
    verifying_mutant("body-hash-trusted")
        .about("The hash of the body is taken from its header instead of being computed.")
        .must_fail(&["start-configuration-session/signature/integrity/body-changed"])
        .behavior(|| Box::new(TrustsHash)),
    verifying_mutant("signature-date-not-checked")
        .about("A signature never expires.")
        .must_fail(&["*/signature/time/expired"])
        .behavior(|| Box::new(Accepts(|error, _| error == SignatureError::Date))),
    verifying_mutant("signature-service-not-checked")
        .about("A signature for any service is accepted.")
        .must_fail(&["*/signature/service/other-service"])
        .behavior(|| Box::new(Accepts(|error, _| error == SignatureError::Service))),
    verifying_mutant("signature-region-not-checked")
        .about("A signature for any region is accepted.")
        .must_fail(&["*/signature/region/other-region"])
        .behavior(|| Box::new(Accepts(|error, _| error == SignatureError::Region))),
    verifying_mutant("wrong-signature-as-malformed")
        .about("A signature that does not match gets the error of a malformed body.")
        .must_fail(&["*/errors/type"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Signature(SignatureError::Mismatch) => ApiError::Malformed,
                other => other,
            }))
        }),
];

/// Accepts some errors in the signatures of some requests.
struct Accepts(fn(SignatureError, &Request<Bytes>) -> bool);

impl Behavior for Accepts {
    fn invalid_signature(&self, error: SignatureError, request: &Request<Bytes>) -> Result<(), ApiError> {
        if (self.0)(error, request) { Ok(()) } else { Err(ApiError::Signature(error)) }
    }
}

struct TrustsHash;

impl Behavior for TrustsHash {
    fn payload_hash(&self, request: &Request<Bytes>) -> String {
        let named = request.headers().get("x-amz-content-sha256").and_then(|hash| hash.to_str().ok());
        named.map_or_else(|| Reference.payload_hash(request), str::to_owned)
    }
}
