//! A fixed set of requests, so that what two servers do can be compared.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::{Value, json};

use super::delivery::Delivery;
use super::dialect::Dialect;
use super::front::Connection;
use super::named::Contracts;
use super::signature;
use super::signature::{Gate, Keys, REGION};
use super::{Mock, Serving, TOKEN_LIFETIME};

/// Everything that a server answers to the probes, and how it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transcript {
    delivery: Delivery,
    /// For each request the pause, the status, and a hash of headers and body.
    lines: Vec<(Duration, StatusCode, u64)>,
}

impl Transcript {
    /// Whether the server never failed.
    pub(super) fn is_without_failure(&self) -> bool {
        self.lines.iter().all(|(_, status, _)| !status.is_server_error())
    }

    /// How often a request of the probes succeeds.
    pub(super) fn successes(&self) -> usize {
        self.lines.iter().filter(|(_, status, _)| status.is_success()).count()
    }
}

/// What the mock that is served under `dialect` answers to the probes.
pub(super) fn transcript(dialect: &Dialect, serving: Serving) -> Transcript {
    let delivery = serving.behaviour.delivery();
    let mut probe = Probe {
        mock: Mock::serving(dialect.clone(), serving, SEED),
        dialect: dialect.clone(),
        now: Duration::from_hours(500_000),
        connection: None,
        transcript: Transcript { delivery, lines: Vec::new() },
    };
    probe.lengths();
    probe.texts();
    probe.resources();
    probe.near();
    probe.combinations();
    probe.bodies();
    probe.intervals();
    probe.http();
    probe.tokens();
    probe.spliced();
    probe.reuse();
    probe.sessions();
    probe.at_once();
    probe.in_time();
    probe.on_one_connection();
    probe.often();
    probe.signatures();
    probe.transcript
}

/// What the mock speaks under these contracts.
pub(super) fn dialects(contracts: Contracts) -> Vec<Dialect> {
    let of = |name: &&str| if *name == "page" { Dialect::page() } else { Dialect::model() };
    contracts.names().iter().map(of).collect()
}

/// `work` on each of `items`, on every core.
pub(super) fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = items.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(part)
            .map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<R>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

const SEED: [u8; 32] = [9; 32];

struct Probe {
    mock: Mock,
    dialect: Dialect,
    now: Duration,
    connection: Option<Connection>,
    transcript: Transcript,
}

const NAMES: [&str; 3] = ["ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"];
const INTERVAL: &str = "RequiredMinimumPollIntervalInSeconds";
const SHOP: [&str; 3] = ["shop", "production", "features"];

fn body_of(identifiers: [&str; 3]) -> Value {
    NAMES.into_iter().zip(identifiers).collect()
}

fn valid() -> Value {
    body_of(SHOP)
}

/// The initial token that a response carries, if it does.
fn initial_token(response: &Response<Bytes>) -> String {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    body["InitialConfigurationToken"].as_str().unwrap_or_default().to_owned()
}

/// A value as it stands in a query.
fn encoded(value: &str) -> PercentEncode<'_> {
    utf8_percent_encode(value, NON_ALPHANUMERIC)
}

/// What comes before and behind so many bytes, or all and nothing.
fn parted(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

impl Probe {
    /// Requests that are signed, each in another way.
    fn signatures(&mut self) {
        let gate = Gate {
            keys: Keys::new(&SEED),
            region: REGION.to_owned(),
            service: self.dialect.signing_name.clone().unwrap_or_default(),
        };
        let with = |change: fn(&mut Gate)| {
            let mut other = gate.clone();
            change(&mut other);
            other
        };
        let gates = [
            gate.clone(),
            with(|gate| gate.keys.access_key_id.push('0')),
            with(|gate| gate.keys.secret_access_key.push('0')),
            with(|gate| gate.service.push('0')),
            with(|gate| gate.region.push('0')),
        ];
        for gate in &gates {
            self.signed(gate, self.now, false);
        }
        self.signed(&gate, self.now.checked_sub(Duration::from_hours(24)).unwrap(), false);
        self.signed(&gate, self.now, true);
        for token in [self.start(SHOP), String::new()] {
            let poll = self.poll_request(&token);
            self.send_as_it_is(&poll);
        }
        let start = Request::post(&self.dialect.start_path).header("content-type", "application/json");
        self.send_as_it_is(&start.body(valid().to_string().into()).unwrap());
    }

    /// A session that is started and polled with a signature by `gate` of that time, which was made
    /// for another body or query if so told.
    fn signed(&mut self, gate: &Gate, time: Duration, tampered: bool) {
        let body = Bytes::from(valid().to_string());
        let start = Request::post(&self.dialect.start_path).header("content-type", "application/json");
        let mut start = start.body(if tampered { Bytes::new() } else { body.clone() }).unwrap();
        let hash = signature::hash_of(start.body());
        start.headers_mut().insert("x-amz-content-sha256", hash.parse().unwrap());
        signature::sign(gate, &mut start, time);
        *start.body_mut() = body;
        let token = initial_token(&self.send(start));
        let poll = self.poll_request(&token);
        let mut signed = if tampered { self.poll_request(&format!("{token}0")) } else { poll.clone() };
        signature::sign(gate, &mut signed, time);
        *signed.uri_mut() = poll.uri().clone();
        self.send(signed);
    }

    fn note(&mut self, pause: Duration, response: &Response<Bytes>) {
        let mut hasher = DefaultHasher::new();
        for (name, value) in response.headers() {
            (name, value).hash(&mut hasher);
        }
        response.body().hash(&mut hasher);
        self.transcript.lines.push((pause, response.status(), hasher.finish()));
    }

    fn send(&mut self, mut request: Request<Bytes>) -> Response<Bytes> {
        if let Some(connection) = self.connection {
            request.extensions_mut().insert(connection);
        }
        // Tokens are read as they come.
        request.headers_mut().entry("accept-encoding").or_insert(HeaderValue::from_static("identity"));
        let gate = self.mock.rules().gate.clone();
        if let Some(gate) = gate.filter(|_| !request.headers().contains_key(AUTHORIZATION)) {
            signature::sign(&gate, &mut request, self.now);
        }
        self.send_as_it_is(&request)
    }

    fn send_as_it_is(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let response = self.mock.answer(request, self.now);
        let pause = self.mock.rules().behaviour.pause(request);
        self.note(pause, &response);
        response
    }

    fn post(&mut self, body: impl Into<Bytes>) -> Response<Bytes> {
        let request = Request::post(&self.dialect.start_path).header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap())
    }

    fn start(&mut self, identifiers: [&str; 3]) -> String {
        let response = self.post(body_of(identifiers).to_string());
        initial_token(&response)
    }

    /// Starts a session that asks for an interval, a JSON text.
    fn start_with_interval(&mut self, interval: &str) -> String {
        let valid = valid().to_string();
        let response = self.post(format!("{},\"{INTERVAL}\":{interval}}}", &valid[..valid.len() - 1]));
        initial_token(&response)
    }

    fn poll_request(&self, token: &str) -> Request<Bytes> {
        let uri = format!("{}?configuration_token={}", self.dialect.get_path, encoded(token));
        Request::get(uri).body(Bytes::new()).unwrap()
    }

    /// Polls and returns the next token.
    fn poll(&mut self, token: &str) -> String {
        let response = self.send(self.poll_request(token));
        let next = response.headers().get("next-poll-configuration-token");
        next.map(|next| next.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    fn get(&mut self, query: &str) {
        let uri = format!("{}{query}", self.dialect.get_path);
        self.send(Request::get(uri).body(Bytes::new()).unwrap());
    }

    fn lengths(&mut self) {
        let longest = *self.dialect.identifier_length.end();
        for index in 0..3 {
            let mut start = |text: &str| {
                let mut identifiers = SHOP;
                identifiers[index] = text;
                self.start(identifiers);
            };
            for character in ["q", "é", "世", "🚀"] {
                for length in [0, 1, longest / 3, longest - 1, longest, longest + 1, 2 * longest] {
                    start(&character.repeat(length));
                }
            }
            for length in [33, 35, 51, 105] {
                start(&"7".repeat(length));
                start(&"q".repeat(length));
            }
            start(&format!("{}\u{301}", "e".repeat(longest)));
            start(&format!("{} ", "e".repeat(longest)));
            start(" ");
            start(&"q".repeat(10_000));
        }
    }

    fn texts(&mut self) {
        for index in 0..3 {
            let name = NAMES[index];
            for text in [
                "it's",
                "\"quoted\"",
                "back\\slash",
                "n\0l",
                "t\tb",
                "<script>",
                "../up",
                "a%41",
                "a--b",
                "/*",
                "007",
                "1234",
                "app0001 ",
                "SHOP",
                "Production",
                "FEATURES",
            ] {
                let mut identifiers = SHOP;
                identifiers[index] = text;
                self.start(identifiers);
            }
            for value in ["null", "1", "true", "[\"shop\"]", "{}"] {
                let mut body = valid();
                body[name] = serde_json::from_str(value).unwrap();
                self.post(body.to_string());
            }
            let mut body = valid();
            body.as_object_mut().unwrap().remove(name);
            self.post(body.to_string());
        }
    }

    fn resources(&mut self) {
        let longest = "🚀".repeat(*self.dialect.identifier_length.end());
        for identifiers in [
            ["app0001", "envr101", "prof101"],
            ["app0001", "production", "features"],
            ["billing", "größe", "設定"],
            ["app0005", "envr502", longest.as_str()],
            [" shop", "production", "features"],
            ["shop", "größe", "features"],
            ["shop", "production", "設定"],
            ["none123", "production", "features"],
            ["shop", "none123", "features"],
            ["shop", "production", "undeployed"],
            ["none123", "production", ""],
            ["none123", "production", "none123"],
        ] {
            let token = self.start(identifiers);
            self.poll(&token);
        }
    }

    /// Requests that are nearly as they should be.
    fn near(&mut self) {
        let longest = *self.dialect.identifier_length.end();
        let long = ["a", "e", "世"].map(|c| c.repeat(longest));
        let tail = format!("{}q", "a".repeat(longest - 1));
        for application in [
            "app00",
            "app0001q",
            "app0001\0q",
            "q/app0001",
            "app0001:q",
            "app0001app0001",
            "app000_",
            "app00%",
            "app000?",
            "app000*",
            "app000.",
            "%61pp0001",
            "&#97;pp0001",
            "\\u0061pp0001",
            "\"app0001\"",
            "ａpp0001",
            "app\u{200b}0001",
            "app\u{1}0001",
            "app 0001",
            "app000q",
            "pap0001",
        ] {
            self.start([application, "production", "features"]);
        }
        for identifiers in [
            ["shop", "roduction", "features"],
            ["shop", "oductio", "features"],
            ["billing", "production", "🚀+launch"],
            ["billing", "production", "🚀  launch"],
            ["billing", "gro\u{308}ße", "設定"],
            ["billing", "große", "設定"],
            [tail.as_str(), long[1].as_str(), long[2].as_str()],
        ] {
            self.start(identifiers);
        }
        let valid = valid().to_string();
        for name in
            ["applicationidentifier", "ApplicationIdentifier ", "application_identifier", "Application"]
        {
            self.post(valid.replace("ApplicationIdentifier", name));
        }
        for name in ["Configuration_Token", "configuration-token%5B%5D"] {
            let token = self.start(SHOP);
            self.get(&format!("?{name}={}", encoded(&token)));
        }
    }

    fn combinations(&mut self) {
        let longest = *self.dialect.identifier_length.end();
        let (at_max, above) = (json!("q".repeat(longest)), json!("q".repeat(longest + 1)));
        let absent = Value::default;
        let [application, environment, profile] = NAMES;
        for changes in [
            [(application, at_max.clone()), (profile, at_max.clone())],
            [(environment, json!(null)), (profile, above.clone())],
            [(environment, json!("")), (profile, absent())],
            [(application, json!(1)), (environment, json!([]))],
            [(application, above.clone()), (environment, above.clone())],
            [(application, json!("none")), (environment, above.clone())],
            [(application, above.clone()), (environment, json!("none"))],
            [(application, at_max.clone()), ("Unknown", json!(1))],
            [(environment, at_max.clone()), (INTERVAL, json!(60))],
            [(application, json!("shop")), (INTERVAL, json!(14))],
            [(application, json!("app0001")), (INTERVAL, json!(14))],
        ] {
            let mut body = valid();
            for (name, value) in changes {
                body[name] = value;
            }
            if body[profile].is_null() {
                body.as_object_mut().unwrap().remove(profile);
            }
            self.post(body.to_string());
        }
        self.post("{\"ConfigurationProfileIdentifier\":\"features\"}");
    }

    fn bodies(&mut self) {
        let valid = valid().to_string();
        let open = &valid[..valid.len() - 1];
        let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
        let launch = body_of(["app0002", "envr201", "🚀 launch"]).to_string();
        for body in [
            String::new(),
            "[]".to_owned(),
            "1".to_owned(),
            "{".to_owned(),
            open.to_owned(),
            format!("{open},}}"),
            format!("{valid} x"),
            format!("/* */{valid}"),
            valid.replace('"', "'"),
            valid.replace("\"ApplicationIdentifier\"", "ApplicationIdentifier"),
            format!("{open},\"Unknown\":1}}"),
            format!("{open},\"ApplicationIdentifier\":\"none123\"}}"),
            format!("{open},\"Unknown\":{deep}}}"),
            format!("{open},\"Unknown\":\"{}\"}}", "x".repeat(100_000)),
            valid.replace("App", "\\u0041pp"),
            valid.replace("shop", "\\u0073hop"),
            launch.replace('🚀', "\\ud83d\\ude80"),
            valid.replace(':', " :\t"),
            valid.replace(',', ",\n"),
            format!("{{\"EnvironmentIdentifier\":\"production\",{}", &valid[1..]),
            format!("{{\"ApplicationIdentifier\":\"\",{}", valid[1..].replace("shop", "")),
            format!("\u{feff}{valid}"),
            valid.replace("shop", "\\ud800"),
        ] {
            self.post(body);
        }
        let mut members: Vec<&str> = valid.trim_matches(['{', '}']).split(',').collect();
        members.reverse();
        self.post(format!("{{{}}}", members.join(",")));
        self.post([open.as_bytes(), b",\"x\":\"\xff\"}"].concat());
    }

    fn intervals(&mut self) {
        for value in [
            "null",
            "15",
            "60",
            "3601",
            "86400",
            "14",
            "86401",
            "1000000",
            "0",
            "-1",
            "\"60\"",
            "true",
            "15.5",
            "60.0",
            "4294967356",
            "[]",
            "{}",
        ] {
            let token = self.start_with_interval(value);
            let next = self.poll(&token);
            self.poll(&next);
        }
    }

    fn http(&mut self) {
        let valid = valid().to_string();
        let token = self.start(SHOP);
        let (start, get) = (self.dialect.start_path.clone(), self.dialect.get_path.clone());
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for path in [&start, &get, "/none", "/configurationsessions/none", "/configuration/"] {
                let uri = format!("{path}?configuration_token={}", "x".repeat(20));
                let request = Request::builder().method(&method).uri(uri);
                let request = request.header("content-type", "application/json");
                self.send(request.body(Bytes::from(valid.clone())).unwrap());
            }
        }
        let types =
            [None, Some("text/plain"), Some("application/json; charset=utf-8"), Some("Application/JSON")];
        for content_type in types {
            let mut request = Request::post(&start);
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            self.send(request.body(Bytes::from(valid.clone())).unwrap());
        }
        let chunked = Request::post(&start).header("transfer-encoding", "chunked");
        let chunked = chunked.header("content-type", "application/json");
        self.send(chunked.body(Bytes::from(valid)).unwrap());
        self.get("?a+b");
        self.get(&format!("?configuration_token=x&configuration_token={}", encoded(&token)));
    }

    fn tokens(&mut self) {
        for query in ["", "?configuration_token", "?configuration_token="] {
            self.get(query);
        }
        let first = self.start(SHOP);
        let reversed: String = first.chars().rev().collect();
        for token in ["unknown", reversed.as_str(), "x".repeat(8_193).as_str()] {
            self.poll(token);
        }
        let swapped: String =
            first.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c }).collect();
        self.poll(&swapped);
        for alter in [
            |token: &str| token.replace(|c: char| c.is_ascii_digit(), "-"),
            |token: &str| token.chars().take(token.chars().count() / 2).collect(),
            |token: &str| format!("{token}A"),
            |token: &str| format!("{token}="),
            |token: &str| format!("{token} "),
            |token: &str| format!("{token}\0q"),
            |token: &str| token.repeat(2),
            |token: &str| format!("%{:02X}{}", token.bytes().next().unwrap_or_default(), parted(token, 1).1),
            |token: &str| format!("{}!{}", parted(token, 9).0, parted(token, 9).1),
            |token: &str| format!("{}~{}", parted(token, 40).0, parted(token, 41).1),
            |token: &str| format!("{}{}", parted(token, token.len() / 2).1, parted(token, token.len() / 2).0),
            |token: &str| format!("~{}", parted(token, 1).1),
            |token: &str| token.chars().cycle().take(2_048).collect(),
            |token: &str| token.chars().cycle().take(8_192).collect(),
            |token: &str| {
                let end = token.chars().last().map_or(0, char::len_utf8);
                format!("{}{}", &token[..token.len() - end], if token.ends_with('A') { "B" } else { "A" })
            },
        ] as [fn(&str) -> String; 15]
        {
            let token = self.start(SHOP);
            let altered = alter(&token);
            self.poll(&altered);
            self.poll(&token);
        }
    }

    /// A token of the first half of one and the second half of another.
    fn spliced(&mut self) {
        let [one, other] = [self.start(SHOP), self.start(SHOP)];
        self.poll(&format!("{}{}", parted(&one, one.len() / 2).0, parted(&other, other.len() / 2).1));
    }

    fn reuse(&mut self) {
        let first = self.start(SHOP);
        let second = self.poll(&first);
        self.poll(&first);
        self.poll(&first);
        let third = self.poll(&second);
        self.poll(&second);
        self.poll(&first);
        self.poll(&third);

        let first = self.start(["billing", "production", "設定"]);
        let mut next = first.clone();
        for call in 0..25 {
            next = self.poll(&next);
            if call == 5 {
                self.poll(&first);
            }
        }
        for _ in 0..5 {
            self.poll(&first);
        }
        let used = self.start(SHOP);
        self.poll(&used);
        for _ in 0..120 {
            self.poll(&used);
        }
    }

    fn sessions(&mut self) {
        let [older, younger] = [self.start(SHOP), self.start(SHOP)];
        self.poll(&younger);
        self.poll(&older);
        let shop = self.start(SHOP);
        let billing = self.start(["billing", "production", "設定"]);
        let again = self.start(SHOP);
        let next = self.poll(&billing);
        self.poll(&again);
        self.poll(&shop);
        self.poll(&next);
    }

    /// Reads two calls with one token before it carries out either.
    fn at_once(&mut self) {
        let first = self.start(SHOP);
        let second = self.poll(&first);
        let third = self.start(SHOP);
        for token in [second, third] {
            let mut request = self.poll_request(&token);
            let rules = self.mock.rules();
            if let Some(gate) = &rules.gate {
                signature::sign(gate, &mut request, self.now);
            }
            let calls = [(); 2].map(|()| rules.read(&request, self.now));
            for call in calls {
                let result = call.and_then(|call| self.mock.execute(call, self.now));
                let response = rules.render(&request, result);
                self.note(Duration::ZERO, &response);
            }
            self.poll(&token);
        }
    }

    fn in_time(&mut self) {
        let mut token = self.start_with_interval("15");
        for _ in 0..3 {
            token = self.poll(&token);
        }
        let first = self.start_with_interval("15");
        let mut token = self.poll(&first);
        for seconds in [15, 15 * 60] {
            self.now += Duration::from_secs(seconds);
            let next = self.poll(&token);
            token = if next.is_empty() { token } else { next };
        }
        let (late, later) = (self.start(SHOP), self.start(SHOP));
        self.now += TOKEN_LIFETIME + Duration::from_secs(1);
        self.poll(&token);
        self.poll(&late);
        self.now += TOKEN_LIFETIME;
        self.poll(&later);
    }

    fn on_one_connection(&mut self) {
        self.connection = Some(Connection(1));
        let valid = valid().to_string();
        for body in ["{", "{\"ApplicationIdentifier\":[]}"] {
            self.post(body);
            self.post(valid.clone());
        }
        for application in ["none123", "q".repeat(200).as_str()] {
            self.start([application, "production", "features"]);
            self.post(valid.clone());
        }
        self.send(Request::delete(&self.dialect.start_path).body(Bytes::new()).unwrap());
        let mut token = self.start(SHOP);
        for query in ["?configuration_token=unknown", ""] {
            self.get(query);
            token = self.poll(&token);
        }
        self.connection = None;
    }

    /// As often as it takes to see what happens to one request in many.
    fn often(&mut self) {
        for _ in 0..110 {
            let first = self.start(SHOP);
            let next = self.poll(&first);
            self.poll(&next);
        }
    }
}
