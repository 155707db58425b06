//! The oracle: says what must come back for a request, given its bytes and the exchanges before it.
//!
//! The oracle is the reference state machine of the contract. It follows the sessions of one sequence of exchanges,
//! knows the fixtures, and asks the [classifier](classify) about everything else.

use std::collections::BTreeMap;
use std::time::Duration;

use super::classify::{Class, MAX_BODY_SIZE, OpenReason, Reading, classify};
use super::content::{Content, content_values};
use super::expectation::{Expectation, Timing};
use super::expected_response::ExpectedResponse;
use super::known_resources::KnownResources;
use super::outcome::Status;
use super::sessions::{IssuedValue, Sessions};
use crate::contract::{CommonError, Contract, ErrorShape, Identifies, Member, Operation, ShapeId, SingleUse};
use crate::fixture::Fixture;
use crate::protocol::{Request, Response};
use crate::requirement;
use crate::signing::Signing;

/// A target is never so slow that this much time passes before the next request.
const MAX_DELAY: Duration = Duration::from_hours(1);

/// Request targets up to this length in octets should be read (RFC 9112, 3); longer ones may be refused for
/// their length.
const MAX_TARGET_LENGTH: usize = 8000;
/// URI Too Long, Request Header Fields Too Large.
pub(super) const LONG_TARGET_STATUSES: [u16; 2] = [414, 431];

/// Follows one sequence of exchanges.
#[derive(Debug)]
pub struct Oracle<'a> {
    contract: &'a Contract,
    fixtures: KnownResources<'a>,
    sessions: Sessions<'a>,
}

impl<'a> Oracle<'a> {
    /// An oracle before the first exchange.
    pub fn new(contract: &'a Contract, fixtures: &'a [Fixture]) -> Self {
        let fixtures = KnownResources(fixtures);
        Self { contract, fixtures, sessions: Sessions::new(contract, fixtures) }
    }

    /// The same for a target that enforces an interval between the calls of a session: the one of its responses, but
    /// at least `min`.
    #[must_use]
    pub fn enforcing_interval(mut self, min: Duration) -> Self {
        self.sessions.min_interval = Some(min);
        self
    }

    /// Records that at least this much time has passed.
    pub fn advance(&mut self, time: Duration) {
        self.sessions.now += time;
    }

    /// Reads a request, for the other methods.
    pub fn read(&self, request: &Request) -> Reading<'a> {
        classify(self.contract, request)
    }

    /// The time until every interval is over that a target may enforce for the session of a request.
    pub fn time_until_due(&self, reading: &Reading<'_>) -> Duration {
        let operation = reading.operation;
        operation.map_or(Duration::ZERO, |operation| self.sessions.time_until_due(operation, reading))
    }

    /// The content that the response to a request may deliver, if anything is known of it.
    pub fn content(&self, reading: &Reading<'_>) -> Option<Content<'a>> {
        let operation = reading.operation?;
        let rule = operation.output.iter().find_map(|member| member.rules.content.as_ref())?;
        self.sessions.content(&rule.of, self.sessions.presented(operation, reading)?.issued)
    }

    /// Records the response to a request.
    pub fn observe(&mut self, reading: &Reading<'_>, response: &Response) {
        if let Some(operation) = reading.operation
            && response.is_success()
        {
            self.sessions.observe(operation, reading, response);
        }
    }

    /// What must come back for a request.
    pub fn expect(&self, request: &Request, reading: &Reading<'a>) -> Expectation {
        let Some(operation) = reading.operation else { return unrouted() };
        if let Some(refusal) = self.signature_refusal(operation, request.signing) {
            return refusal;
        }
        let expectation = match &reading.class {
            Class::Unrouted => unrouted(),
            Class::Open(OpenReason::ContentType) => Expectation::of(ExpectedResponse::any(Status::Code(415)))
                .or(ExpectedResponse::any(Status::Code(400)))
                .or(self.success(operation, None))
                .left_open(),
            Class::Open(_) => Expectation::of(ExpectedResponse::any(Status::NoServerError)).left_open(),
            Class::Invalid(_) => self.for_invalid(operation, reading),
            Class::Valid => self.for_valid(operation, reading),
        };
        accepting_transfer_refusals(expectation, request, &reading.class)
    }

    /// The refusal of a request that is signed in this way. Any 4xx refuses it; that the error is a common one about
    /// signatures is a convention.
    fn signature_refusal(&self, operation: &Operation, signing: Signing) -> Option<Expectation> {
        let common = &self.contract.common_errors;
        let types = self.contract.signature_errors.get(&signing)?;
        let errors: Vec<&CommonError> = types
            .iter()
            .filter_map(|name| common.iter().find(|common| common.names().contains(name)))
            .collect();
        let response = |status: u16, errors: Vec<&&CommonError>| -> Option<ExpectedResponse> {
            let types: Vec<String> = errors.into_iter().flat_map(|error| error.names()).collect();
            let (name, alternatives) = types.split_first()?;
            let error = ErrorShape { name: name.clone(), status, members: Vec::new() };
            Some(ExpectedResponse::error(self.contract, operation, &error, alternatives).by_convention())
        };
        let with_status =
            |status: u16| errors.iter().filter(|error| error.statuses.contains(&status)).collect();
        let mut statuses: Vec<u16> = errors.iter().flat_map(|error| error.statuses.clone()).collect();
        let usual = *statuses.first()?;
        statuses.retain(|status| *status != usual);
        statuses.sort_unstable();
        statuses.dedup();
        let mut expectation = Expectation::of(response(usual, with_status(usual))?);
        for status in statuses {
            expectation = expectation.or(response(status, with_status(status))?);
        }
        let other = response(usual, errors.iter().collect())?;
        let other = other.breaking(requirement::errors(operation, "type"));
        Some(expectation.or(ExpectedResponse { status: Status::ClientError, ..other }))
    }

    /// The refusal of a request that breaks constraints.
    fn for_invalid(&self, operation: &Operation, reading: &Reading<'_>) -> Expectation {
        let rule = &self.contract.constraint_error;
        let refusal = Expectation::of(self.error(operation, &rule.error, &rule.alternatives));
        match self.fixtures.unknown_in_invalid(operation, reading) {
            Some(unknown) => {
                let not_found = self.error(operation, &unknown.error, &[]);
                refusal.or(not_found.breaking(requirement::validation_first(operation)))
            }
            None => refusal,
        }
    }

    fn for_valid(&self, operation: &Operation, reading: &Reading<'_>) -> Expectation {
        if let Some((member, rule)) = operation.single_use() {
            return self.for_single_use(operation, reading, member, rule);
        }
        match operation.input.iter().find_map(|member| member.rules.identifies.as_ref()) {
            Some(rule) => self.for_identifiers(operation, reading, rule),
            None => self.for_unknown_state(operation),
        }
    }

    /// What a valid request must get for which no rule says which resources it needs: a success, or any error of the
    /// operation that is not about constraints. Such an error does not show that a valid call succeeds.
    fn for_unknown_state(&self, operation: &Operation) -> Expectation {
        let accepts = requirement::accepts(operation);
        let others = operation.errors.iter().filter(|error| !self.contract.is_constraint_error(&error.name));
        let mut by_status: BTreeMap<u16, Vec<&ErrorShape>> = BTreeMap::new();
        for error in others {
            by_status.entry(error.status).or_default().push(error);
        }
        by_status.into_values().fold(
            demanded(operation, self.success(operation, None)),
            |expectation, errors| {
                // One response for each status; the members of errors with one status may differ.
                let names: Vec<String> = errors[1..].iter().map(|error| error.name.clone()).collect();
                let first = ErrorShape { members: Vec::new(), ..errors[0].clone() };
                let response = ExpectedResponse::error(self.contract, operation, &first, &names);
                expectation.or(response.not_testing(accepts.clone()))
            },
        )
    }

    /// What a request must get that names a resource.
    fn for_identifiers(
        &self,
        operation: &Operation,
        reading: &Reading<'_>,
        rule: &Identifies,
    ) -> Expectation {
        let success = self.success(operation, None);
        if self.fixtures.named_by(operation, reading).is_some() {
            return demanded(operation, success);
        }
        let mut not_found = Expectation::of(self.error(operation, &rule.error, &[]));
        if let Some(requirement) = self.fixtures.broken_if_found(operation, reading) {
            not_found = not_found.wrong_success_breaks(requirement);
        }
        if self.fixtures.may_exist(operation, reading) { not_found.or(success) } else { not_found }
    }

    /// What a request must get that presents a single-use value.
    fn for_single_use(
        &self,
        operation: &Operation,
        reading: &Reading<'_>,
        member: &Member,
        rule: &SingleUse,
    ) -> Expectation {
        let mut causes = rule.problems.clone();
        let broken = match self.sessions.presented(operation, reading) {
            None => requirement::issued(operation, member),
            Some(presented) if presented.issued.is_used => {
                if self.sessions.min_interval.is_some() && !self.time_until_due(reading).is_zero() {
                    // It comes too early as well, and the target may say either.
                    causes.extend(early_causes(operation));
                }
                requirement::single_use(operation, member)
            }
            Some(presented) if self.is_expired(presented.issued, rule) => {
                requirement::lifetime(operation, member)
            }
            Some(presented) if presented.has_other_padding => {
                let refusal = self.error_with_causes(operation, &rule.error, &[]);
                let success = self.success(operation, Some(presented.issued));
                return Expectation::of(refusal).or(success).left_open();
            }
            Some(presented) => return self.for_usable(operation, presented.issued),
        };
        Expectation::of(self.error_with_causes(operation, &rule.error, &causes)).wrong_success_breaks(broken)
    }

    fn is_expired(&self, issued: IssuedValue, rule: &SingleUse) -> bool {
        let lifetime = rule.lifetime.map(|seconds| Duration::from_secs(seconds.get().into()));
        lifetime.is_some_and(|lifetime| self.sessions.now > issued.at + lifetime)
    }

    /// What a request must get that presents a value which can be used.
    fn for_usable(&self, operation: &Operation, issued: IssuedValue) -> Expectation {
        let success = self.success(operation, Some(issued));
        let members = self.contract.operations.iter().flat_map(|operation| &operation.input);
        let mut requesting = members.filter_map(|member| {
            let rule = member.rules.minimum_interval.as_ref()?;
            (rule.between.name() == operation.name).then_some((member, rule))
        });
        if let Some(interval) = issued.requested_interval
            && let Some((member, rule)) = requesting.next()
            && issued.is_delivered
        {
            let left = (issued.at + interval).saturating_sub(self.sessions.now);
            if left.is_zero() {
                return demanded(operation, success).timed(Timing::Due);
            }
            let causes: Vec<String> = rule.problem.iter().cloned().collect();
            let early = Expectation::of(self.error_with_causes(operation, &rule.error, &causes))
                .timed(Timing::Early)
                .wrong_success_breaks(requirement::minimum_interval(operation, member));
            return if left >= MAX_DELAY { early } else { early.or(success) };
        }
        let timing = if self.sessions.is_due(issued) { Timing::Due } else { Timing::Immediate };
        demanded(operation, success).timed(timing)
    }

    fn success(&self, operation: &Operation, issued: Option<IssuedValue>) -> ExpectedResponse {
        let mut content = BTreeMap::new();
        for member in &operation.output {
            if let Some(rule) = &member.rules.content {
                let known = issued.and_then(|issued| self.sessions.content(&rule.of, issued));
                let is_delivered = issued.is_some_and(|issued| issued.is_delivered);
                content.insert(member.name.clone(), content_values(known, is_delivered));
            }
        }
        ExpectedResponse::success(self.contract, operation, &content)
    }

    /// An error whose members name one of these causes.
    fn error_with_causes(&self, operation: &Operation, id: &ShapeId, causes: &[String]) -> ExpectedResponse {
        let response = self.error(operation, id, &[]);
        match self.contract.error(id.name()) {
            Some(error) => response.with_causes(self.contract, error, causes),
            None => response,
        }
    }

    fn error(&self, operation: &Operation, id: &ShapeId, alternatives: &[String]) -> ExpectedResponse {
        if let Some(error) = self.contract.error(id.name()) {
            return ExpectedResponse::error(self.contract, operation, error, alternatives);
        }
        // A model need not list the error of Smithy's own validation.
        let error = ErrorShape { name: id.name().to_owned(), status: 400, members: Vec::new() };
        ExpectedResponse::error(self.contract, operation, &error, alternatives)
    }
}

/// Also accepts what refuses a request for its size or its framing.
fn accepting_transfer_refusals(expectation: Expectation, request: &Request, class: &Class) -> Expectation {
    if request.body.len() > MAX_BODY_SIZE {
        let expectation = expectation.or(ExpectedResponse::any(Status::ClientError));
        return if *class == Class::Valid { expectation.left_open() } else { expectation };
    }
    if request.header("transfer-encoding").is_some() {
        // RFC 9110, 15.5.12: a server may demand a length.
        return expectation.or(ExpectedResponse::any(Status::Code(411)));
    }
    if request.target.len() > MAX_TARGET_LENGTH {
        // Some servers refuse a target that is too long for them like any malformed message.
        let malformed = (!expectation.is_success()).then_some(400);
        return LONG_TARGET_STATUSES
            .into_iter()
            .chain(malformed)
            .fold(expectation, |accepted, status| accepted.or(ExpectedResponse::any(Status::Code(status))));
    }
    expectation
}

/// A refusal, since no operation has this method and path.
fn unrouted() -> Expectation {
    Expectation::of(ExpectedResponse::any(Status::ClientError)).left_open()
}

/// A success with the status of the contract.
fn demanded(operation: &Operation, success: ExpectedResponse) -> Expectation {
    Expectation::of(success).wrong_success_breaks(requirement::accepts(operation))
}

/// The causes that refusals of calls name which come too early.
fn early_causes(operation: &Operation) -> impl Iterator<Item = String> {
    operation.output.iter().filter_map(|member| Some(member.rules.interval.as_ref()?.problem.clone()))
}
