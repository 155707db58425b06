//! Requests: the reference server and the oracle, which share no code, are of one mind about any sequence
//! of them, and what the classifier says does not depend on when it is asked.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use boundstone::config::fixtures;
use boundstone::judge::judgement::{Judgement, NotAttributable, judge, not_attributable};
use boundstone::judge::normalize::normalize;
use boundstone::mock::{Dialect, Mock, Options, Reference, Resources};
use bytes::Bytes;
use cases::contract::Contract;
use cases::fixture::Fixture;
use cases::id::RequirementId;
use cases::oracle::{ContentState, Oracle, classify};
use cases::protocol::{Request, Response, outputs};
use http::uri::PathAndQuery;

use super::message::Message;

/// Parts the requests of an input.
const NEXT: &[u8] = b"\n>>>\n";
/// So many requests of an input are sent.
const MAX_REQUESTS: usize = 8;
/// A placeholder for the value that the last success issued.
const ISSUED: &str = "{issued}";
/// When the first request comes, and the time to the next.
const START: Duration = Duration::from_hours(500_000);
const PAUSE: Duration = Duration::from_mins(1);

/// A contract, its server, and what the server has.
struct Side {
    contract: Contract,
    mock: Mutex<Mock>,
    fixtures: Vec<Fixture>,
}

static SIDES: LazyLock<[Side; 2]> = LazyLock::new(|| {
    [Contract::page(), Contract::model()].map(|contract| {
        let contract = contract.expect("it is built in");
        let dialect = Dialect::of(&contract).expect("it is served");
        let resources = Resources::sample(&dialect);
        let path = std::path::Path::new("fixtures.toml");
        let fixtures = fixtures::parse(&resources.to_fixtures(), path, &contract).expect("they are its own");
        // The memory of a server that is asked for hours has to have an end.
        let options =
            Options { max_sessions: std::num::NonZeroUsize::MIN.saturating_add(63), ..Options::default() };
        let mock = Mutex::new(Mock::new(dialect, resources, Box::new(Reference), options, [7; 32]));
        Side { contract, mock, fixtures }
    })
});

/// Sends the requests of an input to the server of each contract.
pub fn hold(data: &[u8]) {
    let requests: Vec<Request> = split(data).into_iter().take(MAX_REQUESTS).filter_map(read).collect();
    for side in SIDES.iter() {
        side.hold(&requests);
    }
}

impl Side {
    fn hold(&self, requests: &[Request]) {
        let mut mock = self.mock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut oracle = Oracle::new(&self.contract, &self.fixtures);
        let mut issued = String::new();
        let mut now = START;
        for request in requests {
            let request = Request { target: request.target.replace(ISSUED, &issued), ..request.clone() };
            let reading = classify(&self.contract, &request);
            assert_eq!(classify(&self.contract, &request), reading);
            let Some(sent) = as_sent(&request) else { continue };
            now += PAUSE;
            oracle.advance(PAUSE);
            let response = as_received(&mock.respond(&sent, now));
            let expectation = oracle.expect(&request, &reading);
            if let Some(operation) = reading.operation {
                let outcome = normalize(&self.contract, operation, &response, None, &str::to_owned);
                match not_attributable(&self.contract, operation, &expectation, &response) {
                    None => {
                        let requirement = RequirementId::new([operation.name.as_str()]);
                        // Whether the content is the fixture's is judged where the fixture is known.
                        let judged = judge(&self.contract, &requirement, &expectation, None, &outcome);
                        let Judgement::Compared { differences, .. } = judged else { panic!("{judged:?}") };
                        let differences: Vec<_> =
                            differences.iter().filter(|it| it.actual != ContentState::Other.into()).collect();
                        assert!(
                            differences.is_empty(),
                            "{}: {request:?}: {differences:#?}\n{response:?}",
                            self.contract.name
                        );
                    }
                    Some(NotAttributable::TooEarly) => {}
                    Some(excuse) => panic!("{request:?}: {excuse}"),
                }
                let outputs = outputs(operation, &response);
                if let Some(value) = self.contract.issued_value(operation, &outputs) {
                    value.clone_into(&mut issued);
                }
            } else {
                let status = response.status;
                assert!(
                    expectation.response(status).is_some(),
                    "{}: {request:?}: {status}",
                    self.contract.name
                );
            }
            oracle.observe(&reading, &response);
        }
    }
}

fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.windows(NEXT.len()).position(|window| window == NEXT) {
        parts.push(&rest[..at]);
        rest = &rest[at + NEXT.len()..];
    }
    parts.push(rest);
    parts
}

/// `METHOD target` in the first line.
fn read(data: &[u8]) -> Option<Request> {
    let message = Message::read(data)?;
    let (method, target) = message.first.split_once(' ')?;
    Some(Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: message.headers,
        body: message.body.to_vec(),
        ..Request::default()
    })
}

/// The request as a server gets it, if it can be sent.
fn as_sent(request: &Request) -> Option<http::Request<Bytes>> {
    if !request.target.starts_with('/') {
        return None;
    }
    let mut sent = http::Request::builder().method(request.method.as_str()).uri(request.target.as_str());
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.body(Bytes::copy_from_slice(&request.body)).ok()?;
    // A fragment stays behind.
    (sent.uri().path_and_query().map(PathAndQuery::as_str) == Some(&request.target)).then_some(sent)
}

fn as_received(response: &http::Response<Bytes>) -> Response {
    let headers = response.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Response {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: response.body().to_vec(),
    }
}
