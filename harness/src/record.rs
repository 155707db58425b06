//! Writes exchanges down for a report, secrets left out.
//!
//! Of an answer's headers only those stay that the contract speaks of: the others (dates, request
//! ids, cookies) differ from run to run and may be nobody's business.

use cases::call::{Outputs, outputs};
use cases::contract::{Contract, Location, Operation};
use cases::http::Response;
use reports::report::{Payload, RecordedExchange, RecordedRequest, RecordedResponse, Source, Use};

use crate::play::PlayedStep;

/// The most characters of an answer's body that a report keeps.
const LONGEST_BODY: usize = 4096;
/// Shorter values are no secrets, and replacing them would spoil other text.
const SHORTEST_SECRET: usize = 6;

/// The exchanges of a sequence. `secrets` are values that go with every request, such as
/// credentials; `signed` says whether requests are signed.
pub fn record(
    contract: &Contract,
    steps: &[PlayedStep],
    secrets: &[String],
    signed: bool,
) -> Vec<RecordedExchange> {
    let mut hidden: Vec<(String, String)> =
        secrets.iter().map(|secret| (secret.clone(), "<secret>".to_owned())).collect();
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let operation = contract.operation(&step.step.call.operation);
            if let (Ok(response), Some(operation)) = (&step.exchange.observed, operation) {
                hide(&mut hidden, operation, index, &outputs(operation, response));
            }
            RecordedExchange {
                request: request(contract, step, signed),
                response: match (&step.exchange.observed, operation) {
                    (Ok(response), Some(operation)) => answer(operation, response, &hidden),
                    (Ok(_), None) => RecordedResponse::Fault { fault: "not read".to_owned() },
                    (Err(fault), _) => RecordedResponse::Fault { fault: fault.to_string() },
                },
            }
        })
        .collect()
}

/// Adds the sensitive values of an answer, plain and percent-encoded, with their placeholders.
fn hide(hidden: &mut Vec<(String, String)>, operation: &Operation, step: usize, values: &Outputs) {
    for member in operation.output.iter().filter(|member| member.sensitive) {
        if let Some(value) = values.get(&member.name) {
            let placeholder = format!("~{}.{}~", step + 1, member.name);
            let encoded =
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string();
            hidden.push((value.clone(), placeholder.clone()));
            hidden.push((encoded, placeholder));
        }
    }
    hidden.retain(|(value, _)| value.chars().count() >= SHORTEST_SECRET);
}

fn request(contract: &Contract, step: &PlayedStep, signed: bool) -> RecordedRequest {
    let shown = &step.shown;
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
        headers: shown.headers.clone(),
        body: Payload::of(&shown.body),
        after_seconds: step.step.after.as_secs(),
        at_once: step.step.at_once,
        signing: signed.then_some(shown.signing),
        uses: uses.collect(),
    }
}

fn answer(operation: &Operation, response: &Response, hidden: &[(String, String)]) -> RecordedResponse {
    let clean = |text: &str| {
        let text = without_signatures(text);
        hidden.iter().fold(text, |text, (value, placeholder)| text.replace(value, placeholder))
    };
    let spoken_of = |name: &str| {
        ["content-type", "x-amzn-errortype", "retry-after"].contains(&name)
            || operation.output.iter().any(|member| matches!(&member.location, Location::Header(header) if header.eq_ignore_ascii_case(name)))
    };
    let headers = response
        .headers
        .iter()
        .filter(|(name, _)| spoken_of(&name.to_ascii_lowercase()))
        .map(|(name, value)| (name.clone(), clean(value)))
        .collect();
    let sensitive =
        response.is_success() && operation.output_payload().is_some_and(|member| member.sensitive);
    let body = if sensitive && !response.body.is_empty() {
        Payload::Text(format!("<{} bytes, not shown>", response.body.len()))
    } else {
        let text = clean(&String::from_utf8_lossy(&response.body));
        let cut: String = text.chars().take(LONGEST_BODY).collect();
        Payload::of(cut.as_bytes())
    };
    RecordedResponse::Answer { status: response.status, headers, body }
}

/// A text in which no signature stands, should a target echo the one that it was sent.
fn without_signatures(text: &str) -> String {
    const NAME: &str = "Signature=";
    let mut parts = text.split(NAME);
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        let hidden = if rest.len() < part.len() { "<signature>" } else { "" };
        clean.extend([NAME, hidden, rest]);
    }
    clean
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::Exchange;
    use crate::judge::Judgement;
    use cases::call::{Arg, Call, Output, Step};
    use cases::expectation::{Answer, Expectation, Status};
    use cases::form::Form;
    use cases::id::RequirementId;
    use cases::outcome::Outcome;

    fn step(contract: &Contract, call: Call, response: Response) -> PlayedStep {
        let shown = call.request(contract, |output| Some(output.placeholder())).unwrap();
        let exchange = Exchange::new(shown.clone(), Ok(response), Duration::ZERO);
        PlayedStep {
            step: Step::new(call, RequirementId::new(["x"])),
            shown,
            exchange,
            expectation: Expectation::of(Answer::any(Status::Settled)),
            outcome: Outcome::default(),
            judgement: Judgement::Judged { differences: Vec::new(), tested: Vec::new() },
            issued: None,
        }
    }

    #[test]
    fn no_signature_stays_in_what_a_target_echoes() {
        let echoed = "AWS4-HMAC-SHA256 Credential=a/b, Signature=0aF9 was wrong; Signature=ff";
        let clean = "AWS4-HMAC-SHA256 Credential=a/b, Signature=<signature> was wrong; Signature=<signature>";
        assert_eq!(without_signatures(echoed), clean);
        assert_eq!(without_signatures("no Signature= at all"), "no Signature= at all");
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
                    body: br#"{"InitialConfigurationToken":"tok+en-one","Echo":"credential-x"}"#.to_vec(),
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
        let recorded = record(&contract, &steps, &["credential-x".to_owned()], false);
        let text = format!("{recorded:?}");
        for secret in
            ["tok+en-one", "tok%2Ben", "token-two", "s3cret-cookie", "credential-x", "the configuration"]
        {
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
