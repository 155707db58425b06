//! Records exchanges for a report, without secrets.
//!
//! Only the response headers that the contract names are kept. The others (dates, request ids, cookies)
//! differ from run to run and may be private.

use cases::contract::{Contract, Location, Member, Operation};
use cases::generate::World;
use cases::protocol::{Json, Response};
use reports::model::{Payload, RecordedExchange, RecordedRequest, RecordedResponse, Source, Use};
use reqwest::header::ACCEPT_ENCODING;

use crate::client::http::client::IDENTITY;
use crate::client::response::content_encoding;
use crate::execute::executed::ExecutedStep;
use crate::redact::{RedactionSet, Redactor, placeholder};

/// The maximum number of characters of a response's body in a report.
const MAX_BODY: usize = 4096;
/// The maximum number of characters of the content codings that replace a body.
const MAX_CODING: usize = 80;
/// From this length in characters on, a string in a response that issues a secret may be a copy of it.
const MIN_SECRET: usize = 16;

/// The response headers that a report keeps, besides those that carry members.
const KEPT_HEADERS: [&str; 4] = ["content-type", "content-encoding", "x-amzn-errortype", "retry-after"];

/// Records the exchanges of a sequence. `secrets` are values that every request carries, such as
/// credentials; `signed` says whether requests are signed.
pub fn record(
    world: &World,
    steps: &[ExecutedStep],
    secrets: &RedactionSet,
    signed: bool,
) -> Vec<RecordedExchange> {
    let contract = &world.contract;
    let mut redacted = Redactor::for_world(world, &secrets.all());
    let responses = steps.iter().map(|step| (&step.step.call, step.exchange.observed.as_ref().ok()));
    redacted.add_sequence(contract, responses);
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| RecordedExchange {
            request: record_request(contract, step, signed),
            response: match (&step.exchange.observed, contract.operation(&step.step.call.operation)) {
                (Ok(response), Some(operation)) => {
                    record_response(operation, index, response, step.body_length(), &redacted)
                }
                (Ok(_), None) => {
                    RecordedResponse::TransportFailure { transport_failure: "not read".to_owned() }
                }
                (Err(failure), _) => {
                    RecordedResponse::TransportFailure { transport_failure: failure.to_string() }
                }
            },
        })
        .collect()
}

fn record_request(contract: &Contract, step: &ExecutedStep, signed: bool) -> RecordedRequest {
    let shown = step.display_request();
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
        at_once: step.step.with_previous,
        early: step.step.early,
        signing: signed.then_some(shown.signing),
        uses: uses.collect(),
    }
}

/// The content coding that every request asks for, if the response uses another one.
fn accept_encoding(step: &ExecutedStep) -> Option<(String, String)> {
    let encoding = step.exchange.observed.as_ref().ok().and_then(content_encoding);
    encoding.map(|_| (ACCEPT_ENCODING.to_string(), IDENTITY.to_owned()))
}

fn record_response(
    operation: &Operation,
    step: usize,
    response: &Response,
    received: usize,
    redacted: &Redactor,
) -> RecordedResponse {
    let headers = response.headers.iter().filter_map(|(name, value)| {
        let value = match bound_member(operation, name) {
            // Redacted whatever its length.
            Some(member) if member.sensitive && !value.is_empty() => placeholder(step, &member.name),
            None if !KEPT_HEADERS.contains(&&*name.to_ascii_lowercase()) => return None,
            _ => redacted.redact(value),
        };
        Some((name.clone(), value))
    });
    RecordedResponse::Response {
        status: response.status,
        headers: headers.collect(),
        body: record_body(operation, response, received, redacted),
    }
}

/// The member of an operation's output that a header carries.
fn bound_member<'o>(operation: &'o Operation, name: &str) -> Option<&'o Member> {
    operation.output.iter().find(
        |member| matches!(&member.location, Location::Header(header) if header.eq_ignore_ascii_case(name)),
    )
}

fn record_body(operation: &Operation, response: &Response, received: usize, redacted: &Redactor) -> Payload {
    let bytes = &response.body;
    let withheld = || Payload::Text(format!("<{received} bytes, not shown>"));
    if let Some(encoding) = content_encoding(response) {
        // An encoded body may contain secrets that cannot be found.
        let encoding: String = redacted.redact(&encoding).chars().take(MAX_CODING).collect();
        return Payload::Text(format!("<{received} bytes of {encoding}, not shown>"));
    }
    let mut redacted = redacted.clone();
    // A response that is no error may carry what the operation delivers, whatever its status.
    if response.status < 400 && !bytes.is_empty() {
        if operation.output_payload().is_some_and(|member| member.sensitive) {
            return withheld();
        }
        if operation.output.iter().any(|member| member.sensitive && member.location == Location::Body) {
            let Ok(json) = Json::parse(bytes) else { return withheld() };
            for text in strings(&json).into_iter().filter(|text| text.chars().count() >= MIN_SECRET) {
                redacted.add(text, &format!("<{} characters, not shown>", text.chars().count()));
            }
        }
    }
    let text = redacted.redact_bytes(bytes);
    let cut: String = text.chars().take(MAX_BODY).collect();
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
    use cases::oracle::{Expectation, ExpectedResponse, Outcome, Status};
    use cases::protocol::{Arg, Call, MessageForm, Output};

    fn step(contract: &Contract, call: Call, response: Response) -> ExecutedStep {
        let shown = call.request(contract, |output| Some(output.placeholder())).unwrap();
        let exchange = Exchange::new(shown.clone(), Ok(response), Duration::ZERO);
        ExecutedStep {
            step: Step::new(call, RequirementId::new(["x"])),
            placeholders: Some(shown),
            exchange,
            expectation: Expectation::of(ExpectedResponse::any(Status::NoServerError)),
            outcome: Outcome::default(),
            judgement: Judgement::Compared {
                differences: Vec::new(),
                tested: std::collections::BTreeSet::new(),
                silent: Vec::new(),
            },
            issued: None,
            truncated: None,
        }
    }

    #[test]
    fn secrets_and_unnamed_headers_are_not_recorded() {
        let contract = Contract::model().unwrap();
        let start = Call {
            operation: "StartConfigurationSession".to_owned(),
            args: Vec::new(),
            body: None,
            form: MessageForm::Standard,
        };
        let output = Output { step: 0, member: "InitialConfigurationToken".to_owned(), alter: None };
        let args = vec![("ConfigurationToken".to_owned(), Arg::Output(output))];
        let get = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args,
            body: None,
            form: MessageForm::Standard,
        };
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
        let world = World::new(contract, Vec::new());
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
