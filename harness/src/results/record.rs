//! Writes exchanges down for a report, secrets left out.
//!
//! Of an answer's headers only those stay that the contract speaks of: the others (dates, request
//! ids, cookies) differ from run to run and may be nobody's business.

use cases::contract::{Contract, Location, Member, Operation};
use cases::generate::World;
use cases::protocol::{Json, Response};
use reports::model::{Payload, RecordedExchange, RecordedRequest, RecordedResponse, Source, Use};
use reqwest::header::ACCEPT_ENCODING;

use crate::client::http::client::IDENTITY;
use crate::client::response::content_encoding;
use crate::execute::executed::PlayedStep;
use crate::redact::{Secrets, Shared, placeholder};

/// The most characters of an answer's body that a report keeps.
const LONGEST_BODY: usize = 4096;
/// The most characters of the names of codings that stand in place of a body.
const LONGEST_CODING: usize = 80;
/// A string of so many characters, in an answer that issues a secret, may be it under another name.
const LONG_ENOUGH: usize = 16;

/// The exchanges of a sequence. `secrets` are values that go with every request, such as
/// credentials; `signed` says whether requests are signed.
pub fn record(world: &World, steps: &[PlayedStep], secrets: &Shared, signed: bool) -> Vec<RecordedExchange> {
    let contract = &world.contract;
    let mut hidden = Secrets::of(world, &secrets.all());
    let answers = steps.iter().map(|step| (&step.step.call, step.exchange.observed.as_ref().ok()));
    hidden.hide_sequence(contract, answers);
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| RecordedExchange {
            request: request(contract, step, signed),
            response: match (&step.exchange.observed, contract.operation(&step.step.call.operation)) {
                (Ok(response), Some(operation)) => {
                    answer(operation, index, response, step.received(), &hidden)
                }
                (Ok(_), None) => {
                    RecordedResponse::TransportFailure { transport_failure: "not read".to_owned() }
                }
                (Err(fault), _) => {
                    RecordedResponse::TransportFailure { transport_failure: fault.to_string() }
                }
            },
        })
        .collect()
}

fn request(contract: &Contract, step: &PlayedStep, signed: bool) -> RecordedRequest {
    let shown = step.shown();
    let uses = step.step.call.uses().map(|output| {
        let header = contract.operations.iter().flat_map(|operation| &operation.output).find_map(|member| {
            match (&member.location, member.name == output.member) {
                (Location::Header(header), true) => Some(header.clone()),
                _ => None,
            }
        });
        Use {
            placeholder: output.placeholder(),
            step: output.step,
            from: header.map_or_else(|| Source::Member(output.member.clone()), Source::Header),
            alter: output.alter,
        }
    });
    RecordedRequest {
        operation: step.step.call.operation.clone(),
        method: shown.method.clone(),
        target: shown.target.clone(),
        headers: shown.headers.iter().cloned().chain(accept_encoding(step)).collect(),
        body: Payload::of(&shown.body),
        after_seconds: step.step.after.as_secs(),
        at_once: step.step.at_once,
        signing: signed.then_some(shown.signing),
        uses: uses.collect(),
    }
}

/// What each request asks for without a word of the case, where the answer gives something else.
fn accept_encoding(step: &PlayedStep) -> Option<(String, String)> {
    let encoding = step.exchange.observed.as_ref().ok().and_then(content_encoding);
    encoding.map(|_| (ACCEPT_ENCODING.to_string(), IDENTITY.to_owned()))
}

fn answer(
    operation: &Operation,
    step: usize,
    response: &Response,
    received: usize,
    hidden: &Secrets,
) -> RecordedResponse {
    let member = |name: &str| {
        let is_bound = |member: &&Member| matches!(&member.location, Location::Header(header) if header.eq_ignore_ascii_case(name));
        operation.output.iter().find(is_bound)
    };
    let spoken_of =
        |name: &str| ["content-type", "content-encoding", "x-amzn-errortype", "retry-after"].contains(&name);
    let header = |(name, value): &(String, String)| {
        let value = match member(name) {
            // However short.
            Some(member) if member.sensitive && !value.is_empty() => placeholder(step, &member.name),
            None if !spoken_of(&name.to_ascii_lowercase()) => return None,
            _ => hidden.clean(value),
        };
        Some((name.clone(), value))
    };
    let headers = response.headers.iter().filter_map(header).collect();
    RecordedResponse::Response {
        status: response.status,
        headers,
        body: body(operation, response, received, hidden),
    }
}

fn body(operation: &Operation, response: &Response, received: usize, hidden: &Secrets) -> Payload {
    let bytes = &response.body;
    let withheld = || Payload::Text(format!("<{received} bytes, not shown>"));
    if let Some(encoding) = content_encoding(response) {
        // What is hidden in it cannot be told.
        let encoding: String = hidden.clean(&encoding).chars().take(LONGEST_CODING).collect();
        return Payload::Text(format!("<{received} bytes of {encoding}, not shown>"));
    }
    let mut hidden = hidden.clone();
    // An answer that is no error may be what the operation delivers, whatever its status.
    if response.status < 400 && !bytes.is_empty() {
        if operation.output_payload().is_some_and(|member| member.sensitive) {
            return withheld();
        }
        if operation.output.iter().any(|member| member.sensitive && member.location == Location::Body) {
            let Ok(json) = Json::parse(bytes) else { return withheld() };
            for text in strings(&json).into_iter().filter(|text| text.chars().count() >= LONG_ENOUGH) {
                hidden.hide(text, &format!("<{} characters, not shown>", text.chars().count()));
            }
        }
    }
    let text = hidden.clean_bytes(bytes);
    let cut: String = text.chars().take(LONGEST_BODY).collect();
    Payload::of(cut.as_bytes())
}

/// Every string in a JSON value.
fn strings(json: &Json) -> Vec<&str> {
    match json {
        Json::String(text) => vec![text],
        Json::Array(items) => items.iter().flat_map(strings).collect(),
        Json::Object(members) => members.iter().flat_map(|(_, value)| strings(value)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::client::exchange::Exchange;
    use crate::judge::judgement::Judgement;
    use cases::generate::Step;
    use cases::id::RequirementId;
    use cases::oracle::{Answer, Expectation, Outcome, Status};
    use cases::protocol::{Arg, Call, Form, Output};

    fn step(contract: &Contract, call: Call, response: Response) -> PlayedStep {
        let shown = call.request(contract, |output| Some(output.placeholder())).unwrap();
        let exchange = Exchange::new(shown.clone(), Ok(response), Duration::ZERO);
        PlayedStep {
            step: Step::new(call, RequirementId::new(["x"])),
            placeholders: Some(shown),
            exchange,
            expectation: Expectation::of(Answer::any(Status::Settled)),
            outcome: Outcome::default(),
            judgement: Judgement::Judged {
                differences: Vec::new(),
                tested: std::collections::BTreeSet::new(),
                silent: Vec::new(),
            },
            issued: None,
            cut: None,
        }
    }

    #[test]
    fn secrets_and_what_nobody_asked_for_stay_out() {
        let contract = Contract::model().unwrap();
        let start = Call {
            operation: "StartConfigurationSession".to_owned(),
            args: Vec::new(),
            body: None,
            form: Form::Plain,
        };
        let output = Output { step: 0, member: "InitialConfigurationToken".to_owned(), alter: None };
        let args = vec![("ConfigurationToken".to_owned(), Arg::Output(output))];
        let get =
            Call { operation: "GetLatestConfiguration".to_owned(), args, body: None, form: Form::Plain };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let steps = [
            step(
                &contract,
                start,
                Response {
                    status: 201,
                    headers: vec![
                        header("content-type", "application/json"),
                        header("set-cookie", "s3cret-cookie"),
                    ],
                    body: br#"{"InitialConfigurationToken":"tok+en-one","Echo":"credential-x","T":["renamed-token-of-some-length"]}"#.to_vec(),
                },
            ),
            step(
                &contract,
                get,
                Response {
                    status: 200,
                    headers: vec![
                        header("Next-Poll-Configuration-Token", "token-two"),
                        header("version-label", "tok%2Ben%2Done"),
                    ],
                    body: b"the configuration".to_vec(),
                },
            ),
        ];
        let world = World { contract, fixtures: Vec::new() };
        let recorded = record(&world, &steps, &vec!["credential-x".to_owned()].into(), false);
        let text = format!("{recorded:?}");
        for secret in [
            "tok+en-one",
            "tok%2Ben",
            "token-two",
            "s3cret-cookie",
            "credential-x",
            "the configuration",
            "renamed-token",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(text.contains("~1.InitialConfigurationToken~"), "{text}");
        assert!(text.contains("~2.NextPollConfigurationToken~"), "{text}");
        assert_eq!(
            recorded[1].request.target,
            "/configuration?configuration_token=~1.InitialConfigurationToken~"
        );
        assert_eq!(recorded[1].request.uses[0].from, Source::Member("InitialConfigurationToken".to_owned()));
    }
}
