//! The reference against the contract, line by line.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Mock, Options, Reference};
use crate::contract::Dialect;
use crate::protocol::{ERROR_TYPE, MAX_BODY, NEXT_POLL_INTERVAL, NEXT_POLL_TOKEN, VERSION_LABEL};
use crate::resources::{Configuration, Identifiers, Resources};
use crate::token::{TOKEN_LENGTH, TOKEN_LIFETIME};

const BAD_REQUEST: &str = "BadRequestException";
const NOT_FOUND: &str = "ResourceNotFoundException";
const EPOCH: Duration = Duration::from_hours(500_000);

/// Sends requests to a mock at a certain time.
struct TestClient {
    mock: Mock,
    dialect: Dialect,
    now: Duration,
}

impl TestClient {
    fn new(dialect: Dialect) -> Self {
        Self::with_options(dialect, Options::default())
    }

    fn with_options(dialect: Dialect, options: Options) -> Self {
        let resources = Resources::sample(&dialect);
        let mock = Mock::new(dialect.clone(), resources, Box::new(Reference), options, [7; 32]);
        Self { mock, dialect, now: EPOCH }
    }

    fn send(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        self.mock.respond(request, self.now)
    }

    fn post(&mut self, body: impl Into<Bytes>) -> Response<Bytes> {
        let request = Request::post(&self.dialect.start_path)
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap();
        self.send(&request)
    }

    fn start(&mut self, body: &Value) -> Response<Bytes> {
        self.post(body.to_string())
    }

    /// Starts a session of `shop` and returns its token.
    fn session(&mut self) -> String {
        let dialect = self.dialect.clone();
        let response = self.start(&valid());
        assert_eq!(response.status(), dialect.start_status);
        token_of(&response)
    }

    fn poll(&mut self, token: &str) -> Response<Bytes> {
        let uri = format!("{}?configuration_token={token}", self.dialect.get_path);
        self.get(&uri)
    }

    fn get(&mut self, uri: &str) -> Response<Bytes> {
        self.send(&Request::get(uri).body(Bytes::new()).unwrap())
    }
}

fn valid() -> Value {
    json!({
        "ApplicationIdentifier": "shop",
        "EnvironmentIdentifier": "production",
        "ConfigurationProfileIdentifier": "features",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = valid();
    body[name] = value;
    body
}

fn body_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn token_of(response: &Response<Bytes>) -> String {
    body_of(response)["InitialConfigurationToken"].as_str().unwrap().to_owned()
}

fn next_of(response: &Response<Bytes>) -> String {
    response.headers()[NEXT_POLL_TOKEN].to_str().unwrap().to_owned()
}

#[track_caller]
fn assert_refused(response: &Response<Bytes>, status: u16, error_type: &str) {
    let body = String::from_utf8_lossy(response.body());
    assert_eq!(response.status().as_u16(), status, "{body}");
    assert_eq!(response.headers()[ERROR_TYPE], error_type, "{body}");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(body_of(response)["Message"].is_string(), "{body}");
}

#[track_caller]
fn assert_problem(response: &Response<Bytes>, problem: &str) {
    assert_refused(response, 400, BAD_REQUEST);
    let body = body_of(response);
    assert_eq!(body["Reason"], "InvalidParameters");
    let details = json!({"InvalidParameters": {"ConfigurationToken": {"Problem": problem}}});
    assert_eq!(body["Details"], details);
}

const IDENTIFIERS: [&str; 3] =
    ["ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"];

#[test]
fn each_contract_has_its_path_and_status() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect.clone());
        let response = client.start(&valid());
        assert_eq!(response.status(), dialect.start_status);
        assert_eq!(response.headers()["content-type"], "application/json");
        let length = token_of(&response).chars().count();
        assert_eq!(length, TOKEN_LENGTH);
        assert!(dialect.initial_token_length.contains(&length));
        assert_eq!(body_of(&response).as_object().unwrap().len(), 1);
    }
    assert_eq!(Dialect::page().start_status, StatusCode::OK);
    assert_eq!(Dialect::model().start_status, StatusCode::CREATED);
}

#[test]
fn samples_are_found_by_id_and_name() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect.clone());
        let samples: Vec<_> = client
            .mock
            .resources()
            .deployments()
            .map(|(identities, _)| identities.map(Clone::clone))
            .collect();
        for [application, environment, profile] in samples {
            for identifiers in [
                [application.id(), environment.id(), profile.id()],
                [application.name(), environment.name(), profile.name()],
                [application.id(), environment.name(), profile.id()],
            ] {
                let body: Value = IDENTIFIERS.into_iter().zip(identifiers).collect();
                assert_eq!(client.start(&body).status(), dialect.start_status, "{body}");
            }
        }
    }
}

#[test]
fn identifiers_are_required_strings() {
    let wrong = [json!(null), json!(1), json!(1.5), json!(true), json!([]), json!(["shop"]), json!({})];
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect);
        for name in IDENTIFIERS {
            let mut missing = valid();
            missing.as_object_mut().unwrap().remove(name);
            assert_refused(&client.start(&missing), 400, BAD_REQUEST);
            for value in &wrong {
                assert_refused(&client.start(&with(name, value.clone())), 400, BAD_REQUEST);
            }
        }
    }
}

#[test]
fn lengths_count_unicode_scalar_values() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect.clone());
        let longest = *dialect.identifier_length.end();
        for name in IDENTIFIERS {
            assert_refused(&client.start(&with(name, json!(""))), 400, BAD_REQUEST);
            for character in ["q", "ü", "語", "🦀"] {
                for length in [1, longest - 1, longest] {
                    let body = with(name, json!(character.repeat(length)));
                    assert_refused(&client.start(&body), 404, NOT_FOUND);
                }
                for length in [longest + 1, 2 * longest, 10_000] {
                    let body = with(name, json!(character.repeat(length)));
                    assert_refused(&client.start(&body), 400, BAD_REQUEST);
                }
            }
        }
        let escaped = valid().to_string().replace("shop", &"\\ud83e\\udd80".repeat(longest));
        assert_refused(&client.post(escaped), 404, NOT_FOUND);
    }
}

#[test]
fn constraints_are_checked_before_lookup() {
    let mut client = TestClient::new(Dialect::model());
    let mut body = with("ApplicationIdentifier", json!("unknown"));
    body["ConfigurationProfileIdentifier"] = json!("");
    assert_refused(&client.start(&body), 400, BAD_REQUEST);
    body["ConfigurationProfileIdentifier"] = json!("features");
    body["RequiredMinimumPollIntervalInSeconds"] = json!(14);
    assert_refused(&client.start(&body), 400, BAD_REQUEST);
}

#[test]
fn not_found_names_the_resource() {
    let mut client = TestClient::new(Dialect::page());
    for (name, value, kind, references) in [
        ("ApplicationIdentifier", "none", "Application", 1),
        ("EnvironmentIdentifier", "envr201", "Environment", 2),
        ("ConfigurationProfileIdentifier", "設定", "ConfigurationProfile", 2),
        ("ConfigurationProfileIdentifier", "undeployed", "Deployment", 3),
    ] {
        let response = client.start(&with(name, json!(value)));
        assert_refused(&response, 404, NOT_FOUND);
        let body = body_of(&response);
        assert_eq!(body["ResourceType"], kind);
        assert_eq!(body["ReferencedBy"][name], value);
        assert_eq!(body["ReferencedBy"].as_object().unwrap().len(), references);
    }
}

#[test]
fn malformed_bodies_are_refused() {
    let valid = valid().to_string();
    let open = &valid[..valid.len() - 1];
    let malformed = [
        String::new(),
        " ".to_owned(),
        "[]".to_owned(),
        format!("[{valid}]"),
        "\"text\"".to_owned(),
        "1".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        open.to_owned(),
        format!("{open},}}"),
        format!("{valid}x"),
        format!("{valid}{valid}"),
        format!("/* no */{valid}"),
        format!("{valid}//"),
        valid.replace('"', "'"),
        valid.replace("\"ApplicationIdentifier\"", "ApplicationIdentifier"),
        format!("{open},\"x\":01}}"),
        format!("{open},\"x\":NaN}}"),
        format!("{open},\"x\":\"\t\"}}"),
        format!("\u{feff}{valid}"),
    ];
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect);
        for body in &malformed {
            assert_refused(&client.post(body.clone()), 400, BAD_REQUEST);
        }
        let latin1 = [open.as_bytes(), b",\"x\":\"\xe9\"}"].concat();
        assert_refused(&client.post(latin1), 400, BAD_REQUEST);
        let surrogate = valid.replace("shop", "\\ud800");
        assert_refused(&client.post(surrogate), 400, BAD_REQUEST);
    }
}

#[test]
fn unknown_members_are_ignored() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let valid = valid().to_string();
    let open = &valid[..valid.len() - 1];
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect.clone());
        for value in ["null", "1e999", "\"x\"", "{\"a\":[1]}", "\"\\ud800\"", deep.as_str()] {
            let response = client.post(format!("{open},\"Unknown\":{value}}}"));
            assert_eq!(response.status(), dialect.start_status);
        }
        // The members of one contract in letters of another case are unknown too.
        let response = client.post(valid.replace("ApplicationI", "applicationI"));
        assert_refused(&response, 400, BAD_REQUEST);
    }
}

#[test]
fn deep_nesting_in_known_members_is_refused() {
    let mut client = TestClient::new(Dialect::model());
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = valid().to_string().replace("\"shop\"", &deep);
    assert_refused(&client.post(body), 400, BAD_REQUEST);
}

#[test]
fn content_type_must_be_json() {
    let mut client = TestClient::new(Dialect::page());
    let mut status = |content_type: Option<&'static str>, body: String| {
        let mut request = Request::post("/").body(Bytes::from(body)).unwrap();
        if let Some(content_type) = content_type {
            let headers = request.headers_mut();
            headers.insert("content-type", HeaderValue::from_static(content_type));
        }
        client.send(&request)
    };
    let valid = valid().to_string();
    for accepted in ["application/json", "Application/JSON ; charset=utf-8"] {
        assert_eq!(status(Some(accepted), valid.clone()).status(), StatusCode::OK);
    }
    let refused = [None, Some("text/plain"), Some("application/x-amz-json-1.1"), Some("")];
    for content_type in refused {
        let response = status(content_type, valid.clone());
        assert_refused(&response, 415, "UnsupportedMediaTypeException");
    }
    assert_refused(&status(None, String::new()), 400, BAD_REQUEST);
}

#[test]
fn oversized_bodies_are_refused() {
    let mut client = TestClient::new(Dialect::page());
    let valid = valid().to_string();
    let padded = |length: usize| format!("{valid}{}", " ".repeat(length - valid.len()));
    assert_eq!(client.post(padded(MAX_BODY)).status(), StatusCode::OK);
    let response = client.post(padded(MAX_BODY + 1));
    assert_refused(&response, 413, "RequestEntityTooLargeException");
}

#[test]
fn unknown_paths_and_methods_are_refused() {
    const UNKNOWN: &str = "UnknownOperationException";
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect.clone());
        for path in ["/none", "/configuration/", "/Configuration"] {
            assert_refused(&client.get(path), 404, UNKNOWN);
        }
        for method in [Method::GET, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            let request = Request::builder().method(method).uri(&dialect.start_path);
            let response = client.send(&request.body(Bytes::new()).unwrap());
            assert_refused(&response, 405, UNKNOWN);
            assert_eq!(response.headers()["allow"], "POST");
        }
        let request = Request::post(&dialect.get_path).body(Bytes::new()).unwrap();
        let response = client.send(&request);
        assert_refused(&response, 405, UNKNOWN);
        assert_eq!(response.headers()["allow"], "GET");
    }
    assert_refused(&TestClient::new(Dialect::model()).get("/"), 404, UNKNOWN);
    assert_refused(&TestClient::new(Dialect::page()).get("/configurationsessions"), 404, UNKNOWN);
}

#[test]
fn intervals_must_be_integers_in_range() {
    const NAME: &str = "RequiredMinimumPollIntervalInSeconds";
    let valid = valid().to_string();
    let open = &valid[..valid.len() - 1];
    let mut client = TestClient::new(Dialect::model());
    for value in ["15", " \n60\t", "86399", "86400", "null", " null "] {
        let response = client.post(format!("{open},\"{NAME}\":{value}}}"));
        assert_eq!(response.status(), StatusCode::CREATED, "{value}");
    }
    for value in [
        "14",
        "86401",
        "0",
        "-1",
        "-60",
        "\"60\"",
        "true",
        "15.5",
        "60.0",
        "6e1",
        "[]",
        "[60]",
        "{}",
        "2147483647",
        "2147483648",
        "-2147483649",
        "4294967356",
        "18446744073709551676",
        "1e999",
    ] {
        let response = client.post(format!("{open},\"{NAME}\":{value}}}"));
        assert_refused(&response, 400, BAD_REQUEST);
    }
    let mut page = TestClient::new(Dialect::page());
    for value in ["14", "\"60\"", "null", "{}"] {
        let response = page.post(format!("{open},\"{NAME}\":{value}}}"));
        assert_eq!(response.status(), StatusCode::OK, "{value}");
    }
}

#[test]
fn only_changes_are_sent_after_the_first_poll() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect);
        let mut token = client.session();
        let first = client.poll(&token);
        assert_eq!(first.status(), StatusCode::OK);
        assert!(first.body().starts_with(b"{\"checkout\""));
        assert_eq!(first.headers()["content-type"], "application/json");
        assert_eq!(first.headers()[VERSION_LABEL], "v1");
        assert_eq!(first.headers()[NEXT_POLL_INTERVAL], "60");
        token = next_of(&first);
        for _ in 0..3 {
            let later = client.poll(&token);
            assert_eq!(later.status(), StatusCode::OK);
            assert!(later.body().is_empty());
            assert_eq!(later.headers()["content-type"], "application/json");
            assert_eq!(later.headers().get(VERSION_LABEL), None);
            assert_eq!(next_of(&later).len(), TOKEN_LENGTH);
            token = next_of(&later);
        }
        let place = Identifiers::new("shop", "production", "features");
        let changed = Configuration::text("new", HeaderValue::from_static("text/plain"));
        client.mock.deploy(&place, changed).unwrap();
        let later = client.poll(&token);
        assert_eq!(later.body().as_ref(), b"new");
        assert_eq!(later.headers()["content-type"], "text/plain");
        assert_eq!(later.headers().get(VERSION_LABEL), None);
        assert!(client.poll(&next_of(&later)).body().is_empty());
    }
}

#[test]
fn tokens_are_single_use() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let mut client = TestClient::new(dialect);
        let initial = client.session();
        let second = next_of(&client.poll(&initial));
        assert_problem(&client.poll(&initial), "Corrupted");
        let third = next_of(&client.poll(&second));
        assert_problem(&client.poll(&second), "Corrupted");
        assert_problem(&client.poll(&initial), "Corrupted");
        assert_eq!(client.poll(&third).status(), StatusCode::OK);
    }
}

#[test]
fn tokens_are_unique_across_sessions() {
    let mut client = TestClient::new(Dialect::model());
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let initial = client.session();
        let next = next_of(&client.poll(&initial));
        assert!(!next.contains("shop") && !initial.contains("app0001"));
        assert!(seen.insert(initial) && seen.insert(next));
    }
}

#[test]
fn forged_tokens_are_refused() {
    let mut client = TestClient::new(Dialect::model());
    let token = client.session();
    let mut altered = token.clone();
    let last = if altered.pop() == Some('A') { 'B' } else { 'A' };
    altered.push(last);
    assert_problem(&client.poll(&altered), "Corrupted");
    assert_problem(&client.poll("unknown"), "Corrupted");
    assert_problem(&client.poll(&"x".repeat(8192)), "Corrupted");
    let foreign = Mock::reference(Dialect::model(), [8; 32]);
    let mut foreign = TestClient { mock: foreign, dialect: Dialect::model(), now: EPOCH };
    let foreign = foreign.session();
    assert_problem(&client.poll(&foreign), "Corrupted");
    assert_eq!(client.poll(&token).status(), StatusCode::OK);
}

#[test]
fn malformed_token_parameters_are_refused() {
    let mut client = TestClient::new(Dialect::page());
    let long = format!("/configuration?configuration_token={}", "x".repeat(8193));
    for uri in [
        "/configuration",
        "/configuration?",
        "/configuration?other=1",
        "/configuration?configuration_token",
        "/configuration?configuration_token=",
        "/configuration?configuration_token=a%20b",
        "/configuration?configuration_token=%EF%BB%BF",
        "/configuration?configuration_token=%ff",
        "/configuration?Configuration_Token=x",
        long.as_str(),
    ] {
        let response = client.get(uri);
        assert_refused(&response, 400, BAD_REQUEST);
        assert_eq!(body_of(&response).get("Details"), None, "{uri}");
    }
}

#[test]
fn first_percent_decoded_token_counts() {
    let mut client = TestClient::new(Dialect::page());
    let token = client.session();
    let encoded =
        percent_encoding::percent_encode(token.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string();
    let uri = format!("/configuration?x=1&configuration%5Ftoken={encoded}&configuration_token=unknown&y");
    assert_eq!(client.get(&uri).status(), StatusCode::OK);
}

#[test]
fn tokens_expire_after_24_hours() {
    let mut client = TestClient::new(Dialect::model());
    let (kept, expired) = (client.session(), client.session());
    client.now = EPOCH + TOKEN_LIFETIME;
    let next = next_of(&client.poll(&kept));
    client.now += Duration::from_millis(1);
    assert_problem(&client.poll(&expired), "Expired");
    assert_eq!(client.poll(&next).status(), StatusCode::OK);
}

#[test]
fn requested_interval_is_enforced() {
    let mut client = TestClient::new(Dialect::model());
    let started = client.start(&with("RequiredMinimumPollIntervalInSeconds", json!(15)));
    let first = client.poll(&token_of(&started));
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers()[NEXT_POLL_INTERVAL], "15");
    let token = next_of(&first);
    client.now = EPOCH + Duration::from_millis(14_999);
    assert_problem(&client.poll(&token), "PollIntervalNotSatisfied");
    client.now = EPOCH + Duration::from_secs(15);
    let second = client.poll(&token);
    assert_eq!(second.status(), StatusCode::OK);
    assert_problem(&client.poll(&next_of(&second)), "PollIntervalNotSatisfied");
}

#[test]
fn default_interval_is_enforced_if_configured() {
    let poll_interval = NonZeroU32::new(30).unwrap();
    for enforce_poll_interval in [false, true] {
        let options = Options { poll_interval, enforce_poll_interval, ..Options::default() };
        let mut client = TestClient::with_options(Dialect::page(), options);
        let initial = client.session();
        let first = client.poll(&initial);
        assert_eq!(first.headers()[NEXT_POLL_INTERVAL], "30");
        let early = client.poll(&next_of(&first));
        if enforce_poll_interval {
            assert_problem(&early, "PollIntervalNotSatisfied");
            client.now += Duration::from_secs(30);
            assert_eq!(client.poll(&next_of(&first)).status(), StatusCode::OK);
        } else {
            assert_eq!(early.status(), StatusCode::OK);
        }
    }
}

#[test]
fn forgotten_sessions_are_refused() {
    let options = Options { max_sessions: NonZeroUsize::MIN, ..Options::default() };
    let mut client = TestClient::with_options(Dialect::page(), options);
    let (forgotten, kept) = (client.session(), client.session());
    assert_problem(&client.poll(&forgotten), "Corrupted");
    assert_eq!(client.poll(&kept).status(), StatusCode::OK);
}

#[test]
fn equal_seeds_give_equal_tokens() {
    let tokens = [[1; 32], [1; 32], [2; 32]].map(|seed| {
        let mock = Mock::reference(Dialect::page(), seed);
        TestClient { mock, dialect: Dialect::page(), now: EPOCH }.session()
    });
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
}
