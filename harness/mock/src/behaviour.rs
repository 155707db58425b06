//! The decisions of the server. The default methods are the reference.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::value::RawValue;

use super::TOKEN_LIFETIME;
use super::delivery::Delivery;
use super::dialect::Dialect;
use super::fault::{Fault, JsonType, Parameter, Problem};
use super::read::{self, Members, Operation};
use super::resources::{By, Configuration, DeploymentKey, Identifiers, Identity, NotFound, Resources};
use super::signature::{self, Flaw};
use super::token::{Claims, Nonce, Sealer};

/// What the server decides at each point where the contract has a rule. A deviation overrides the
/// one decision that it gets wrong.
pub trait Behaviour: Send + Sync {
    // The request as HTTP has it. A front that tells connections apart puts a
    // [`Connection`](super::Connection) into its extensions.

    /// Whether the request is looked at, before anything else is.
    fn admit(&self, _request: &Request<Bytes>) -> Result<(), Fault> {
        Ok(())
    }

    /// Whether a request is refused for this flaw of its signature, where signatures are verified.
    fn flawed(&self, flaw: Flaw, _request: &Request<Bytes>) -> Result<(), Fault> {
        Err(Fault::Signature(flaw))
    }

    /// The hash of the body that a signature has to cover.
    fn payload_hash(&self, request: &Request<Bytes>) -> String {
        signature::hash_of(request.body())
    }

    /// The operation that the request calls by its method and path.
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, Fault> {
        read::route(request, dialect)
    }

    /// Whether a body that is not empty may have the content type that it has.
    fn media_type(&self, request: &Request<Bytes>) -> Result<(), Fault> {
        if read::is_json(request) { Ok(()) } else { Err(Fault::MediaType) }
    }

    /// The value of `configuration_token` in a query, still percent-encoded; it is empty where the
    /// name stands there alone.
    fn token_parameter<'a>(&self, query: &'a str) -> Option<&'a str> {
        read::query_parameters(query, "configuration_token").next()
    }

    /// How long to wait before a request that was read is carried out. Only fronts that can wait do.
    fn pause(&self, _request: &Request<Bytes>) -> Duration {
        Duration::ZERO
    }

    // The body.

    /// What an empty body holds.
    fn empty_body(&self) -> Result<Members, Fault> {
        Err(Fault::EmptyBody)
    }

    /// The text of a body.
    fn text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
        std::str::from_utf8(body).map(Cow::Borrowed).map_err(|_| Fault::Malformed)
    }

    /// The members of the object that `text` writes.
    fn members(&self, text: &str) -> Result<Members, Fault> {
        read::members(text)
    }

    /// Whether a member that the contract does not know is allowed.
    fn unknown_member(&self, _name: &str) -> Result<(), Fault> {
        Ok(())
    }

    /// What the members of the body are taken for, all of them together.
    fn examine(&self, members: Members, _dialect: &Dialect) -> Result<Members, Fault> {
        Ok(members)
    }

    // Identifiers.

    /// The identifier that stands for an absent member.
    fn missing(&self, parameter: Parameter) -> Result<String, Fault> {
        Err(Fault::Missing(parameter))
    }

    /// The identifier that stands for null.
    fn null(&self, parameter: Parameter) -> Result<String, Fault> {
        Err(Fault::Null(parameter))
    }

    /// The identifier that stands for a boolean, number, array or object.
    fn not_a_string(&self, parameter: Parameter, value: &RawValue) -> Result<String, Fault> {
        Err(Fault::WrongType(parameter, JsonType::of(value.get())))
    }

    /// How long `text` is.
    fn length(&self, text: &str) -> usize {
        text.chars().count()
    }

    /// The lengths that an identifier may have.
    fn identifier_length(&self, _parameter: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        dialect.identifier_length.clone()
    }

    /// What is looked up for an identifier that keeps its constraints.
    fn looked_up(
        &self,
        _parameter: Parameter,
        identifier: String,
        _dialect: &Dialect,
    ) -> Result<String, Fault> {
        Ok(identifier)
    }

    // RequiredMinimumPollIntervalInSeconds.

    /// The interval that null stands for.
    fn null_interval(&self) -> Result<Option<i64>, Fault> {
        Ok(None)
    }

    /// The interval that a value other than null stands for: a 32-bit integer. `60.0` and `6e1`,
    /// which the contract leaves open, are none.
    fn integer(&self, value: &RawValue) -> Result<Option<i64>, Fault> {
        match serde_json::from_str::<i32>(value.get()) {
            Ok(integer) => Ok(Some(i64::from(integer))),
            Err(_) => Err(Fault::WrongType(
                Parameter::RequiredMinimumPollIntervalInSeconds,
                JsonType::of(value.get()),
            )),
        }
    }

    /// The intervals that a session may ask for, in seconds.
    fn interval_range(&self, range: &RangeInclusive<i32>) -> RangeInclusive<i64> {
        i64::from(*range.start())..=i64::from(*range.end())
    }

    /// The interval of a session that asks for one that it may not have.
    fn interval_out_of_range(&self, seconds: i64) -> Result<Option<NonZeroU32>, Fault> {
        Err(Fault::Range(Parameter::RequiredMinimumPollIntervalInSeconds, seconds))
    }

    // Resources.

    /// Where a constraint is broken and the resource is not found either: whether the latter is told.
    fn looks_up_first(&self, _broken: &Fault, _missing: &Fault) -> bool {
        false
    }

    /// The deployment that `identifiers` name.
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        resources.locate(identifiers, |by, parameter, wanted, identity| {
            self.means(by, parameter, wanted, identity)
        })
    }

    /// Whether the text of `parameter` means `identity`.
    fn means(&self, by: By, _parameter: Parameter, wanted: &str, identity: &Identity) -> bool {
        wanted == identity.by(by)
    }

    // Tokens.

    /// What a request without `configuration_token` polls.
    fn missing_token(&self) -> Result<Claims, Fault> {
        Err(Fault::Missing(Parameter::ConfigurationToken))
    }

    /// What a request with an empty `configuration_token` polls.
    fn empty_token(&self) -> Result<Claims, Fault> {
        Err(Fault::Length(Parameter::ConfigurationToken, 0))
    }

    /// The token that carries `claims`.
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        sealer.seal(claims, nonce)
    }

    /// The claims that a token carries.
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        sealer.open(token).ok_or(Fault::Token(Problem::Corrupted))
    }

    /// Whether a token has served already: `newest` is the sequence number of the only token of
    /// its session that has not.
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        claims.sequence != newest
    }

    /// Why a token that has served already is refused.
    fn spent(&self, _claims: &Claims) -> Fault {
        Fault::Token(Problem::Corrupted)
    }

    /// Whether a token is too old.
    fn is_expired(&self, claims: &Claims, now: Duration) -> bool {
        now.saturating_sub(claims.issued) > TOKEN_LIFETIME
    }

    /// Whether a poll comes too early.
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        now < claims.not_before
    }

    /// The seconds until the next poll that the answer to a poll carries, and that a session may be held to.
    fn next_interval(&self, claims: &Claims, default: NonZeroU32) -> NonZeroU32 {
        claims.interval.unwrap_or(default)
    }

    // Responses.

    /// Whether the session has the newest configuration, so that the body stays empty.
    fn is_unchanged(&self, claims: &Claims, version: u64) -> bool {
        claims.seen == version
    }

    /// What a poll delivers of the configuration that is deployed.
    fn delivered(&self, _claims: &Claims, deployed: &Configuration) -> Configuration {
        deployed.clone()
    }

    /// The fault that is reported in place of the one that was found.
    fn fault(&self, fault: Fault) -> Fault {
        fault
    }

    /// The status of a refusal.
    fn status(&self, fault: &Fault) -> StatusCode {
        fault.status()
    }

    /// The error type of a refusal.
    fn error_type(&self, fault: &Fault) -> &'static str {
        fault.error_type()
    }

    /// The response as it leaves the server. One that tells an error has the [`Fault`] in its
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

impl Behaviour for Reference {}
