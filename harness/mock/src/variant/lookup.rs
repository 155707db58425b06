//! Paths, methods, parameters and names, where the contract leaves a choice.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};

use super::definition::{Variant, variant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::{ApiError, ERROR_TYPE, Operation, query_parameters};
use crate::resources::{By, Identity, ResourceKind};
use crate::service::{Behavior, MockConfig, Reference};
use crate::toolkit::{MapsErrors, error_of, with_body, with_status, without_header};

pub(super) const ALL: &[Variant] = &[
    variant("case-insensitive-identifiers")
        .about("Identifiers are compared without regard to case.")
        .config(|| MockConfig::with(IgnoresCase)),
    variant("look-up-before-other-constraints")
        .about("A missing resource is reported before an invalid value of another member.")
        .breaks_a_should()
        .config(|| MockConfig::with(LooksUpOthersFirst)),
    variant("trailing-slash-accepted")
        .about("A slash at the end of a path is ignored.")
        .config(|| MockConfig::with(IgnoresTrailingSlash)),
    variant("last-token-counts")
        .about("Of a repeated token parameter the last one counts.")
        .breaks_a_should()
        .config(|| MockConfig::with(UsesLastToken)),
    variant("repeated-token-refused")
        .about("A repeated token parameter is refused.")
        .breaks_a_should()
        .config(|| MockConfig::with(RefusesRepeatedToken)),
    variant("any-content-type-accepted")
        .about("A body is read as JSON, whatever its content type is.")
        .config(|| MockConfig::with(AcceptsAnyType)),
    variant("other-content-type-returns-400")
        .about("A body with another content type than JSON gets 400 instead of 415.")
        .config(|| {
            MockConfig::with(MapsErrors(|error| match error {
                ApiError::MediaType => ApiError::Malformed,
                other => other,
            }))
        }),
    variant("wrong-method-returns-404").about("A method that the path does not have gets 404.").config(
        || {
            MockConfig::with(MapsErrors(|error| match error {
                ApiError::WrongMethod(_) => ApiError::UnknownPath,
                other => other,
            }))
        },
    ),
    variant("wrong-method-returns-400").about("A method that the path does not have gets 400.").config(
        || {
            MockConfig::with(MapsErrors(|error| match error {
                ApiError::WrongMethod(_) => ApiError::Malformed,
                other => other,
            }))
        },
    ),
    variant("unknown-path-returns-403")
        .about("A path that no operation has gets 403, an empty body and no error type.")
        .config(|| MockConfig::with(Forbids)),
    variant("length-required")
        .about("A chunked body is refused with 411, because it has no length.")
        .config(|| MockConfig::with(RequiresLength)),
];

struct IgnoresCase;

impl Behavior for IgnoresCase {
    fn identifies(&self, by: By, _: Parameter, requested: &str, identity: &Identity) -> bool {
        requested.to_lowercase() == identity.by(by).to_lowercase()
    }
}

struct LooksUpOthersFirst;

impl Behavior for LooksUpOthersFirst {
    fn reports_not_found_first(&self, violation: &ApiError, not_found: &ApiError) -> bool {
        let invalid = match violation {
            ApiError::Length(parameter, _) | ApiError::Range(parameter, _) => Some(*parameter),
            _ => None,
        };
        let missing = match not_found {
            ApiError::NotFound(not_found) => Some(not_found.kind),
            _ => None,
        };
        invalid.zip(missing).is_some_and(|(invalid, missing)| invalid != identifier_of(missing))
    }
}

/// The parameter that identifies a resource of this kind.
fn identifier_of(kind: ResourceKind) -> Parameter {
    match kind {
        ResourceKind::Application => Parameter::ApplicationIdentifier,
        ResourceKind::Environment => Parameter::EnvironmentIdentifier,
        ResourceKind::ConfigurationProfile | ResourceKind::Deployment => {
            Parameter::ConfigurationProfileIdentifier
        }
    }
}

struct IgnoresTrailingSlash;

impl Behavior for IgnoresTrailingSlash {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, ApiError> {
        let mut dialect = dialect.clone();
        if request.uri().path().len() > 1 && request.uri().path().ends_with('/') {
            for path in [&mut dialect.start_path, &mut dialect.get_path] {
                path.push('/');
            }
        }
        Reference.route(request, &dialect)
    }
}

struct UsesLastToken;

impl Behavior for UsesLastToken {
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        query_parameters(query, "configuration_token").next_back()
    }
}

struct RefusesRepeatedToken;

impl Behavior for RefusesRepeatedToken {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, ApiError> {
        let query = request.uri().query().unwrap_or_default();
        if query_parameters(query, "configuration_token").nth(1).is_some() {
            return Err(ApiError::Pattern(Parameter::ConfigurationToken));
        }
        Reference.route(request, dialect)
    }
}

struct AcceptsAnyType;

impl Behavior for AcceptsAnyType {
    fn check_content_type(&self, _: &Request<Bytes>) -> Result<(), ApiError> {
        Ok(())
    }
}

struct Forbids;

impl Behavior for Forbids {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if error_of(&response) != Some(&ApiError::UnknownPath) {
            return response;
        }
        let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
        with_body(with_status(response, StatusCode::FORBIDDEN), "")
    }
}

struct RequiresLength;

impl Behavior for RequiresLength {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, ApiError> {
        if request.headers().contains_key(http::header::TRANSFER_ENCODING) {
            return Err(ApiError::LengthRequired);
        }
        Reference.route(request, dialect)
    }
}
