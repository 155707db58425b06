//! Paths, methods, parameters and names, where the contract leaves it open what is found.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};

use super::{Reports, Variant, fault_of, serving, variant, with_body, with_status, without_header};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter};
use crate::read::{Operation, query_parameters};
use crate::render::ERROR_TYPE;
use crate::resources::{By, Identity, ResourceKind};

pub(super) const ALL: &[Variant] = &[
    variant("case-insensitive-identifiers")
        .about("Identifiers are found in letters of either case.")
        .serving(|| serving(IgnoresCase)),
    variant("look-up-before-other-constraints")
        .about("That a resource is not found is told before another member breaks its constraints.")
        .breaks_a_should()
        .serving(|| serving(LooksUpOthersFirst)),
    variant("trailing-slash-accepted")
        .about("A slash behind the path of an operation is ignored.")
        .serving(|| serving(IgnoresSlash)),
    variant("last-token-counts")
        .about("Of a token that stands in the query twice the last one counts.")
        .breaks_a_should()
        .serving(|| serving(LastToken)),
    variant("repeated-token-refused")
        .about("A token that stands in the query twice is refused.")
        .breaks_a_should()
        .serving(|| serving(OneTokenOnly)),
    variant("any-content-type-accepted")
        .about("A body is read as JSON, whatever its content type is.")
        .serving(|| serving(AnyType)),
    variant("other-content-type-answers-400")
        .about("A body that is not declared as JSON is a bad request, not an unsupported media type.")
        .serving(|| {
            serving(Reports(|fault| match fault {
                Fault::MediaType => Fault::Malformed,
                other => other,
            }))
        }),
    variant("wrong-method-answers-404")
        .about("A method that the path does not have is answered with 404.")
        .serving(|| {
            serving(Reports(|fault| match fault {
                Fault::WrongMethod(_) => Fault::UnknownPath,
                other => other,
            }))
        }),
    variant("wrong-method-answers-400")
        .about("A method that the path does not have is a bad request.")
        .serving(|| {
            serving(Reports(|fault| match fault {
                Fault::WrongMethod(_) => Fault::Malformed,
                other => other,
            }))
        }),
    variant("unknown-path-answers-403")
        .about("A path that no operation has is answered with 403, an empty body and no error type.")
        .serving(|| serving(Forbids)),
    variant("length-required")
        .about("A body in chunks is refused with 411, for it does not tell its length.")
        .serving(|| serving(WantsLength)),
];

struct IgnoresCase;

impl Behaviour for IgnoresCase {
    fn means(&self, by: By, _: Parameter, wanted: &str, identity: &Identity) -> bool {
        wanted.to_lowercase() == identity.by(by).to_lowercase()
    }
}

struct LooksUpOthersFirst;

impl Behaviour for LooksUpOthersFirst {
    fn looks_up_first(&self, broken: &Fault, missing: &Fault) -> bool {
        let broken = match broken {
            Fault::Length(parameter, _) | Fault::Range(parameter, _) => Some(*parameter),
            _ => None,
        };
        let missing = match missing {
            Fault::NotFound(missing) => Some(missing.kind),
            _ => None,
        };
        broken.zip(missing).is_some_and(|(broken, missing)| {
            broken
                != match missing {
                    ResourceKind::Application => Parameter::ApplicationIdentifier,
                    ResourceKind::Environment => Parameter::EnvironmentIdentifier,
                    ResourceKind::ConfigurationProfile | ResourceKind::Deployment => {
                        Parameter::ConfigurationProfileIdentifier
                    }
                }
        })
    }
}

struct IgnoresSlash;

impl Behaviour for IgnoresSlash {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, Fault> {
        let mut dialect = dialect.clone();
        if request.uri().path().len() > 1 && request.uri().path().ends_with('/') {
            for path in [&mut dialect.start_path, &mut dialect.get_path] {
                path.push('/');
            }
        }
        Reference.route(request, &dialect)
    }
}

struct LastToken;

impl Behaviour for LastToken {
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        query_parameters(query, "configuration_token").next_back()
    }
}

struct OneTokenOnly;

impl Behaviour for OneTokenOnly {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, Fault> {
        let query = request.uri().query().unwrap_or_default();
        if query_parameters(query, "configuration_token").nth(1).is_some() {
            return Err(Fault::Pattern(Parameter::ConfigurationToken));
        }
        Reference.route(request, dialect)
    }
}

struct AnyType;

impl Behaviour for AnyType {
    fn media_type(&self, _: &Request<Bytes>) -> Result<(), Fault> {
        Ok(())
    }
}

struct Forbids;

impl Behaviour for Forbids {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if fault_of(&response) != Some(&Fault::UnknownPath) {
            return response;
        }
        let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
        with_body(with_status(response, StatusCode::FORBIDDEN), "")
    }
}

struct WantsLength;

impl Behaviour for WantsLength {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, Fault> {
        if request.headers().contains_key(http::header::TRANSFER_ENCODING) {
            return Err(Fault::LengthRequired);
        }
        Reference.route(request, dialect)
    }
}
