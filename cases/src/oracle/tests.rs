//! The oracle in sequences of the published model, with two fixtures.

use std::collections::BTreeMap;
use std::time::Duration;

use super::classify::MAX_BODY_SIZE;
use super::content::Content;
use super::expectation::{Expectation, Timing};
use super::outcome::ContentState::{self, Empty, OfFixture, Other, ServedFirst};
use super::outcome::{Field, Value};
use super::state_machine::{LONG_TARGET_STATUSES, Oracle};
use crate::contract::Contract;
use crate::fixture::{Fixture, Resource};
use crate::protocol::{Request, Response};

const DAY: Duration = Duration::from_hours(24);

/// The contract and the fixtures of an oracle.
struct Setup {
    contract: Contract,
    fixtures: Vec<Fixture>,
}

impl Setup {
    /// Two resources, each with content of its own.
    fn new() -> Self {
        let resource = |name: &str| Resource { id: None, name: Some(name.to_owned()) };
        let fixture = |application: &str, environment: &str, content: &str| Fixture {
            resources: BTreeMap::from([
                ("application".to_owned(), resource(application)),
                ("environment".to_owned(), resource(environment)),
                ("profile".to_owned(), resource("main")),
            ]),
            contents: BTreeMap::from([("configuration".to_owned(), content.as_bytes().to_vec())]),
        };
        let fixtures = vec![fixture("shop", "test", "one"), fixture("office", "live", "two")];
        Self { contract: Contract::model().unwrap(), fixtures }
    }

    /// The same resources with unknown content.
    fn with_unknown_content() -> Self {
        let Self { contract, mut fixtures } = Self::new();
        for fixture in &mut fixtures {
            fixture.contents.clear();
        }
        Self { contract, fixtures }
    }

    fn oracle(&self) -> Sequence<'_> {
        Sequence(Oracle::new(&self.contract, &self.fixtures))
    }
}

/// A sequence of exchanges that an oracle follows.
struct Sequence<'a>(Oracle<'a>);

impl<'a> Sequence<'a> {
    fn expect(&self, request: &Request) -> Expectation {
        self.0.expect(request, &self.0.read(request))
    }

    /// The status that the contract demands.
    fn status(&self, request: &Request) -> String {
        self.expect(request).primary().status.to_string()
    }

    fn accepts(&self, request: &Request, status: u16) -> bool {
        self.expect(request).response(status).is_some()
    }

    /// The requirement that a response with this status breaks.
    fn broken_by(&self, request: &Request, status: u16) -> String {
        self.expect(request).broken_by(status).unwrap().to_string()
    }

    fn content(&self, request: &Request) -> Option<Content<'a>> {
        self.0.content(&self.0.read(request))
    }

    fn time_until_due(&self, request: &Request) -> Duration {
        self.0.time_until_due(&self.0.read(request))
    }

    fn observe(&mut self, request: &Request, response: &Response) {
        self.0.observe(&self.0.read(request), response);
    }

    /// Starts a session of the application `shop`, which issues a token.
    fn start(&mut self, token: &str) {
        self.observe(&start("shop", "test"), &started(token));
    }

    /// Polls with a token. The response issues the next one.
    fn poll(&mut self, token: &str, next: &str, body: &str) {
        self.observe(&get(token), &response(200, &[("next-poll-configuration-token", next)], body));
    }
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

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { status, headers, body: body.as_bytes().to_vec() }
}

fn started(token: &str) -> Response {
    response(201, &[], &format!(r#"{{"InitialConfigurationToken":"{token}"}}"#))
}

fn configuration() -> Field {
    Field::Member("Configuration".to_owned())
}

#[test]
fn resources_are_found_only_within_their_application() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    assert_eq!(oracle.status(&start("shop", "test")), "201");
    assert_eq!(oracle.status(&start("shop", "live")), "404");
    assert_eq!(oracle.status(&start("nowhere", "test")), "404");
    assert_eq!(oracle.status(&start("", "test")), "400");
}

#[test]
fn only_bodies_above_64_kib_may_be_refused_for_their_size() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let sized = |size: usize| {
        let mut request = start("shop", "test");
        request.body.resize(size, b' ');
        oracle.expect(&request)
    };
    let (fits, large) = (sized(MAX_BODY_SIZE), sized(MAX_BODY_SIZE + 1));
    for (expectation, may_be_refused) in [(&fits, false), (&large, true)] {
        assert!(expectation.response(201).is_some());
        assert_eq!(expectation.response(413).is_some(), may_be_refused);
        assert_eq!(expectation.is_open(), may_be_refused);
    }
    assert_eq!(large.responses().len(), fits.responses().len() + 1);
}

#[test]
fn invalid_request_above_64_kib_stays_invalid() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let large = start(&"a".repeat(100_000), "test");
    assert_eq!(oracle.status(&large), "400");
    assert!(oracle.accepts(&large, 413));
    assert!(!oracle.accepts(&large, 201));
}

#[test]
fn only_targets_above_8000_octets_may_be_refused_for_their_length() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let before = get("").target.len();
    let accepts = |length: usize, status: u16| oracle.accepts(&get(&"t".repeat(length - before)), status);
    for status in LONG_TARGET_STATUSES {
        assert!(!accepts(8000, status), "{status}");
        assert!(accepts(8001, status), "{status}");
    }
    assert!(accepts(8000, 400));
    assert!(accepts(8001, 400));
}

#[test]
fn refusal_of_a_long_target_need_not_identify_the_cause() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let long = get(&"a".repeat(8193));
    assert_eq!(oracle.status(&long), "400");
    assert!(!oracle.accepts(&long, 200));
    // The operation may not have seen the request.
    assert!(!oracle.expect(&long).identifies_cause(400));
    assert!(oracle.expect(&get("a")).identifies_cause(400));
}

#[test]
fn wrong_success_breaks_the_requirement_that_forbids_it() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    let start_id = "start-configuration-session";
    assert_eq!(oracle.broken_by(&start("shop", "test"), 202), format!("{start_id}/accepts"));
    let unknown = oracle.broken_by(&start("nowhere", "test"), 202);
    assert_eq!(unknown, format!("{start_id}/application-identifier/resource"));
    let elsewhere = oracle.broken_by(&start("shop", "live"), 202);
    assert_eq!(elsewhere, format!("{start_id}/environment-identifier/nesting"));
    let token = "get-latest-configuration/configuration-token";
    assert_eq!(oracle.broken_by(&get("t1"), 202), format!("{token}/issued"));
    oracle.start("t1");
    assert_eq!(oracle.broken_by(&get("t1"), 202), "get-latest-configuration/accepts");
    // The response issues the same value again.
    oracle.poll("t1", "t1", "");
    assert_eq!(oracle.broken_by(&get("t1"), 202), format!("{token}/single-use"));
    // For a refusal the oracle knows no more than the step.
    assert_eq!(oracle.expect(&start("shop", "test")).broken_by(404), None);
}

#[test]
fn id_belongs_to_one_application_and_name_to_any() {
    let mut setup = Setup::new();
    for (fixture, id) in setup.fixtures.iter_mut().zip(["envr001", "envr002"]) {
        fixture.resources.get_mut("environment").unwrap().id = Some(id.to_owned());
    }
    let oracle = setup.oracle();
    assert!(!oracle.accepts(&start("shop", "envr002"), 201));
    assert!(oracle.accepts(&start("shop", "live"), 201));
}

#[test]
fn poll_before_requested_interval_is_early() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    let mut request = start("shop", "test");
    let text = String::from_utf8(request.body).unwrap();
    request.body = text.replace('}', ",\"RequiredMinimumPollIntervalInSeconds\":86400}").into_bytes();
    oracle.observe(&request, &started("t1"));
    assert_eq!(oracle.status(&get("t1")), "200");
    oracle.poll("t1", "t2", "one");
    assert_eq!(oracle.status(&get("t2")), "400");
    assert_eq!(oracle.expect(&get("t2")).timing(), Timing::Early);
    assert_eq!(oracle.time_until_due(&get("t2")), DAY);
    oracle.0.advance(DAY);
    assert_eq!(oracle.status(&get("t2")), "200");
    assert_eq!(oracle.expect(&get("t2")).timing(), Timing::Due);
}

#[test]
fn interval_of_the_response_may_be_enforced() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    oracle.start("t1");
    assert_eq!(oracle.time_until_due(&get("t1")), Duration::ZERO);
    let headers = [("next-poll-configuration-token", "t2"), ("next-poll-interval-in-seconds", "60")];
    oracle.observe(&get("t1"), &response(200, &headers, "one"));
    assert_eq!(oracle.time_until_due(&get("t2")), Duration::from_mins(1));
    assert_eq!(oracle.expect(&get("t2")).timing(), Timing::Immediate);
    oracle.0.advance(Duration::from_mins(1));
    assert_eq!(oracle.expect(&get("t2")).timing(), Timing::Due);
}

#[test]
fn token_expires_after_its_lifetime() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    oracle.start("t1");
    oracle.0.advance(DAY);
    assert_eq!(oracle.status(&get("t1")), "200");
    oracle.0.advance(Duration::from_secs(1));
    assert_eq!(oracle.status(&get("t1")), "400");
    assert!(oracle.broken_by(&get("t1"), 200).ends_with("/lifetime"));
}

#[test]
fn lifetime_starts_when_a_token_is_issued() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    oracle.start("t1");
    oracle.0.advance(DAY / 2);
    oracle.poll("t1", "t2", "");
    oracle.0.advance(DAY);
    assert_eq!(oracle.status(&get("t2")), "200");
    oracle.0.advance(Duration::from_secs(1));
    assert_eq!(oracle.status(&get("t2")), "400");
}

#[test]
fn lookup_before_the_constraints_breaks_validation_first() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let (too_long, unknown) = ("a".repeat(200), "quite-unknown");
    let both = oracle.expect(&start(&too_long, unknown));
    assert_eq!(both.primary().status.to_string(), "400");
    let broken = both.response(404).unwrap().breaks.as_ref().unwrap();
    assert_eq!(broken.as_str(), "start-configuration-session/validation-first");
    assert!(!oracle.accepts(&start(&too_long, "test"), 404));
}

#[test]
fn short_unknown_name_may_exist() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    assert!(oracle.accepts(&start("q", "test"), 201));
    assert!(!oracle.accepts(&start("quite-long", "test"), 201));
}

#[test]
fn letter_case_of_identifiers_is_open() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    assert_eq!(oracle.status(&start("SHOP", "test")), "404");
    assert!(oracle.accepts(&start("SHOP", "test"), 201));
    assert!(!oracle.accepts(&start("SHOPS", "test"), 201));
}

#[test]
fn token_can_be_used_once() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    assert_eq!(oracle.status(&get("t1")), "400");
    oracle.observe(&start("office", "live"), &started("t1"));
    assert_eq!(oracle.status(&get("t1")), "200");
    assert_eq!(oracle.expect(&get("t1")).outcome().get(&configuration()), &Value::Content(OfFixture));
    assert_eq!(oracle.content(&get("t1")), Some(Content::Known(b"two")));
    oracle.poll("t1", "t2", "two");
    assert_eq!(oracle.status(&get("t1")), "400");
    assert_eq!(oracle.status(&get("t2")), "200");
    assert_eq!(oracle.expect(&get("t2")).outcome().get(&configuration()), &Value::Content(Empty));
}

#[test]
fn refused_call_uses_no_token() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    oracle.start("t1");
    oracle.observe(&get("t1"), &response(500, &[], ""));
    assert_eq!(oracle.status(&get("t1")), "200");
}

/// A poll: the values of the content that are accepted, and whether the one that came shows something.
#[derive(Debug, PartialEq)]
struct Poll {
    accepted: Vec<Value>,
    is_conclusive: bool,
}

fn poll(accepted: &[ContentState], is_conclusive: bool) -> Poll {
    Poll { accepted: accepted.iter().map(|state| Value::Content(*state)).collect(), is_conclusive }
}

/// Starts a session of an application and polls it once for each body.
fn session(oracle: &mut Sequence<'_>, application: &str, token: &str, bodies: &[&str]) -> Vec<Poll> {
    let environment = if application == "office" { "live" } else { "test" };
    oracle.observe(&start(application, environment), &started(&format!("{token}0")));
    let mut polls = Vec::new();
    for (call, body) in bodies.iter().enumerate() {
        let current = format!("{token}{call}");
        let expectation = oracle.expect(&get(&current));
        let accepted = &expectation.primary().fields[&configuration()];
        let known = oracle.content(&get(&current));
        let shown = match body.as_bytes() {
            [] => Empty,
            bytes => known.and_then(|known| known.state_of(bytes)).unwrap_or(Other),
        };
        polls.push(Poll {
            accepted: accepted.values.clone(),
            is_conclusive: accepted.inconclusive_reason(&shown.into()).is_none(),
        });
        oracle.poll(&current, &format!("{token}{}", call + 1), body);
    }
    polls
}

#[test]
fn first_served_content_is_due_in_other_sessions_of_the_resource() {
    let setup = Setup::with_unknown_content();
    let mut oracle = setup.oracle();
    let polls = session(&mut oracle, "shop", "a", &["one", "", "two"]);
    let any = || poll(&[Other, Empty], false);
    let again = || poll(&[Empty, ServedFirst], true);
    assert_eq!(polls, [any(), again(), again()]);
    // Later content does not count: it was not due.
    let polls = session(&mut oracle, "shop", "b", &["", "one"]);
    assert_eq!(polls, [poll(&[ServedFirst], true), again()]);
    // Another resource has content of its own.
    assert_eq!(session(&mut oracle, "office", "c", &["one"]), [any()]);
}

#[test]
fn empty_content_shows_nothing_if_none_was_ever_served() {
    let setup = Setup::with_unknown_content();
    let mut oracle = setup.oracle();
    let polls = session(&mut oracle, "shop", "a", &["", "", "one"]);
    assert_eq!(polls[1..], [poll(&[Empty], false), poll(&[Empty], true)]);
    assert_eq!(session(&mut oracle, "shop", "b", &[""]), [poll(&[Empty], false)]);
}

#[test]
fn fixture_content_is_due_whatever_was_served() {
    let mut setup = Setup::new();
    setup.fixtures[1].contents.insert("configuration".to_owned(), Vec::new());
    let mut oracle = setup.oracle();
    for token in ["a", "b"] {
        let polls = session(&mut oracle, "shop", token, &["other", ""]);
        assert_eq!(polls, [poll(&[OfFixture], true), poll(&[Empty, OfFixture], true)]);
    }
    assert_eq!(session(&mut oracle, "office", "c", &[""]), [poll(&[Empty], true)]);
}

#[test]
fn resources_without_fixture_differ_by_their_identifiers() {
    let setup = Setup { fixtures: Vec::new(), ..Setup::new() };
    let mut oracle = setup.oracle();
    let mut due = |application: &str, token: &str| {
        session(&mut oracle, application, token, &["one"])[0].accepted[0].clone()
    };
    assert_eq!(due("shop", "a"), Value::Content(Other));
    assert_eq!(due("shop", "b"), Value::Content(ServedFirst));
    assert_eq!(due("shops", "c"), Value::Content(Other));
}

#[test]
fn token_with_other_padding_is_open() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    oracle.start("abA");
    let other_padding = oracle.expect(&get("abB"));
    assert_eq!(other_padding.primary().status.to_string(), "400");
    assert!(other_padding.is_open());
    assert!(other_padding.response(200).is_some());
    assert!(other_padding.response(500).is_none());
    assert!(oracle.content(&get("abA")).is_some());
    assert_eq!(oracle.content(&get("abB")), oracle.content(&get("abA")));
    assert_eq!(oracle.content(&get("abE")), None);
    for other in ["abE", "aaA", "abAA", "ab"] {
        let expectation = oracle.expect(&get(other));
        assert!(expectation.response(200).is_none(), "{other}");
        assert!(!expectation.is_open(), "{other}");
    }
}

#[test]
fn token_used_with_other_padding_is_used() {
    let setup = Setup::new();
    let mut oracle = setup.oracle();
    oracle.start("abA");
    oracle.poll("abB", "abI", "");
    assert!(oracle.broken_by(&get("abA"), 200).ends_with("/single-use"));
    assert!(!oracle.accepts(&get("abD"), 200));
    assert_eq!(oracle.status(&get("abI")), "200");
}

#[test]
fn unrouted_request_has_to_be_refused() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let request = Request { method: "PUT".to_owned(), ..start("shop", "test") };
    let unrouted = oracle.expect(&request);
    assert!(unrouted.is_open());
    for status in [400, 403, 404, 405, 415] {
        assert!(unrouted.response(status).is_some(), "{status}");
    }
    for status in [200, 201, 302, 500, 501] {
        assert!(unrouted.response(status).is_none(), "{status}");
        // The step knows what that breaks.
        assert!(unrouted.broken_by(status).is_none(), "{status}");
    }
}

#[test]
fn missing_content_type_is_refused_or_ignored() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let request = Request { headers: Vec::new(), ..start("shop", "test") };
    assert!(oracle.expect(&request).is_open());
    for (status, accepted) in
        [(415, true), (400, true), (201, true), (200, false), (404, false), (500, false)]
    {
        assert_eq!(oracle.accepts(&request, status), accepted, "{status}");
    }
}

#[test]
fn chunked_body_may_be_refused_without_a_length() {
    let setup = Setup::new();
    let oracle = setup.oracle();
    let mut request = start("shop", "test");
    assert!(!oracle.accepts(&request, 411));
    request.headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
    assert_eq!(oracle.status(&request), "201");
    assert!(oracle.accepts(&request, 411));
    assert!(!oracle.expect(&request).is_open());
}
