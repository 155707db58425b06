//! Each deviation deviates, and no two deviate alike.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use wildmatch::WildMatch;

use super::*;
use crate::mock::behaviour::Reference;
use crate::mock::dialect::Dialect;
use crate::mock::resources::Resources;
use crate::mock::{Mock, Options};

/// What one response tells.
type Line = (StatusCode, HeaderMap, Bytes);

struct Probe {
    mock: Mock,
    dialect: Dialect,
    now: Duration,
    transcript: Vec<Line>,
}

/// Everything that the mock with `behaviour` answers to a fixed set of probes.
fn transcript(dialect: &Dialect, behaviour: Box<dyn Behaviour>) -> Vec<Line> {
    let resources = Resources::sample(dialect);
    let mock = Mock::new(dialect.clone(), resources, behaviour, Options::default(), [9; 32]);
    let now = Duration::from_hours(500_000);
    let mut probe = Probe { mock, dialect: dialect.clone(), now, transcript: Vec::new() };
    probe.identifiers();
    probe.resources();
    probe.bodies();
    probe.intervals();
    probe.tokens();
    probe.polls();
    probe.transcript
}

impl Probe {
    fn send(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let response = self.mock.answer(request, self.now);
        let (head, body) = response.clone().into_parts();
        self.transcript.push((head.status, head.headers, body));
        response
    }

    fn post(&mut self, body: impl Into<Bytes>) -> Response<Bytes> {
        let request = Request::post(&self.dialect.start_path)
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap();
        self.send(&request)
    }

    fn start(&mut self, identifiers: [&str; 3]) -> String {
        let [application, environment, profile] = identifiers;
        let body = json!({
            "ApplicationIdentifier": application,
            "EnvironmentIdentifier": environment,
            "ConfigurationProfileIdentifier": profile,
        });
        let response = self.post(body.to_string());
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        body["InitialConfigurationToken"].as_str().unwrap_or_default().to_owned()
    }

    /// Polls with `query` and returns the next token.
    fn get(&mut self, query: &str) -> String {
        let uri = format!("{}{query}", self.dialect.get_path);
        let response = self.send(&Request::get(uri).body(Bytes::new()).unwrap());
        let next = response.headers().get("next-poll-configuration-token");
        next.map(|next| next.to_str().unwrap().replace(' ', "%20")).unwrap_or_default()
    }

    fn poll(&mut self, token: &str) -> String {
        self.get(&format!("?configuration_token={token}"))
    }

    fn identifiers(&mut self) {
        let longest = *self.dialect.identifier_length.end();
        for index in 0..3 {
            for character in ["q", "é", "世", "🚀"] {
                for length in [0, 1, longest / 3, longest - 1, longest, longest + 1, 2 * longest, 10_000] {
                    let text = character.repeat(length);
                    let mut identifiers = ["shop", "production", "features"];
                    identifiers[index] = &text;
                    self.start(identifiers);
                }
            }
            let name = NAMES[index];
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
        ] {
            let token = self.start(identifiers);
            self.poll(&token);
        }
    }

    fn bodies(&mut self) {
        let valid = valid().to_string();
        let open = &valid[..valid.len() - 1];
        let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
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
            format!("{open},\"Unknown\":{deep}}}"),
            format!("{open},\"Unknown\":\"{}\"}}", "x".repeat(100_000)),
        ] {
            self.post(body);
        }
        self.post([open.as_bytes(), b",\"x\":\"\xff\"}"].concat());
    }

    fn intervals(&mut self) {
        let valid = valid().to_string();
        let open = &valid[..valid.len() - 1];
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
            "4294967356",
            "[]",
            "{}",
        ] {
            let name = "RequiredMinimumPollIntervalInSeconds";
            let response = self.post(format!("{open},\"{name}\":{value}}}"));
            let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            let token = body["InitialConfigurationToken"].as_str().unwrap_or_default();
            let next = self.poll(token);
            self.poll(&next);
        }
    }

    fn tokens(&mut self) {
        let first = self.start(["shop", "production", "features"]);
        let altered: String = first.chars().rev().collect();
        for query in ["", "?configuration_token", "?configuration_token="] {
            self.get(query);
        }
        for token in ["unknown", altered.as_str(), "x".repeat(8_193).as_str()] {
            self.poll(token);
        }
        if let Some(last) = first.chars().last() {
            let other = if last == 'A' { "B" } else { "A" };
            self.poll(&format!("{}{other}", &first[..first.len() - 1]));
        }
        let first = self.start(["shop", "production", "features"]);
        let second = self.poll(&first);
        self.poll(&first);
        self.poll(&first);
        let third = self.poll(&second);
        self.poll(&second);
        self.poll(&first);
        self.poll(&third);
    }

    fn polls(&mut self) {
        let mut token = self.start(["billing", "production", "設定"]);
        for _ in 0..3 {
            token = self.poll(&token);
        }
    }
}

const NAMES: [&str; 3] = ["ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"];

fn valid() -> Value {
    json!({
        "ApplicationIdentifier": "shop",
        "EnvironmentIdentifier": "production",
        "ConfigurationProfileIdentifier": "features",
    })
}

fn dialects(contracts: Contracts) -> Vec<Dialect> {
    match contracts {
        Contracts::Both => vec![Dialect::page(), Dialect::model()],
        Contracts::Page => vec![Dialect::page()],
        Contracts::Model => vec![Dialect::model()],
    }
}

#[test]
fn the_probes_do_not_vary_by_themselves() {
    for dialect in dialects(Contracts::Both) {
        let transcripts = [(); 2].map(|()| transcript(&dialect, Box::new(Reference)));
        assert!(transcripts[0] == transcripts[1]);
        assert!(transcripts[0].iter().all(|(status, ..)| !status.is_server_error()));
    }
}

#[test]
fn each_deviation_differs_from_the_reference_and_from_all_others() {
    for dialect in dialects(Contracts::Both) {
        let mut seen = vec![("the reference", transcript(&dialect, Box::new(Reference)))];
        for deviation in all().filter(|d| dialects(d.contracts).contains(&dialect)) {
            let transcript = transcript(&dialect, (deviation.behaviour)());
            let twin = seen.iter().find(|(_, other)| *other == transcript).map(|(name, _)| name);
            assert_eq!(twin, None, "{} answers alike", deviation.name);
            seen.push((deviation.name, transcript));
        }
    }
}

#[test]
fn names_are_unique_and_in_kebab_case_and_texts_are_sentences() {
    let mut names = HashSet::new();
    let mut abouts = HashMap::new();
    for Deviation { name, about, must_fail, may_fail, .. } in all() {
        assert!(names.insert(name), "{name} is there twice");
        assert_eq!(abouts.insert(about, name), None, "{name}");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab) && !name.contains("--"), "{name}");
        assert!(about.ends_with('.') && about.starts_with(char::is_uppercase), "{name}");
        assert!(!must_fail.is_empty() || !may_fail.is_empty(), "{name} names no witness");
    }
    assert!(names.len() >= 36);
}

#[test]
fn find_suggests_near_names() {
    assert_eq!(find("counts-bytes").ok().unwrap().name, "counts-bytes");
    let error = find("count-byte").err().unwrap();
    assert_eq!(error.near[0], "counts-bytes");
    assert!(
        error
            .to_string()
            .starts_with("no deviation is named \"count-byte\"; near it: counts-bytes, counts-utf-16-units")
    );
    let error = find("interval-string").err().unwrap();
    assert_eq!(error.near[0], "interval-string-coerced");
    assert_eq!(error.near.len(), 5);
    assert_eq!(find("zzz").err().unwrap().to_string(), "no deviation is named \"zzz\"");
    assert_eq!(find("").err().unwrap().near, Vec::<&str>::new());
}

#[test]
fn every_pattern_names_something() {
    let ids = |contract: &Contract| -> Vec<String> {
        let Catalogue { requirements, cases } = Catalogue::of(contract);
        let requirements = requirements.iter().map(|requirement| requirement.id.to_string());
        requirements.chain(cases.iter().map(|case| case.id.to_string())).collect()
    };
    let (page, model) = (ids(&Contract::page().unwrap()), ids(&Contract::model().unwrap()));
    for deviation in all() {
        let catalogues = match deviation.contracts {
            Contracts::Both => vec![&page, &model],
            Contracts::Page => vec![&page],
            Contracts::Model => vec![&model],
        };
        let named = |pattern: &str, ids: &[String]| {
            let pattern = WildMatch::new(pattern);
            ids.iter().any(|id| pattern.matches(id))
        };
        for pattern in deviation.must_fail {
            assert!(catalogues.iter().all(|ids| named(pattern, ids)), "{}: {pattern}", deviation.name);
        }
        for pattern in deviation.may_fail {
            assert!(catalogues.iter().any(|ids| named(pattern, ids)), "{}: {pattern}", deviation.name);
        }
    }
}
