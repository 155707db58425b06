//! Servers that verify signatures, and how they refuse them.

use bytes::Bytes;
use http::{Request, StatusCode};

use super::{Variant, serving, variant};
use crate::Serving;
use crate::behaviour::{Behaviour, Reference};
use crate::fault::Fault;
use crate::signature::{Flaw, REGION};

pub(super) const ALL: &[Variant] = &[
    variant("signatures-verified").about("Requests have to be signed.").serving(|| signed(Reference)),
    variant("signature-expired-as-invalid")
        .about("A request of another time is refused as one whose signature does not match.")
        .serving(|| {
            signed(Refuses(|flaw| match flaw {
                Flaw::Time => Some((StatusCode::FORBIDDEN, "InvalidSignatureException")),
                _ => None,
            }))
        }),
    variant("signature-errors-with-suffix")
        .about("The errors about signatures all have the suffix Exception.")
        .serving(|| {
            signed(Refuses(|flaw| match flaw {
                Flaw::Missing => Some((StatusCode::FORBIDDEN, "MissingAuthenticationTokenException")),
                Flaw::Incomplete => Some((StatusCode::BAD_REQUEST, "IncompleteSignatureException")),
                Flaw::Time => Some((StatusCode::BAD_REQUEST, "RequestExpiredException")),
                _ => None,
            }))
        }),
    variant("wrong-signatures-denied")
        .about("A request is denied access, whatever is wrong with its signature.")
        .serving(|| signed(Refuses(|_| Some((StatusCode::FORBIDDEN, "AccessDeniedException"))))),
    variant("wrong-signatures-answered-401")
        .about("A request is answered with 401, whatever is wrong with its signature.")
        .breaks_a_should()
        .serving(|| signed(Refuses(|_| Some((StatusCode::UNAUTHORIZED, "AccessDeniedException"))))),
    variant("signature-optional")
        .about("Requests need no signature, but one that they have is verified.")
        .breaks_a_should()
        .serving(|| signed(Overlooks(Flaw::Missing))),
    variant("signatures-of-any-region")
        .about("Requests may be signed for any region.")
        .breaks_a_should()
        .serving(|| signed(Overlooks(Flaw::Region))),
];

fn signed(behaviour: impl Behaviour + 'static) -> Serving {
    serving(behaviour).signed_for(REGION)
}

/// Refuses some flaws with another status and error type.
struct Refuses(fn(Flaw) -> Option<(StatusCode, &'static str)>);

impl Refuses {
    fn with(&self, fault: &Fault) -> Option<(StatusCode, &'static str)> {
        match fault {
            Fault::Signature(flaw) => (self.0)(*flaw),
            _ => None,
        }
    }
}

impl Behaviour for Refuses {
    fn status(&self, fault: &Fault) -> StatusCode {
        self.with(fault).map_or_else(|| fault.status(), |(status, _)| status)
    }

    fn error_type(&self, fault: &Fault) -> &'static str {
        self.with(fault).map_or_else(|| fault.error_type(), |(_, name)| name)
    }
}

/// Overlooks a flaw.
struct Overlooks(Flaw);

impl Behaviour for Overlooks {
    fn flawed(&self, flaw: Flaw, _request: &Request<Bytes>) -> Result<(), Fault> {
        if flaw == self.0 { Ok(()) } else { Err(Fault::Signature(flaw)) }
    }
}
