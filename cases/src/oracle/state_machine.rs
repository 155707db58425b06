//! Says what must come back for a request, from its bytes and from what came before it.
//!
//! The oracle is the reference state machine of the contract: it follows the sessions of one
//! sequence of exchanges, knows the fixtures, and asks the [classifier](classify) about
//! everything else.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::classify::{Class, MAX_BODY_SIZE, Openness, Reading, classify};
use super::expectation::{Answer, Expectation, Silence, Status, Timing, Values};
use crate::contract::{Contract, ErrorShape, Identifies, Operation, ShapeId, SingleUse};
use crate::fixture::Fixture;
use crate::id::RequirementId;
use crate::protocol::{Request, Response, differ_in_padding, outputs};
use crate::requirement;
use crate::signing::Signing;

/// Identifiers up to this length are so short that a target may well have a resource of that name
/// which is no fixture.
const LIKELY_TAKEN: usize = 3;

/// An interval of which so much is left is not over by the next request, however slow the target
/// is.
const LONG: Duration = Duration::from_hours(1);

/// Request targets up to so many octets ought to be read (RFC 9112, 3); longer ones may be refused for
/// their length.
const LONG_TARGET: usize = 8000;
/// URI Too Long, Request Header Fields Too Large.
const LONG_TARGET_STATUSES: [u16; 2] = [414, 431];

/// The value of known content that is delivered whole.
pub const CONTENT: &str = "<the content of the fixture>";
/// The value of content that no fixture says, and that is what a session of the resource was served first.
pub const SERVED: &str = "<what was served first>";
/// The value of content that is empty.
pub const EMPTY: &str = "<empty>";
/// The value of content that is neither.
pub const OTHER_CONTENT: &str = "<other bytes>";

/// Why content that is not known shows nothing.
const UNKNOWN: &str = "no content came that could be compared: let the fixtures say what the resources serve";

/// What is known of the content that an answer may deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// A fixture says it.
    Told(&'a [u8]),
    /// A session of the resource was served it first.
    Served(Fingerprint),
}

/// Tells contents apart, which may be large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    length: usize,
    digest: [u8; 32],
}

/// Follows one sequence of exchanges.
#[derive(Debug)]
pub struct Oracle<'a> {
    contract: &'a Contract,
    fixtures: &'a [Fixture],
    /// The resources of the sessions so far.
    resources: Vec<Resource>,
    /// Every single-use value issued so far.
    issued: HashMap<String, Issued>,
    /// When each session has called last, if it has, and the time until its next call that came with
    /// the answer.
    called: Vec<Option<(Duration, Duration)>>,
    /// The time since the sequence began that has passed at least.
    now: Duration,
    /// The interval that the target holds each session to at least, whatever its responses carry.
    least_interval: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Issued {
    /// The number of the session.
    session: usize,
    /// The index of the resource that the session is for, if it names one.
    resource: Option<usize>,
    /// Whether a call of this session has delivered the content already.
    delivered: bool,
    /// The least time between calls that the session asked for.
    interval: Option<Duration>,
    /// When it was issued.
    at: Duration,
    spent: bool,
}

/// A resource that sessions are for.
#[derive(Debug)]
struct Resource {
    named: Named,
    /// What the first answer of a session of it delivered, if none of its fixtures says what it serves.
    served: Option<Fingerprint>,
}

/// How a resource is known.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    /// By the index of its fixture.
    Fixture(usize),
    /// By the identifiers of the request, where the target accepts some that no fixture has.
    Identifiers(Vec<String>),
}

impl Fingerprint {
    /// That of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), digest: Sha256::digest(bytes).into() }
    }
}

impl Content<'_> {
    /// How an outcome shows these bytes, that are not empty, if they are this content.
    pub fn shown(&self, bytes: &[u8]) -> Option<&'static str> {
        match self {
            Self::Told(content) => (*content == bytes).then_some(CONTENT),
            Self::Served(content) => (*content == Fingerprint::of(bytes)).then_some(SERVED),
        }
    }
}

impl<'a> Oracle<'a> {
    /// An oracle that has seen nothing yet.
    pub fn new(contract: &'a Contract, fixtures: &'a [Fixture]) -> Self {
        Self {
            contract,
            fixtures,
            resources: Vec::new(),
            issued: HashMap::new(),
            called: Vec::new(),
            now: Duration::ZERO,
            least_interval: None,
        }
    }

    /// The same for a target that holds each session to an interval: that of its responses, and this one at
    /// least.
    #[must_use]
    pub fn enforcing(self, least: Duration) -> Self {
        Self { least_interval: Some(least), ..self }
    }

    /// Takes note that at least so much time has passed.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// A request as the contract reads it, which is what the oracle is asked about.
    pub fn read(&self, request: &Request) -> Reading<'a> {
        classify(self.contract, request)
    }

    /// The time until every interval is over that the session of this request may be held to.
    pub fn due_in(&self, reading: &Reading<'_>) -> Duration {
        let issued = reading.operation.and_then(|operation| self.presented(operation, reading));
        let called = issued.and_then(|issued| Some((issued, self.called[issued.session]?)));
        let Some((issued, (at, carried))) = called else { return Duration::ZERO };
        let least = self.least_interval.unwrap_or_default();
        (at + carried.max(issued.interval.unwrap_or_default()).max(least)).saturating_sub(self.now)
    }

    /// What is known of the single-use value that a request presents.
    fn presented(&self, operation: &Operation, reading: &Reading<'_>) -> Option<Issued> {
        self.issued.get(single_use_value(operation, reading)?).copied()
    }

    /// The value that was issued and that a request presents but for its padding in base64: a server
    /// may decode it before it is looked at.
    fn presented_otherwise(&self, operation: &Operation, reading: &Reading<'_>) -> Option<&str> {
        let value = single_use_value(operation, reading)?;
        if self.issued.contains_key(value) {
            return None;
        }
        self.issued.keys().find(|issued| differ_in_padding(issued, value)).map(String::as_str)
    }

    /// What must come back for `request`, which was read so.
    pub fn expect(&self, request: &Request, reading: &Reading<'a>) -> Expectation {
        let Some(operation) = reading.operation else { return unrouted() };
        if let Some(refused) = self.refused_signature(operation, request.signing) {
            return refused;
        }
        let expectation = match &reading.class {
            Class::Unrouted => unrouted(),
            Class::Open(Openness::ContentType) => Expectation::of(Answer::any(Status::Is(415)))
                .or(Answer::any(Status::Is(400)))
                .or(self.success(operation, None))
                .left_open(),
            Class::Open(_) => Expectation::of(Answer::any(Status::Settled)).left_open(),
            Class::Invalid(_) => {
                let rule = &self.contract.constraint_error;
                let refusal = Expectation::of(self.error(operation, &rule.error, &rule.alternatives));
                match self.unknown_besides(operation, reading) {
                    Some(not_found) => {
                        refusal.or(not_found.breaking(requirement::validation_first(operation)))
                    }
                    None => refusal,
                }
            }
            Class::Valid => self.valid(operation, reading),
        };
        if request.body.len() > MAX_BODY_SIZE {
            let expectation = expectation.or(Answer::any(Status::Refusal));
            return if reading.class == Class::Valid { expectation.left_open() } else { expectation };
        }
        if request.header("transfer-encoding").is_some() {
            // RFC 9110, 15.5.12: a server may insist on a length.
            return expectation.or(Answer::any(Status::Is(411)));
        }
        if request.target.len() > LONG_TARGET {
            // Some servers refuse what is too long for them as any malformed message.
            let malformed = (!expectation.is_success()).then_some(400);
            return LONG_TARGET_STATUSES
                .into_iter()
                .chain(malformed)
                .fold(expectation, |accepted, status| accepted.or(Answer::any(Status::Is(status))));
        }
        expectation
    }

    /// The refusal of a request that is signed so. Any 4xx refuses it; that the error is a common one
    /// which speaks of the signature is a convention.
    fn refused_signature(&self, operation: &Operation, signing: Signing) -> Option<Expectation> {
        let types = self.contract.signature_errors.get(&signing)?;
        let errors: Vec<_> = types
            .iter()
            .filter_map(|name| {
                self.contract.common_errors.iter().find(|common| common.names().contains(name))
            })
            .collect();
        let with = |status: Option<u16>| -> Vec<String> {
            let errors = errors.iter().filter(|common| status.is_none_or(|it| common.statuses.contains(&it)));
            errors.flat_map(|common| common.names()).collect()
        };
        let answer = |status: u16, types: Vec<String>| -> Option<Answer> {
            let (name, alternatives) = types.split_first()?;
            let error = ErrorShape { name: name.clone(), status, members: Vec::new() };
            Some(Answer::error(self.contract, operation, &error, alternatives).by_convention())
        };
        let mut statuses: Vec<u16> = errors.iter().flat_map(|common| common.statuses.clone()).collect();
        let usual = *statuses.first()?;
        statuses.retain(|status| *status != usual);
        statuses.sort_unstable();
        statuses.dedup();
        let mut expectation = Expectation::of(answer(usual, with(Some(usual)))?);
        for status in statuses {
            expectation = expectation.or(answer(status, with(Some(status)))?);
        }
        let other = answer(usual, with(None))?.breaking(requirement::errors(operation, "type"));
        Some(expectation.or(Answer { status: Status::Refusal, ..other }))
    }

    fn valid(&self, operation: &'a Operation, reading: &Reading<'_>) -> Expectation {
        if let Some((member, rule)) = operation.single_use() {
            let mut problems = rule.problems.clone();
            let otherwise = self.presented_otherwise(operation, reading).map(|value| self.issued[value]);
            let broken = match self.presented(operation, reading).or(otherwise) {
                None => requirement::issued(operation, member),
                Some(issued) if issued.spent => {
                    if self.least_interval.is_some() && !self.due_in(reading).is_zero() {
                        // It comes too early as well, and the target may say either.
                        problems.extend(Self::early_problems(operation));
                    }
                    requirement::single_use(operation, member)
                }
                Some(issued) if self.is_expired(issued, rule) => requirement::lifetime(operation, member),
                Some(issued) if otherwise.is_some() => {
                    let refusal = self.error_because(operation, &rule.error, &[]);
                    return Expectation::of(refusal).or(self.success(operation, Some(issued))).left_open();
                }
                Some(issued) => return self.in_time(operation, issued),
            };
            let refusal = self.error_because(operation, &rule.error, &problems);
            return Expectation::of(refusal).wrong_success_breaks(broken);
        }
        let success = self.success(operation, None);
        let Some(rule) = operation.input.iter().find_map(|member| member.rules.identifies.as_ref()) else {
            return accepted(operation, success);
        };
        if self.fixture(operation, reading).is_some() {
            return accepted(operation, success);
        }
        let mut not_found = Expectation::of(self.error(operation, &rule.error, &[]));
        if let Some(requirement) = self.not_to_be_found(operation, reading) {
            not_found = not_found.wrong_success_breaks(requirement);
        }
        if self.may_be_taken(operation, reading) { not_found.or(success) } else { not_found }
    }

    /// The causes that refusals of calls name which come too early.
    fn early_problems(operation: &'a Operation) -> impl Iterator<Item = String> + use<'a> {
        operation.output.iter().filter_map(|member| Some(member.rules.interval.as_ref()?.problem.clone()))
    }

    fn is_expired(&self, issued: Issued, rule: &SingleUse) -> bool {
        let lifetime = rule.lifetime.map(|seconds| Duration::from_secs(seconds.get().into()));
        lifetime.is_some_and(|lifetime| self.now > issued.at + lifetime)
    }

    /// A call with a value that is good.
    fn in_time(&self, operation: &Operation, issued: Issued) -> Expectation {
        let success = self.success(operation, Some(issued));
        let asks =
            self.contract.operations.iter().flat_map(|operation| &operation.input).find_map(|member| {
                let rule = member.rules.minimum_interval.as_ref()?;
                (rule.between.name() == operation.name).then_some((member, rule))
            });
        match (issued.interval, asks) {
            (Some(interval), Some((member, rule))) if issued.delivered => {
                let left = (issued.at + interval).saturating_sub(self.now);
                if left.is_zero() {
                    return accepted(operation, success).timed(Timing::Due);
                }
                let causes: Vec<String> = rule.problem.iter().cloned().collect();
                let early = Expectation::of(self.error_because(operation, &rule.error, &causes))
                    .timed(Timing::Early)
                    .wrong_success_breaks(requirement::minimum_interval(operation, member));
                if left >= LONG { early } else { early.or(success) }
            }
            _ => {
                // Before the first call of a session there is no interval that it could be held to.
                let due = match self.called[issued.session] {
                    Some((at, carried)) => {
                        let interval = carried.max(self.least_interval.unwrap_or_default());
                        !interval.is_zero() && self.now >= at + interval
                    }
                    None => true,
                };
                let timing = if due { Timing::Due } else { Timing::AtOnce };
                accepted(operation, success).timed(timing)
            }
        }
    }

    /// Takes note of the answer to a request.
    pub fn observe(&mut self, reading: &Reading<'_>, response: &Response) {
        if !response.is_success() {
            return;
        }
        let Some(operation) = reading.operation else { return };
        let interval = operation.input.iter().find_map(|member| {
            member.rules.minimum_interval.as_ref()?;
            seconds(reading.members.get(&member.name)?.as_whole()?)
        });
        let values = outputs(operation, response);
        let carried = operation.output.iter().find_map(|member| {
            member.rules.interval.as_ref()?;
            seconds(values.get(&member.name)?.trim().parse().ok()?)
        });
        let resource = self.resource(operation, reading);
        let at = self.now;
        let session = self.called.len();
        let mut session = Issued { session, resource, delivered: false, interval, at, spent: false };
        if operation.single_use().is_some() {
            let otherwise = self.presented_otherwise(operation, reading).map(str::to_owned);
            let value = otherwise.as_deref().or_else(|| single_use_value(operation, reading));
            let Some(used) = value.and_then(|value| self.issued.get_mut(value)) else { return };
            used.spent = true;
            let before = *used;
            session = Issued { delivered: true, spent: false, at, ..before };
            self.called[session.session] = Some((at, carried.unwrap_or_default()));
            self.serve(operation, before, &response.body);
        } else {
            self.called.push(None);
        }
        for rule in self.contract.operations.iter().filter_map(|operation| operation.single_use()) {
            for issuer in self.contract.issuers(rule.1) {
                if issuer.operation == operation
                    && let Some(value) = values.get(&issuer.member.name)
                {
                    // A value that is given out again is as it was.
                    self.issued.entry(value.clone()).or_insert(session);
                }
            }
        }
    }

    /// The content that the answer to a request may carry, if anything is known of it.
    pub fn content(&self, reading: &Reading<'_>) -> Option<Content<'a>> {
        let operation = reading.operation?;
        let rule = operation.output.iter().find_map(|member| member.rules.content.as_ref())?;
        let otherwise = || Some(self.issued[self.presented_otherwise(operation, reading)?]);
        self.known(&rule.of, self.presented(operation, reading).or_else(otherwise)?)
    }

    /// What is known of the content that a session is served.
    fn known(&self, of: &str, issued: Issued) -> Option<Content<'a>> {
        let resource = &self.resources[issued.resource?];
        let told = match resource.named {
            Named::Fixture(fixture) => self.fixtures[fixture].contents.get(of),
            Named::Identifiers(_) => None,
        };
        told.map(|content| Content::Told(content)).or(resource.served.map(Content::Served))
    }

    /// Takes note of what a call that presents this value was served. The first answer of a session carries
    /// the content of its resource, and so does that of any other session of it.
    fn serve(&mut self, operation: &Operation, issued: Issued, body: &[u8]) {
        let Some(rule) = operation.output.iter().find_map(|member| member.rules.content.as_ref()) else {
            return;
        };
        if let Some(resource) = issued.resource
            && !issued.delivered
            && self.known(&rule.of, issued).is_none()
        {
            self.resources[resource].served = Some(Fingerprint::of(body));
        }
    }

    fn success(&self, operation: &Operation, issued: Option<Issued>) -> Answer {
        let mut content = BTreeMap::new();
        for member in &operation.output {
            if let Some(rule) = &member.rules.content {
                let known = issued.and_then(|issued| self.known(&rule.of, issued));
                let delivered = issued.is_some_and(|issued| issued.delivered);
                content.insert(member.name.clone(), content_values(known, delivered));
            }
        }
        Answer::success(self.contract, operation, &content)
    }

    /// An error whose members name one of these causes.
    fn error_because(&self, operation: &Operation, id: &ShapeId, causes: &[String]) -> Answer {
        let answer = self.error(operation, id, &[]);
        match self.contract.error(id.name()) {
            Some(error) => answer.because(self.contract, error, causes),
            None => answer,
        }
    }

    fn error(&self, operation: &Operation, id: &ShapeId, alternatives: &[String]) -> Answer {
        if let Some(error) = self.contract.error(id.name()) {
            return Answer::error(self.contract, operation, error, alternatives);
        }
        // A model need not list the error that Smithy's own validation answers with.
        let error = ErrorShape { name: id.name().to_owned(), status: 400, members: Vec::new() };
        Answer::error(self.contract, operation, &error, alternatives)
    }

    /// The index of the resource that a request names, which may be one that no other has named.
    fn resource(&mut self, operation: &Operation, reading: &Reading<'_>) -> Option<usize> {
        let named = if let Some(fixture) = self.fixture(operation, reading) {
            Named::Fixture(fixture)
        } else {
            let texts = identifiers(operation, reading).map(|(_, identifier)| identifier.map(str::to_owned));
            Named::Identifiers(texts.collect::<Option<Vec<_>>>().filter(|texts| !texts.is_empty())?)
        };
        if let Some(known) = self.resources.iter().position(|resource| resource.named == named) {
            return Some(known);
        }
        self.resources.push(Resource { named, served: None });
        Some(self.resources.len() - 1)
    }

    /// The fixture that the identifiers of a request name, all of them.
    fn fixture(&self, operation: &Operation, reading: &Reading<'_>) -> Option<usize> {
        let mut identifiers = identifiers(operation, reading).peekable();
        identifiers.peek()?;
        let identifiers: Vec<_> = identifiers.collect();
        self.fixtures.iter().position(|fixture| {
            identifiers.iter().all(|(rule, identifier)| {
                identifier
                    .zip(fixture.parts.get(&rule.resource))
                    .is_some_and(|(identifier, part)| part.is(identifier))
            })
        })
    }

    /// What a success breaks where nothing is to be found: the requirement on the first identifier
    /// that no fixture has, else on the first whose fixtures lie elsewhere.
    fn not_to_be_found(&self, operation: &Operation, reading: &Reading<'_>) -> Option<RequirementId> {
        let named_here = |fixture: &Fixture, resource: &str| {
            fixture
                .parts
                .get(resource)
                .zip(named(operation, reading, resource))
                .is_some_and(|(part, identifier)| part.is(identifier))
        };
        let members =
            || operation.input.iter().filter_map(|member| Some((member, member.rules.identifies.as_ref()?)));
        let known =
            |rule: &Identifies| self.fixtures.iter().any(|fixture| named_here(fixture, &rule.resource));
        let known_within = |rule: &Identifies, within: &str| {
            self.fixtures
                .iter()
                .any(|fixture| named_here(fixture, &rule.resource) && named_here(fixture, within))
        };
        let unknown = members().find(|(_, rule)| !known(rule));
        let elsewhere = || {
            members().find(|(_, rule)| rule.within.as_ref().is_some_and(|within| !known_within(rule, within)))
        };
        unknown
            .map(|(member, _)| requirement::resource(operation, member))
            .or_else(|| elsewhere().map(|(member, _)| requirement::nesting(operation, member)))
    }

    /// The error for the first identifier that keeps its constraints, but is one that no fixture
    /// has, in a request that is refused for something else.
    fn unknown_besides(&self, operation: &Operation, reading: &Reading<'_>) -> Option<Answer> {
        let Class::Invalid(violations) = &reading.class else { return None };
        operation.input.iter().find_map(|member| {
            let rule = member.rules.identifies.as_ref()?;
            let identifier = reading.members.get(&member.name)?.as_str()?;
            let is_valid =
                violations.iter().all(|violation| violation.member.as_deref() != Some(&member.name));
            let is_known = self
                .fixtures
                .iter()
                .any(|fixture| fixture.parts.get(&rule.resource).is_some_and(|part| part.is(identifier)));
            (is_valid && !is_known).then(|| self.error(operation, &rule.error, &[]))
        })
    }

    /// Whether the target may know an identifier that no fixture has.
    fn may_be_taken(&self, operation: &Operation, reading: &Reading<'_>) -> bool {
        identifiers(operation, reading).all(|(rule, identifier)| {
            let Some(identifier) = identifier else { return false };
            let likely = identifier.chars().count() <= LIKELY_TAKEN;
            likely
                || self.fixtures.iter().any(|fixture| {
                    let Some(part) =
                        fixture.parts.get(&rule.resource).filter(|part| part.is_like(identifier))
                    else {
                        return false;
                    };
                    // An id belongs to one resource, which lies where the fixture says; a name may
                    // stand in many places.
                    let holder = rule.within.as_ref().and_then(|within| fixture.parts.get(within));
                    let asked = rule.within.as_ref().and_then(|within| named(operation, reading, within));
                    part.id.as_deref() != Some(identifier)
                        || holder.zip(asked).is_none_or(|(holder, asked)| holder.is_like(asked))
                })
        })
    }
}

/// The single-use value that a request presents.
fn single_use_value<'r>(operation: &Operation, reading: &'r Reading<'_>) -> Option<&'r str> {
    let (member, _) = operation.single_use()?;
    reading.members.get(&member.name)?.as_str()
}

/// A refusal, since no operation has this method and path.
fn unrouted() -> Expectation {
    Expectation::of(Answer::any(Status::Refusal)).left_open()
}

/// A number of seconds; none below zero.
fn seconds(number: i128) -> Option<Duration> {
    u64::try_from(number).ok().map(Duration::from_secs)
}

/// A success, with the status that the contract has for it.
fn accepted(operation: &Operation, success: Answer) -> Expectation {
    Expectation::of(success).wrong_success_breaks(requirement::accepts(operation))
}

/// The identifier of a sort of resource in a request.
fn named<'r>(operation: &'r Operation, reading: &'r Reading<'_>, resource: &str) -> Option<&'r str> {
    identifiers(operation, reading)
        .find(|(rule, _)| rule.resource == resource)
        .and_then(|(_, identifier)| identifier)
}

fn identifiers<'r>(
    operation: &'r Operation,
    reading: &'r Reading<'_>,
) -> impl Iterator<Item = (&'r Identifies, Option<&'r str>)> {
    operation.input.iter().filter_map(|member| {
        let rule = member.rules.identifies.as_ref()?;
        Some((rule, reading.members.get(&member.name).and_then(|value| value.as_str())))
    })
}

/// The acceptable values of a member with content. A first answer delivers it; later ones may be empty or
/// repeat it. Where nothing is known of it, any bytes will do, and show nothing. Where none came so far, that
/// none comes again shows nothing either: a resource may serve nothing.
fn content_values(known: Option<Content<'_>>, delivered: bool) -> Values {
    let (accepted, silent): (&[&str], &[&str]) = match (known, delivered) {
        (Some(Content::Told([])), _) => (&[EMPTY], &[]),
        (Some(Content::Told(_)), false) => (&[CONTENT], &[]),
        (Some(Content::Told(_)), true) => (&[EMPTY, CONTENT], &[]),
        (Some(Content::Served(served)), _) if served.length == 0 => (&[EMPTY], &[EMPTY]),
        (Some(Content::Served(_)), false) => (&[SERVED], &[]),
        (Some(Content::Served(_)), true) => (&[EMPTY, SERVED], &[]),
        (None, _) => (&[OTHER_CONTENT, EMPTY], &[OTHER_CONTENT, EMPTY]),
    };
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let silence = (!silent.is_empty()).then(|| Silence { values: owned(silent), reason: UNKNOWN });
    Values { accepted: owned(accepted), silence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Part;

    fn fixtures() -> Vec<Fixture> {
        let part = |name: &str| Part { id: None, name: Some(name.to_owned()) };
        let fixture = |application: &str, environment: &str, content: &str| Fixture {
            parts: BTreeMap::from([
                ("application".to_owned(), part(application)),
                ("environment".to_owned(), part(environment)),
                ("profile".to_owned(), part("main")),
            ]),
            contents: BTreeMap::from([("configuration".to_owned(), content.as_bytes().to_vec())]),
        };
        vec![fixture("shop", "test", "one"), fixture("office", "live", "two")]
    }

    fn start(application: &str, environment: &str) -> Request {
        let body = format!(
            r#"{{"ApplicationIdentifier":"{application}","EnvironmentIdentifier":"{environment}","ConfigurationProfileIdentifier":"main"}}"#
        );
        Request {
            method: "POST".to_owned(),
            target: "/configurationsessions".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.into_bytes(),
            ..Request::default()
        }
    }

    fn get(token: &str) -> Request {
        let target = format!("/configuration?configuration_token={token}");
        Request { method: "GET".to_owned(), target, ..Request::default() }
    }

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec() }
    }

    fn expect(oracle: &Oracle<'_>, request: &Request) -> Expectation {
        oracle.expect(request, &oracle.read(request))
    }

    fn observe(oracle: &mut Oracle<'_>, request: &Request, response: &Response) {
        oracle.observe(&oracle.read(request), response);
    }

    fn content<'a>(oracle: &Oracle<'a>, request: &Request) -> Option<Content<'a>> {
        oracle.content(&oracle.read(request))
    }

    fn due_in(oracle: &Oracle<'_>, request: &Request) -> Duration {
        oracle.due_in(&oracle.read(request))
    }

    fn status(expectation: &Expectation) -> String {
        expectation.primary().status.to_string()
    }

    #[test]
    fn resources_are_found_only_within_their_application() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        assert_eq!(status(&expect(&oracle, &start("shop", "test"))), "201");
        assert_eq!(status(&expect(&oracle, &start("shop", "live"))), "404");
        assert_eq!(status(&expect(&oracle, &start("nowhere", "test"))), "404");
        assert_eq!(status(&expect(&oracle, &start("", "test"))), "400");
    }

    #[test]
    fn a_body_may_be_refused_for_its_size_beyond_64_kib_alone() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let sized = |size: usize| {
            let mut request = start("shop", "test");
            request.body.resize(size, b' ');
            expect(&oracle, &request)
        };
        let fits = sized(MAX_BODY_SIZE);
        assert!(fits.answer(201).is_some() && fits.answer(413).is_none() && !fits.is_open());
        let large = sized(MAX_BODY_SIZE + 1);
        assert!(large.answer(201).is_some() && large.answer(413).is_some() && large.is_open());
        assert_eq!(large.answers().len(), fits.answers().len() + 1);
    }

    #[test]
    fn a_target_may_be_refused_for_its_length_beyond_8000_octets_alone() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let before = get("").target.len();
        let accepts = |length: usize, status: u16| {
            expect(&oracle, &get(&"t".repeat(length - before))).answer(status).is_some()
        };
        for status in LONG_TARGET_STATUSES {
            assert!(!accepts(8000, status) && accepts(8001, status), "{status}");
        }
        assert!(accepts(8000, 400) && accepts(8001, 400));
    }

    #[test]
    fn a_success_that_is_wrong_breaks_what_forbids_it() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        let broken = |expectation: Expectation| expectation.broken_by(202).unwrap().to_string();
        assert_eq!(broken(expect(&oracle, &start("shop", "test"))), "start-configuration-session/accepts");
        assert_eq!(
            broken(expect(&oracle, &start("nowhere", "test"))),
            "start-configuration-session/application-identifier/resource"
        );
        assert_eq!(
            broken(expect(&oracle, &start("shop", "live"))),
            "start-configuration-session/environment-identifier/nesting"
        );
        let token = "get-latest-configuration/configuration-token";
        assert_eq!(broken(expect(&oracle, &get("t1"))), format!("{token}/issued"));
        observe(
            &mut oracle,
            &start("shop", "test"),
            &answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#),
        );
        assert_eq!(broken(expect(&oracle, &get("t1"))), "get-latest-configuration/accepts");
        // The same value again, as if it were the next one.
        observe(&mut oracle, &get("t1"), &answer(200, &[("next-poll-configuration-token", "t1")], ""));
        assert_eq!(broken(expect(&oracle, &get("t1"))), format!("{token}/single-use"));
        // A refusal says no more than the step knows.
        assert_eq!(expect(&oracle, &start("shop", "test")).broken_by(404), None);
    }

    #[test]
    fn an_id_belongs_to_one_application_and_a_name_to_any() {
        let contract = Contract::model().unwrap();
        let mut fixtures = fixtures();
        for (fixture, id) in fixtures.iter_mut().zip(["envr001", "envr002"]) {
            fixture.parts.get_mut("environment").unwrap().id = Some(id.to_owned());
        }
        let oracle = Oracle::new(&contract, &fixtures);
        assert!(expect(&oracle, &start("shop", "envr002")).answer(201).is_none());
        assert!(expect(&oracle, &start("shop", "live")).answer(201).is_some());
    }

    #[test]
    fn a_poll_before_the_session_s_interval_is_early() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        let mut request = start("shop", "test");
        let text = String::from_utf8(request.body).unwrap();
        request.body = text.replace('}', ",\"RequiredMinimumPollIntervalInSeconds\":86400}").into_bytes();
        observe(&mut oracle, &request, &answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#));
        assert_eq!(status(&expect(&oracle, &get("t1"))), "200");
        observe(&mut oracle, &get("t1"), &answer(200, &[("next-poll-configuration-token", "t2")], "one"));
        let early = expect(&oracle, &get("t2"));
        assert_eq!(status(&early), "400");
        assert_eq!(early.timing(), Timing::Early);
        assert_eq!(due_in(&oracle, &get("t2")), Duration::from_hours(24));
        oracle.pass(Duration::from_hours(24));
        let due = expect(&oracle, &get("t2"));
        assert_eq!((status(&due).as_str(), due.timing()), ("200", Timing::Due));
    }

    #[test]
    fn a_long_target_may_be_refused_for_its_length() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let long = expect(&oracle, &get(&"a".repeat(8193)));
        assert_eq!(status(&long), "400");
        assert!(long.answer(414).is_some() && long.answer(431).is_some() && long.answer(200).is_none());
        // It may not have come to the operation.
        assert!(!long.tells_cause(400) && expect(&oracle, &get("a")).tells_cause(400));
        assert!(expect(&oracle, &get("a")).answer(414).is_none());
    }

    #[test]
    fn a_value_expires() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        observe(
            &mut oracle,
            &start("shop", "test"),
            &answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#),
        );
        oracle.pass(Duration::from_hours(24));
        assert_eq!(status(&expect(&oracle, &get("t1"))), "200");
        oracle.pass(Duration::from_secs(1));
        let expired = expect(&oracle, &get("t1"));
        assert_eq!(status(&expired), "400");
        assert!(expired.broken_by(200).unwrap().as_str().ends_with("/lifetime"));
    }

    #[test]
    fn the_next_value_lives_from_when_it_is_issued() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        let first = answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#);
        observe(&mut oracle, &start("shop", "test"), &first);
        oracle.pass(Duration::from_hours(12));
        observe(&mut oracle, &get("t1"), &answer(200, &[("Next-Poll-Configuration-Token", "t2")], ""));
        oracle.pass(Duration::from_hours(24));
        assert_eq!(status(&expect(&oracle, &get("t2"))), "200");
        oracle.pass(Duration::from_secs(1));
        assert_eq!(status(&expect(&oracle, &get("t2"))), "400");
    }

    #[test]
    fn a_target_may_hold_a_session_to_the_interval_that_it_sends() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        observe(
            &mut oracle,
            &start("shop", "test"),
            &answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#),
        );
        assert_eq!(due_in(&oracle, &get("t1")), Duration::ZERO);
        let headers = [("next-poll-configuration-token", "t2"), ("next-poll-interval-in-seconds", "60")];
        observe(&mut oracle, &get("t1"), &answer(200, &headers, "one"));
        assert_eq!(due_in(&oracle, &get("t2")), Duration::from_mins(1));
        assert_eq!(expect(&oracle, &get("t2")).timing(), Timing::AtOnce);
        oracle.pass(Duration::from_mins(1));
        assert_eq!(expect(&oracle, &get("t2")).timing(), Timing::Due);
    }

    #[test]
    fn a_look_up_before_the_constraints_is_accepted_with_a_remark() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let both = expect(&oracle, &start(&"a".repeat(200), "quite-unknown"));
        assert_eq!(status(&both), "400");
        let remark = both.answer(404).unwrap().breaks.as_ref().unwrap();
        assert_eq!(remark.as_str(), "start-configuration-session/validation-first");
        let one = expect(&oracle, &start(&"a".repeat(200), "test"));
        assert!(one.answer(404).is_none());
    }

    #[test]
    fn a_short_unknown_name_may_exist_on_the_target() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        assert!(expect(&oracle, &start("q", "test")).answer(201).is_some());
        assert!(expect(&oracle, &start("quite-long", "test")).answer(201).is_none());
    }

    #[test]
    fn the_letter_case_of_identifiers_is_open() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let other_case = expect(&oracle, &start("SHOP", "test"));
        assert_eq!(status(&other_case), "404");
        assert!(other_case.answer(201).is_some());
        assert!(expect(&oracle, &start("SHOPS", "test")).answer(201).is_none());
    }

    #[test]
    fn a_token_serves_once() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        assert_eq!(status(&expect(&oracle, &get("t1"))), "400");
        observe(
            &mut oracle,
            &start("office", "live"),
            &answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#),
        );
        let first = expect(&oracle, &get("t1"));
        assert_eq!(status(&first), "200");
        assert_eq!(
            first.outcome().get(&crate::oracle::outcome::Field::Member("Configuration".to_owned())),
            CONTENT
        );
        assert_eq!(content(&oracle, &get("t1")), Some(Content::Told(b"two")));
        observe(&mut oracle, &get("t1"), &answer(200, &[("next-poll-configuration-token", "t2")], "two"));
        assert_eq!(status(&expect(&oracle, &get("t1"))), "400");
        let second = expect(&oracle, &get("t2"));
        assert_eq!(status(&second), "200");
        assert_eq!(
            second.outcome().get(&crate::oracle::outcome::Field::Member("Configuration".to_owned())),
            EMPTY
        );
    }

    /// Starts a session of an application, polls it once for each body and notes what was served. Gives what was
    /// expected of each poll: the values that are accepted, and whether the one that came shows something.
    fn session(
        oracle: &mut Oracle<'_>,
        application: &str,
        token: &str,
        bodies: &[&str],
    ) -> Vec<(Vec<String>, bool)> {
        let environment = if application == "office" { "live" } else { "test" };
        let issued = format!(r#"{{"InitialConfigurationToken":"{token}0"}}"#);
        observe(oracle, &start(application, environment), &answer(201, &[], &issued));
        let mut seen = Vec::new();
        for (call, body) in bodies.iter().enumerate() {
            let request = get(&format!("{token}{call}"));
            let expectation = expect(oracle, &request);
            let accept = &expectation.primary().fields
                [&crate::oracle::outcome::Field::Member("Configuration".to_owned())];
            let known = content(oracle, &request);
            let shown = match body.as_bytes() {
                [] => EMPTY,
                bytes => known.and_then(|known| known.shown(bytes)).unwrap_or(OTHER_CONTENT),
            };
            seen.push((accept.values.clone(), accept.silent(shown).is_none()));
            let next = format!("{token}{}", call + 1);
            observe(oracle, &request, &answer(200, &[("next-poll-configuration-token", &next)], body));
        }
        seen
    }

    fn unknown() -> Vec<Fixture> {
        fixtures().into_iter().map(|fixture| Fixture { contents: BTreeMap::new(), ..fixture }).collect()
    }

    fn values(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn what_a_session_was_served_first_is_due_in_each_other_of_its_resource() {
        let (contract, fixtures) = (Contract::model().unwrap(), unknown());
        let mut oracle = Oracle::new(&contract, &fixtures);
        let (first, again) = (values(&[SERVED]), values(&[EMPTY, SERVED]));
        let any = values(&[OTHER_CONTENT, EMPTY]);
        let seen = session(&mut oracle, "shop", "a", &["one", "", "two"]);
        assert_eq!(seen, [(any.clone(), false), (again.clone(), true), (again.clone(), true)]);
        // What came later is no other content: it was not due.
        let seen = session(&mut oracle, "shop", "b", &["", "one"]);
        assert_eq!(seen, [(first, true), (again, true)]);
        // Another resource has content of its own.
        assert_eq!(session(&mut oracle, "office", "c", &["one"]), [(any, false)]);
    }

    #[test]
    fn that_nothing_comes_again_where_nothing_came_shows_nothing() {
        let (contract, fixtures) = (Contract::model().unwrap(), unknown());
        let mut oracle = Oracle::new(&contract, &fixtures);
        let nothing = values(&[EMPTY]);
        let seen = session(&mut oracle, "shop", "a", &["", "", "one"]);
        assert_eq!(seen[1..], [(nothing.clone(), false), (nothing.clone(), true)]);
        assert_eq!(session(&mut oracle, "shop", "b", &[""]), [(nothing, false)]);
    }

    #[test]
    fn what_a_fixture_says_is_due_whatever_was_served() {
        let (contract, mut fixtures) = (Contract::model().unwrap(), fixtures());
        fixtures[1].contents.insert("configuration".to_owned(), Vec::new());
        let mut oracle = Oracle::new(&contract, &fixtures);
        for token in ["a", "b"] {
            let seen = session(&mut oracle, "shop", token, &["other", ""]);
            assert_eq!(seen, [(values(&[CONTENT]), true), (values(&[EMPTY, CONTENT]), true)]);
        }
        assert_eq!(session(&mut oracle, "office", "c", &[""]), [(values(&[EMPTY]), true)]);
    }

    #[test]
    fn resources_that_no_fixture_has_are_told_apart_by_their_identifiers() {
        let contract = Contract::model().unwrap();
        let mut oracle = Oracle::new(&contract, &[]);
        let due = |seen: Vec<(Vec<String>, bool)>| seen[0].0[0].clone();
        assert_eq!(due(session(&mut oracle, "shop", "a", &["one"])), OTHER_CONTENT);
        assert_eq!(due(session(&mut oracle, "shop", "b", &["one"])), SERVED);
        assert_eq!(due(session(&mut oracle, "shops", "c", &["one"])), OTHER_CONTENT);
    }

    #[test]
    fn a_token_with_other_padding_is_refused_or_is_the_one_that_was_issued() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        let issue = |token: &str| answer(201, &[], &format!(r#"{{"InitialConfigurationToken":"{token}"}}"#));
        observe(&mut oracle, &start("shop", "test"), &issue("abA"));
        let otherwise = expect(&oracle, &get("abB"));
        assert_eq!(status(&otherwise), "400");
        assert_eq!(content(&oracle, &get("abB")), content(&oracle, &get("abA")));
        assert!(content(&oracle, &get("abB")).is_some() && content(&oracle, &get("abE")).is_none());
        assert!(otherwise.is_open() && otherwise.answer(200).is_some() && otherwise.answer(500).is_none());
        for other in ["abE", "aaA", "abAA", "ab"] {
            let other = expect(&oracle, &get(other));
            assert!(other.answer(200).is_none() && !other.is_open());
        }
        // Read as the one that was issued, it is used.
        observe(&mut oracle, &get("abB"), &answer(200, &[("next-poll-configuration-token", "abI")], ""));
        let used = expect(&oracle, &get("abA"));
        assert!(used.broken_by(200).unwrap().as_str().ends_with("/single-use"));
        assert!(expect(&oracle, &get("abD")).answer(200).is_none());
        assert_eq!(status(&expect(&oracle, &get("abI"))), "200");
    }

    #[test]
    fn what_no_operation_answers_to_has_to_be_refused() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let unrouted = expect(&oracle, &Request { method: "PUT".to_owned(), ..start("shop", "test") });
        assert!(unrouted.is_open());
        assert!([400, 403, 404, 405, 415].iter().all(|status| unrouted.answer(*status).is_some()));
        for status in [200, 201, 302, 500, 501] {
            // That is what the step is about, and nothing else.
            assert!(unrouted.answer(status).is_none() && unrouted.broken_by(status).is_none(), "{status}");
        }
    }

    #[test]
    fn a_content_type_is_refused_or_passed_over() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let other = expect(&oracle, &Request { headers: Vec::new(), ..start("shop", "test") });
        assert!(other.is_open());
        assert!([415, 400, 201].iter().all(|status| other.answer(*status).is_some()));
        assert!([200, 404, 500].iter().all(|status| other.answer(*status).is_none()));
    }

    #[test]
    fn a_body_in_chunks_may_be_refused_for_want_of_a_length() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let mut request = start("shop", "test");
        assert!(expect(&oracle, &request).answer(411).is_none());
        request.headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
        let chunked = expect(&oracle, &request);
        assert_eq!(status(&chunked), "201");
        assert!(chunked.answer(411).is_some() && !chunked.is_open());
    }

    #[test]
    fn a_refused_call_spends_nothing() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let mut oracle = Oracle::new(&contract, &fixtures);
        observe(
            &mut oracle,
            &start("shop", "test"),
            &answer(201, &[], r#"{"InitialConfigurationToken":"t1"}"#),
        );
        observe(&mut oracle, &get("t1"), &answer(500, &[], ""));
        assert_eq!(status(&expect(&oracle, &get("t1"))), "200");
    }

    #[test]
    fn an_invalid_request_of_great_size_may_be_refused_for_its_size() {
        let (contract, fixtures) = (Contract::model().unwrap(), fixtures());
        let oracle = Oracle::new(&contract, &fixtures);
        let large = expect(&oracle, &start(&"a".repeat(100_000), "test"));
        assert_eq!(status(&large), "400");
        assert!(large.answer(413).is_some());
        assert!(large.answer(201).is_none());
    }
}
