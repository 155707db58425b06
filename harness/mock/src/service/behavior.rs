//! The decisions of the server. The default methods are the reference.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::value::RawValue;

use crate::contract::{Dialect, Parameter};
use crate::protocol::{self, ApiError, Delivery, JsonType, Members, Operation, TokenProblem};
use crate::resources::{By, Configuration, DeploymentKey, Identifiers, Identity, NotFound, Resources};
use crate::signature::{SignatureError, body_hash};
use crate::token::{Claims, Nonce, Sealer, TOKEN_LIFETIME};

/// What the server decides at each point where the contract has a rule. A mutant overrides the one decision
/// that it gets wrong. Each method that returns an [`ApiError`] refuses the request with it.
pub trait Behavior: Send + Sync {
    // The request as HTTP has it. The server puts a [`Connection`](crate::Connection) into its extensions.

    /// Whether to process the request at all; it comes before everything else.
    fn on_request(&self, _request: &Request<Bytes>) -> Result<(), ApiError> {
        Ok(())
    }

    /// Whether a request with this error in its signature is accepted, where signatures are verified.
    fn invalid_signature(&self, error: SignatureError, _request: &Request<Bytes>) -> Result<(), ApiError> {
        Err(ApiError::Signature(error))
    }

    /// The hash of the body that a signature has to cover.
    fn payload_hash(&self, request: &Request<Bytes>) -> String {
        body_hash(request.body())
    }

    /// The operation that the request calls by its method and path.
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, ApiError> {
        protocol::route(request, dialect)
    }

    /// Whether a body that is not empty may have its content type.
    fn check_content_type(&self, request: &Request<Bytes>) -> Result<(), ApiError> {
        if protocol::is_json(request) { Ok(()) } else { Err(ApiError::MediaType) }
    }

    /// The value of `configuration_token` in a query, still percent-encoded. It is empty if the parameter has
    /// no value.
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        protocol::query_parameters(query, "configuration_token").next()
    }

    /// How long to wait between reading a request and executing it. Only the server waits, not
    /// [`Mock::respond`](crate::Mock::respond).
    fn pause(&self, _request: &Request<Bytes>) -> Duration {
        Duration::ZERO
    }

    // The body.

    /// The members of an empty body.
    fn empty_body(&self) -> Result<Members, ApiError> {
        Err(ApiError::EmptyBody)
    }

    /// The text of a body.
    fn body_text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, ApiError> {
        std::str::from_utf8(body).map(Cow::Borrowed).map_err(|_| ApiError::Malformed)
    }

    /// The members of the JSON object in `text`.
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        protocol::members(text)
    }

    /// Whether a member is allowed that the contract does not have.
    fn unknown_member(&self, _name: &str) -> Result<(), ApiError> {
        Ok(())
    }

    /// The members to use in place of those of the body.
    fn adjust_members(&self, members: Members, _dialect: &Dialect) -> Result<Members, ApiError> {
        Ok(members)
    }

    // Identifiers.

    /// The identifier to use for an absent member.
    fn missing_identifier(&self, parameter: Parameter) -> Result<String, ApiError> {
        Err(ApiError::Missing(parameter))
    }

    /// The identifier to use for null.
    fn null_identifier(&self, parameter: Parameter) -> Result<String, ApiError> {
        Err(ApiError::Null(parameter))
    }

    /// The identifier to use for a value that is no string: a boolean, number, array or object, or a string
    /// with a lone surrogate.
    fn non_string_identifier(&self, parameter: Parameter, value: &RawValue) -> Result<String, ApiError> {
        Err(ApiError::WrongType(parameter, JsonType::of(value.get())))
    }

    /// The length of an identifier.
    fn text_length(&self, text: &str) -> usize {
        text.chars().count()
    }

    /// The lengths that an identifier may have.
    fn identifier_length(&self, _parameter: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        dialect.identifier_length.clone()
    }

    /// The text to look up for an identifier that satisfies its constraints.
    fn lookup_text(
        &self,
        _parameter: Parameter,
        identifier: String,
        _dialect: &Dialect,
    ) -> Result<String, ApiError> {
        Ok(identifier)
    }

    // RequiredMinimumPollIntervalInSeconds.

    /// The interval to use for null.
    fn null_interval(&self) -> Result<Option<i64>, ApiError> {
        Ok(None)
    }

    /// The interval to use for a value other than null: a 32-bit integer. The contract does not say whether
    /// `60.0` and `6e1` are integers; the reference refuses them.
    fn interval(&self, value: &RawValue) -> Result<Option<i64>, ApiError> {
        match serde_json::from_str::<i32>(value.get()) {
            Ok(integer) => Ok(Some(i64::from(integer))),
            Err(_) => Err(ApiError::WrongType(
                Parameter::RequiredMinimumPollIntervalInSeconds,
                JsonType::of(value.get()),
            )),
        }
    }

    /// The intervals that a session may ask for, in seconds.
    fn interval_range(&self, range: &RangeInclusive<i32>) -> RangeInclusive<i64> {
        i64::from(*range.start())..=i64::from(*range.end())
    }

    /// The interval of a session that asks for one out of range.
    fn interval_out_of_range(&self, seconds: i64) -> Result<Option<NonZeroU32>, ApiError> {
        Err(ApiError::Range(Parameter::RequiredMinimumPollIntervalInSeconds, seconds))
    }

    // Resources.

    /// Whether `not_found` is reported where the request also violates a constraint.
    fn reports_not_found_first(&self, _violation: &ApiError, _not_found: &ApiError) -> bool {
        false
    }

    /// The deployment that `identifiers` name.
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        resources.find_deployment(identifiers, |by, parameter, requested, identity| {
            self.identifies(by, parameter, requested, identity)
        })
    }

    /// Whether the text of `parameter` identifies the resource with this identity.
    fn identifies(&self, by: By, _parameter: Parameter, requested: &str, identity: &Identity) -> bool {
        requested == identity.by(by)
    }

    // Tokens.

    /// What a request without `configuration_token` polls.
    fn missing_token(&self) -> Result<Claims, ApiError> {
        Err(ApiError::Missing(Parameter::ConfigurationToken))
    }

    /// What a request with an empty `configuration_token` polls.
    fn empty_token(&self) -> Result<Claims, ApiError> {
        Err(ApiError::Length(Parameter::ConfigurationToken, 0))
    }

    /// The token that carries `claims`.
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        sealer.seal(claims, nonce)
    }

    /// The claims that a token carries.
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        sealer.open(token).ok_or(ApiError::Token(TokenProblem::Corrupted))
    }

    /// Whether a token was used before. `newest` is the sequence number of the only token of its session that
    /// was not.
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        claims.sequence != newest
    }

    /// The error for a token that was used before.
    fn used_token_error(&self, _claims: &Claims) -> ApiError {
        ApiError::Token(TokenProblem::Corrupted)
    }

    /// Whether a token is too old.
    fn is_expired(&self, claims: &Claims, now: Duration) -> bool {
        now.saturating_sub(claims.issued) > TOKEN_LIFETIME
    }

    /// Whether a poll comes too early.
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        now < claims.not_before
    }

    /// The seconds until the next poll, which the response to a poll carries and the server may enforce.
    fn next_interval(&self, claims: &Claims, default: NonZeroU32) -> NonZeroU32 {
        claims.interval.unwrap_or(default)
    }

    // Responses.

    /// Whether the session has the newest configuration already, so that the body stays empty.
    fn is_unchanged(&self, claims: &Claims, version: u64) -> bool {
        claims.seen == version
    }

    /// The configuration that a poll delivers for the deployed one.
    fn delivered(&self, _claims: &Claims, deployed: &Configuration) -> Configuration {
        deployed.clone()
    }

    /// The error to report in place of this one.
    fn map_error(&self, error: ApiError) -> ApiError {
        error
    }

    /// The status of the response to an error.
    fn status(&self, error: &ApiError) -> StatusCode {
        error.status()
    }

    /// The error type in the response to an error.
    fn error_type(&self, error: &ApiError) -> &'static str {
        error.error_type()
    }

    /// The response to send in place of this one. The response to an error has the [`ApiError`] in its
    /// extensions.
    fn finish(&self, _request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        response
    }

    /// How responses are written to a connection.
    fn delivery(&self) -> Delivery {
        Delivery::default()
    }
}

/// The conformant server.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference;

impl Behavior for Reference {}
