//! The requests of a counterexample, as a sequence that the executor can send.

use std::time::Duration;

use cases::contract::{Contract, Location};
use cases::generate::Step;
use cases::oracle::{Field, Value};
use cases::protocol::{Arg, Call, Json, MessageForm, Output, Request};
use reports::model::{Difference, RecordedExchange, RecordedRequest, RecordedResponse, Source, Use};
use reports::summary::Listed;

/// The maximum size of a body in bytes.
const MAX_BODY: usize = 64 << 20;

/// The requests of a counterexample.
pub(crate) struct RecordedSequence {
    /// The steps. Their calls have the operations, and the values that they take from earlier responses.
    pub(crate) steps: Vec<Step>,
    /// The request of each step, with placeholders.
    pub(crate) requests: Vec<Request>,
    /// The step that shows the difference. Of simultaneous calls, the executor puts successes first.
    pub(crate) position: usize,
    /// The strings in the bodies, which no single-use value may contain.
    pub(crate) strings: Vec<String>,
}

impl RecordedSequence {
    /// The sequence of a finding.
    ///
    /// # Errors
    /// Why its requests cannot be sent.
    pub(crate) fn new(
        contract: &Contract,
        finding: &Listed<'_>,
        difference: &Difference,
    ) -> Result<Self, String> {
        let exchanges = &finding.finding.counterexample;
        let (mut steps, mut requests) = (Vec::new(), Vec::new());
        for recorded in exchanges.iter().map(|exchange| &exchange.request) {
            let call = call(contract, recorded)?;
            steps.push(Step {
                after: Duration::from_secs(recorded.after_seconds),
                with_previous: recorded.at_once,
                early: recorded.early,
                ..Step::new(call, finding.requirement.id.clone())
            });
            requests.push(request(recorded)?);
        }
        if steps.is_empty() {
            return Err("the report has no request to send".to_owned());
        }
        Ok(Self { steps, position: position(exchanges, difference), strings: strings(&requests), requests })
    }

    /// Whether calls are sent at the same time.
    pub(crate) fn is_simultaneous(&self) -> bool {
        self.steps.iter().any(|step| step.with_previous)
    }
}

/// A call with the operation of a recorded request and the values that it takes from earlier responses.
fn call(contract: &Contract, recorded: &RecordedRequest) -> Result<Call, String> {
    let operation = contract
        .operation(&recorded.operation)
        .ok_or_else(|| format!("the contract has no operation {}", recorded.operation))?;
    let args = recorded.uses.iter().map(|used| {
        let output = output(contract, used);
        (output.member.clone(), Arg::Output(output))
    });
    Ok(Call {
        operation: operation.name.clone(),
        args: args.collect(),
        body: None,
        form: MessageForm::default(),
    })
}

fn output(contract: &Contract, used: &Use) -> Output {
    let member = match &used.from {
        Source::Member(name) => name.clone(),
        Source::Header(header) => {
            let mut members = contract.operations.iter().flat_map(|operation| &operation.output);
            let bound = members.find(|member| {
                matches!(&member.location, Location::Header(name) if name.eq_ignore_ascii_case(header))
            });
            bound.map_or_else(|| header.clone(), |member| member.name.clone())
        }
    };
    Output { step: used.step, member, alter: used.alter }
}

fn request(recorded: &RecordedRequest) -> Result<Request, String> {
    Ok(Request {
        method: recorded.method.clone(),
        target: recorded.target.clone(),
        headers: recorded.headers.clone(),
        body: recorded.body.to_bytes(MAX_BODY).ok_or("the report has a body that cannot be read")?,
        signing: recorded.signing.unwrap_or_default(),
    })
}

/// The step that shows the difference. Of simultaneous calls, successes come first; if one call has to succeed,
/// it is the first one.
fn position(exchanges: &[RecordedExchange], difference: &Difference) -> usize {
    let simultaneous = exchanges.iter().rev().take_while(|exchange| exchange.request.at_once).count();
    let start = exchanges.len().saturating_sub(simultaneous + 1);
    let group = &exchanges[start..];
    let expects_success = Value::read(&Field::by_name(&difference.field), &difference.expected).is_success();
    let offset = match group.iter().filter(|exchange| is_success(exchange)).count() {
        _ if expects_success => 0,
        successes if group.last().is_some_and(is_success) => successes - 1,
        _ => simultaneous,
    };
    start + offset
}

fn is_success(exchange: &RecordedExchange) -> bool {
    matches!(exchange.response, RecordedResponse::Response { status: 200..300, .. })
}

/// The strings in the bodies of requests.
fn strings(requests: &[Request]) -> Vec<String> {
    let members = requests.iter().filter_map(|request| match Json::parse(&request.body) {
        Ok(Json::Object(members)) => Some(members),
        _ => None,
    });
    members.flatten().filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use reports::model::Payload;

    use super::*;

    fn exchange((status, at_once): (u16, bool)) -> RecordedExchange {
        RecordedExchange {
            request: RecordedRequest {
                operation: "Get".to_owned(),
                method: "GET".to_owned(),
                target: "/".to_owned(),
                headers: Vec::new(),
                body: Payload::default(),
                after_seconds: 0,
                at_once,
                early: false,
                signing: None,
                uses: Vec::new(),
            },
            response: RecordedResponse::Response { status, headers: Vec::new(), body: Payload::default() },
        }
    }

    #[test]
    fn position_is_the_call_that_shows_the_difference() {
        let position = |expected: &str, statuses: &[(u16, bool)]| {
            let exchanges: Vec<_> = statuses.iter().copied().map(exchange).collect();
            let (field, actual) = (Field::Status.to_string(), "any".to_owned());
            position(&exchanges, &Difference { field, expected: expected.to_owned(), actual })
        };
        assert_eq!(position("400", &[(201, false), (200, false)]), 1);
        // Of three calls, two succeeded, none succeeded, or one failed otherwise.
        assert_eq!(position("400", &[(201, false), (200, false), (400, true), (200, true)]), 2);
        assert_eq!(position("200", &[(201, false), (400, false), (400, true)]), 1);
        assert_eq!(position("400", &[(201, false), (200, false), (500, true)]), 2);
    }
}
