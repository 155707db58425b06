//! Responses: an outcome is the same whenever it is made, and whatever the contract gives no meaning to; it
//! survives its own text; what is judged says the same each time, and what was asked for is no difference.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use boundstone::client::layers::throttling::is_throttled;
use boundstone::judge::judgement::{Judgement, judge, not_attributable};
use boundstone::judge::normalize::normalize;
use cases::contract::{Contract, Operation};
use cases::id::RequirementId;
use cases::oracle::{Content, Expectation, ExpectedResponse, Outcome, Status};
use cases::protocol::{Response, outputs};

use super::message::Message;

static CONTRACTS: LazyLock<[Contract; 2]> =
    LazyLock::new(|| [Contract::page(), Contract::model()].map(|contract| contract.expect("it is built in")));

/// Judges a response as one of each operation of each contract.
pub fn hold(data: &[u8]) {
    let Some(response) = read(data) else { return };
    for contract in CONTRACTS.iter() {
        for operation in &contract.operations {
            judged(contract, operation, &response);
        }
        let _later = is_throttled(contract, &response);
    }
}

fn judged(contract: &Contract, operation: &Operation, response: &Response) {
    let content = Some(Content::Known(b"content"));
    let made = |response: &Response| normalize(contract, operation, response, content, &str::to_owned);
    let outcome = made(response);
    assert_eq!(made(response), outcome);
    assert_eq!(made(&written_otherwise(response)), outcome, "{response:?}");
    let text = outcome.to_string();
    assert!(super::display::is_printable(&text), "{text:?}");
    let again: Outcome = text.parse().expect("what is written can be read");
    assert_eq!(again, outcome);
    let _values = outputs(operation, response);

    let requirement = RequirementId::new([operation.name.as_str(), "accepts"]);
    for expectation in expectations(contract, operation) {
        let judged = || judge(contract, &requirement, &expectation, None, &outcome);
        assert_eq!(judged(), judged());
        let Judgement::Compared { differences, tested, .. } = judged() else { panic!("it was judged") };
        for difference in &differences {
            assert!(tested.contains(&difference.requirement), "{difference:?}");
            assert!(difference.is_like(difference));
            assert_ne!(difference.expected, difference.actual, "{difference:?}");
        }
        let excused = not_attributable(contract, operation, &expectation, response);
        assert!(excused.is_none() || !response.is_success(), "{excused:?}");
        let asked = judge(contract, &requirement, &expectation, Some(&outcome), &expectation.outcome());
        let Judgement::Compared { differences, .. } = asked else { panic!("it was judged") };
        assert!(differences.is_empty(), "{differences:?}");
    }
}

/// A success, each modelled error, and any refusal.
fn expectations(contract: &Contract, operation: &Operation) -> Vec<Expectation> {
    let success = Expectation::of(ExpectedResponse::success(contract, operation, &BTreeMap::default()));
    let errors = operation.errors.iter().map(|error| {
        let alternatives = &contract.constraint_error.alternatives;
        Expectation::of(ExpectedResponse::error(contract, operation, error, alternatives))
    });
    let refusal = Expectation::of(ExpectedResponse::any(Status::ClientError));
    [success]
        .into_iter()
        .chain(errors)
        .filter(|it| !it.outcome().to_string().is_empty())
        .chain(
            // A class of statuses is no outcome that could come.
            (refusal.outcome().status().is_some()).then_some(refusal),
        )
        .collect()
}

/// The same response with all changed that has no meaning: the case of its headers' names, what others add.
fn written_otherwise(response: &Response) -> Response {
    let mut headers: Vec<_> =
        response.headers.iter().map(|(name, value)| (name.to_ascii_uppercase(), value.clone())).collect();
    headers.push(("X-Boundstone-Unknown".to_owned(), "1".to_owned()));
    Response { headers, ..response.clone() }
}

/// The status in the first line.
fn read(data: &[u8]) -> Option<Response> {
    let message = Message::read(data)?;
    let status = message.first.trim().parse().ok().filter(|status| (100..1000).contains(status))?;
    Some(Response { status, headers: message.headers, body: message.body.to_vec() })
}
