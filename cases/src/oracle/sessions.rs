//! The sessions of one sequence of exchanges: what was issued, used and served.

use std::collections::HashMap;
use std::time::Duration;

use super::classify::Reading;
use super::content::{Content, Fingerprint};
use super::known_resources::{KnownResources, identifiers};
use crate::contract::{Contract, Operation};
use crate::protocol::{Outputs, Response, differ_in_padding, outputs};

/// The state of the sessions.
#[derive(Debug)]
pub(super) struct Sessions<'a> {
    contract: &'a Contract,
    fixtures: KnownResources<'a>,
    /// The resources that sessions are for.
    resources: Vec<Resource>,
    /// Every single-use value issued so far.
    issued: HashMap<String, IssuedValue>,
    /// The last call of each session, if it has called.
    last_calls: Vec<Option<Call>>,
    /// The time since the sequence began that has passed at least.
    pub(super) now: Duration,
    /// The shortest interval that the target enforces, even if its responses have a shorter one.
    pub(super) min_interval: Option<Duration>,
}

/// A single-use value that was issued.
#[derive(Debug, Clone, Copy)]
pub(super) struct IssuedValue {
    /// The number of its session.
    session: usize,
    /// The index of the resource that the session is for, if it names one.
    resource: Option<usize>,
    /// Whether a call of the session has delivered the content already.
    pub(super) is_delivered: bool,
    /// The interval between calls that the session requested.
    pub(super) requested_interval: Option<Duration>,
    /// When it was issued.
    pub(super) at: Duration,
    pub(super) is_used: bool,
}

/// A single-use value of a request that was issued.
#[derive(Debug, Clone, Copy)]
pub(super) struct PresentedValue {
    pub(super) issued: IssuedValue,
    /// Whether the request presents it with other padding in base64. A server may decode a value before it compares
    /// it.
    pub(super) has_other_padding: bool,
}

/// A call of a session.
#[derive(Debug, Clone, Copy)]
struct Call {
    at: Duration,
    /// The time until the next call, from the response.
    interval: Duration,
}

/// A resource that sessions are for.
#[derive(Debug)]
struct Resource {
    identity: Identity,
    /// What the first response of a session of it delivered, if none of its fixtures says what it serves.
    served: Option<Fingerprint>,
}

/// How a resource is known.
#[derive(Debug, PartialEq, Eq)]
enum Identity {
    /// By the index of its fixture.
    Fixture(usize),
    /// By the identifiers of the request, if the target accepts some that no fixture has.
    Identifiers(Vec<String>),
}

impl<'a> Sessions<'a> {
    pub(super) fn new(contract: &'a Contract, fixtures: KnownResources<'a>) -> Self {
        Self {
            contract,
            fixtures,
            resources: Vec::new(),
            issued: HashMap::new(),
            last_calls: Vec::new(),
            now: Duration::ZERO,
            min_interval: None,
        }
    }

    /// What is known of the single-use value of a request, if it was issued.
    pub(super) fn presented(&self, operation: &Operation, reading: &Reading<'_>) -> Option<PresentedValue> {
        let value = single_use_value(operation, reading)?;
        let key = self.issued_as(value)?;
        Some(PresentedValue { issued: self.issued[key], has_other_padding: key != value })
    }

    /// The value as it was issued, if it was.
    fn issued_as(&self, value: &str) -> Option<&str> {
        let exact = self.issued.get_key_value(value).map(|(issued, _)| issued);
        let similar = || self.issued.keys().find(|issued| differ_in_padding(issued, value));
        exact.or_else(similar).map(String::as_str)
    }

    /// The time until every interval is over that a target may enforce for the session of a request.
    pub(super) fn time_until_due(&self, operation: &Operation, reading: &Reading<'_>) -> Duration {
        let presented = self.presented(operation, reading).filter(|presented| !presented.has_other_padding);
        let Some(issued) = presented.map(|presented| presented.issued) else { return Duration::ZERO };
        let Some(last) = self.last_calls[issued.session] else { return Duration::ZERO };
        let requested = issued.requested_interval.unwrap_or_default();
        (last.at + self.interval_after(last).max(requested)).saturating_sub(self.now)
    }

    /// Whether the session of a value may call without a wait that the responses demand. Before its first call there
    /// is no interval that a target could enforce.
    pub(super) fn is_due(&self, issued: IssuedValue) -> bool {
        self.last_calls[issued.session].is_none_or(|last| {
            let interval = self.interval_after(last);
            !interval.is_zero() && self.now >= last.at + interval
        })
    }

    fn interval_after(&self, last: Call) -> Duration {
        last.interval.max(self.min_interval.unwrap_or_default())
    }

    /// What is known of the content that a session is served, by the key of a fixture.
    pub(super) fn content(&self, key: &str, issued: IssuedValue) -> Option<Content<'a>> {
        let resource = &self.resources[issued.resource?];
        let known = match resource.identity {
            Identity::Fixture(fixture) => self.fixtures.0[fixture].contents.get(key),
            Identity::Identifiers(_) => None,
        };
        known.map(|content| Content::Known(content)).or(resource.served.map(Content::ServedFirst))
    }

    /// Updates the state with the response to a request.
    pub(super) fn observe(&mut self, operation: &Operation, reading: &Reading<'_>, response: &Response) {
        let values = outputs(operation, response);
        let session = if operation.single_use().is_some() {
            self.continued(operation, reading, response, &values)
        } else {
            Some(self.started(operation, reading))
        };
        let Some(session) = session else { return };
        let contract = self.contract;
        for (_, rule) in contract.operations.iter().filter_map(Operation::single_use) {
            for issuer in contract.issuers(rule).filter(|issuer| issuer.operation == operation) {
                if let Some(value) = values.get(&issuer.member.name) {
                    // A value that is issued again does not change.
                    self.issued.entry(value.clone()).or_insert(session);
                }
            }
        }
    }

    /// The value that a call issues which starts a session.
    fn started(&mut self, operation: &Operation, reading: &Reading<'_>) -> IssuedValue {
        let requested_interval = operation.input.iter().find_map(|member| {
            member.rules.minimum_interval.as_ref()?;
            seconds(reading.members.get(&member.name)?.as_whole()?)
        });
        let session = self.last_calls.len();
        self.last_calls.push(None);
        IssuedValue {
            session,
            resource: self.resource(operation, reading),
            is_delivered: false,
            requested_interval,
            at: self.now,
            is_used: false,
        }
    }

    /// The value that a call issues which continues a session; `None` if it presents no issued value.
    fn continued(
        &mut self,
        operation: &Operation,
        reading: &Reading<'_>,
        response: &Response,
        values: &Outputs,
    ) -> Option<IssuedValue> {
        let interval = operation.output.iter().find_map(|member| {
            member.rules.interval.as_ref()?;
            seconds(values.get(&member.name)?.trim().parse().ok()?)
        });
        let key = self.issued_as(single_use_value(operation, reading)?)?.to_owned();
        let presented = self.issued.get_mut(&key)?;
        presented.is_used = true;
        let presented = *presented;
        self.last_calls[presented.session] =
            Some(Call { at: self.now, interval: interval.unwrap_or_default() });
        self.serve(operation, presented, &response.body);
        Some(IssuedValue { is_delivered: true, is_used: false, at: self.now, ..presented })
    }

    /// Records what a call was served that presents this value. The first response of a session delivers the content
    /// of its resource, and so does that of any other session of it.
    fn serve(&mut self, operation: &Operation, presented: IssuedValue, body: &[u8]) {
        let Some(rule) = operation.output.iter().find_map(|member| member.rules.content.as_ref()) else {
            return;
        };
        if let Some(resource) = presented.resource
            && !presented.is_delivered
            && self.content(&rule.of, presented).is_none()
        {
            self.resources[resource].served = Some(Fingerprint::of(body));
        }
    }

    /// The index of the resource that a request names, which may be one that no other request has named.
    fn resource(&mut self, operation: &Operation, reading: &Reading<'_>) -> Option<usize> {
        let identity = if let Some(fixture) = self.fixtures.named_by(operation, reading) {
            Identity::Fixture(fixture)
        } else {
            let texts = identifiers(operation, reading).map(|identifier| identifier.text.map(str::to_owned));
            Identity::Identifiers(texts.collect::<Option<Vec<_>>>().filter(|texts| !texts.is_empty())?)
        };
        if let Some(known) = self.resources.iter().position(|resource| resource.identity == identity) {
            return Some(known);
        }
        self.resources.push(Resource { identity, served: None });
        Some(self.resources.len() - 1)
    }
}

/// The single-use value that a request presents.
fn single_use_value<'r>(operation: &Operation, reading: &'r Reading<'_>) -> Option<&'r str> {
    let (member, _) = operation.single_use()?;
    reading.members.get(&member.name)?.as_str()
}

/// A number of seconds; none below zero.
fn seconds(number: i128) -> Option<Duration> {
    u64::try_from(number).ok().map(Duration::from_secs)
}
