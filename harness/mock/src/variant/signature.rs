//! Servers that verify signatures, and the errors that they return.

use bytes::Bytes;
use http::{Request, StatusCode};

use super::definition::{Variant, variant};
use crate::protocol::ApiError;
use crate::service::{Behavior, MockConfig, Reference};
use crate::signature::{DEFAULT_REGION, SignatureError};

pub(super) const ALL: &[Variant] = &[
    variant("signatures-verified").about("Requests have to be signed.").config(|| signed(Reference)),
    variant("signature-expired-as-invalid")
        .about("A request with an old date gets the error of a signature that does not match.")
        .config(|| {
            signed(ChangesErrors(|error| match error {
                SignatureError::Date => Some((StatusCode::FORBIDDEN, "InvalidSignatureException")),
                _ => None,
            }))
        }),
    variant("signature-errors-with-suffix")
        .about("The types of all signature errors end in Exception.")
        .config(|| {
            signed(ChangesErrors(|error| match error {
                SignatureError::Missing => {
                    Some((StatusCode::FORBIDDEN, "MissingAuthenticationTokenException"))
                }
                SignatureError::Incomplete => Some((StatusCode::BAD_REQUEST, "IncompleteSignatureException")),
                SignatureError::Date => Some((StatusCode::BAD_REQUEST, "RequestExpiredException")),
                _ => None,
            }))
        }),
    variant("wrong-signatures-denied")
        .about("Every signature error is AccessDeniedException.")
        .config(|| signed(ChangesErrors(|_| Some((StatusCode::FORBIDDEN, "AccessDeniedException"))))),
    variant("wrong-signatures-return-401")
        .about("Every signature error has the status 401.")
        .breaks_a_should()
        .config(|| signed(ChangesErrors(|_| Some((StatusCode::UNAUTHORIZED, "AccessDeniedException"))))),
    variant("signature-optional")
        .about("Requests need no signature, but a signature is verified if there is one.")
        .breaks_a_should()
        .config(|| signed(Accepts(SignatureError::Missing))),
    variant("signatures-of-any-region")
        .about("Requests may be signed for any region.")
        .breaks_a_should()
        .config(|| signed(Accepts(SignatureError::Region))),
];

fn signed(behavior: impl Behavior + 'static) -> MockConfig {
    MockConfig::with(behavior).signed_for(DEFAULT_REGION)
}

/// Gives some signature errors another status and type.
struct ChangesErrors(fn(SignatureError) -> Option<(StatusCode, &'static str)>);

impl ChangesErrors {
    fn changed(&self, error: &ApiError) -> Option<(StatusCode, &'static str)> {
        match error {
            ApiError::Signature(error) => (self.0)(*error),
            _ => None,
        }
    }
}

impl Behavior for ChangesErrors {
    fn status(&self, error: &ApiError) -> StatusCode {
        self.changed(error).map_or_else(|| error.status(), |(status, _)| status)
    }

    fn error_type(&self, error: &ApiError) -> &'static str {
        self.changed(error).map_or_else(|| error.error_type(), |(_, name)| name)
    }
}

/// Accepts requests with this error.
struct Accepts(SignatureError);

impl Behavior for Accepts {
    fn invalid_signature(&self, error: SignatureError, _request: &Request<Bytes>) -> Result<(), ApiError> {
        if error == self.0 { Ok(()) } else { Err(ApiError::Signature(error)) }
    }
}
