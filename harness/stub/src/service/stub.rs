//! Responds to requests.

use bytes::Bytes;
use cases::contract::{Contract, Location, Member, MessageKind, Operation};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};

use crate::bug::{Bug, Cause, Kind, Place, Refused, Side};
use crate::generate::{Extent, Generator};
use crate::mutant::Mutant;
use crate::read::read;
use crate::respond::{Message, refuse};
use crate::route::{Route, route};
use crate::validate::validate;
use crate::value::{EVENT_STREAM, Structure, Value, is_event_stream};

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 4 << 20;

/// A server of a contract, without a socket.
#[derive(Debug)]
pub struct Stub {
    contract: Contract,
    extent: Extent,
    bug: Option<Bug>,
}

impl Stub {
    /// A stub whose outputs depend on a seed: required members are in all of them, and some optional ones. An
    /// operation has the same output in all responses.
    pub fn new(contract: Contract, seed: u64) -> Self {
        Self { contract, extent: Extent::Seeded(seed), bug: None }
    }

    /// A stub whose outputs have required members alone.
    pub fn least(contract: Contract) -> Self {
        Self { contract, extent: Extent::Least, bug: None }
    }

    /// The same stub with the bug of a mutant.
    #[must_use]
    pub fn with_mutant(self, mutant: &Mutant) -> Self {
        Self { bug: Some(mutant.bug().clone()), ..self }
    }

    /// The contract that is served.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The response to a request. It depends on nothing else, and bodies beyond [`MAX_BODY`] are refused.
    pub fn respond(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let route = route(&self.contract, request);
        let operation = route.as_ref().map(|route| route.operation);
        match self.accept(route, request) {
            Ok(operation) => self.success(operation),
            Err(refusal) => refuse(&self.contract, operation, &refusal),
        }
    }

    /// The operation of a request that is valid.
    fn accept<'a>(&'a self, route: Option<Route<'a>>, request: &Request<Bytes>) -> Refused<&'a Operation> {
        if request.body().len() > MAX_BODY {
            return Err(Cause::TooLarge.into());
        }
        let route = route.ok_or(Cause::UnknownOperation)?;
        let root = Place::root(self.bug_of(route.operation, Side::Input));
        let input = read(&self.contract, &route, request, &root)?;
        validate(&self.contract, &route.operation.input, &input, &root)?;
        Ok(route.operation)
    }

    fn bug_of(&self, operation: &Operation, side: Side) -> Option<&Bug> {
        self.bug.as_ref().filter(|bug| bug.side == side && bug.operation == operation.name)
    }

    /// The success of an operation of the contract, whatever the request.
    pub fn success(&self, operation: &Operation) -> Response<Bytes> {
        let bug = self.bug_of(operation, Side::Output);
        let values = self.output(operation, bug);
        let message = Message {
            contract: &self.contract,
            members: &operation.output,
            values: &values,
            status: operation.success,
        };
        let mut response = message.output();
        if self.event_stream(operation).is_some() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
        }
        match bug.map(|bug| bug.kind) {
            Some(Kind::WrongStatus) => {
                let is_ok = response.status() == StatusCode::OK;
                *response.status_mut() = if is_ok { StatusCode::ACCEPTED } else { StatusCode::OK };
            }
            Some(Kind::WrongContentType) => {
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            }
            _ => {}
        }
        response
    }

    /// The output member that is a stream of events, if there is one.
    fn event_stream<'a>(&self, operation: &'a Operation) -> Option<&'a Member> {
        let payload = operation.output_payload();
        payload.filter(|member| is_event_stream(&self.contract, operation, &MessageKind::Output, member))
    }

    /// The output of an operation. A status that a member is bound to is the one of the operation.
    pub(super) fn output(&self, operation: &Operation, bug: Option<&Bug>) -> Structure {
        let mut generator = Generator::new(&self.contract, self.extent, &operation.name);
        let mut values = generator.structure(&operation.output, &Place::root(bug));
        if let Some(member) = self.event_stream(operation) {
            // No event is a stream of events too.
            values.insert(member.name.clone(), Value::Blob(Bytes::new()));
        }
        let bound = |name: &str| {
            let mut members = operation.output.iter();
            members.any(|member| member.name == name && member.location == Location::ResponseCode)
        };
        for (name, value) in &mut values {
            if bound(name) {
                *value = Value::Integer(i128::from(operation.success));
            }
        }
        values
    }
}
