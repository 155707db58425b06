//! Plays a sequence of steps: sends each request, asks the oracle, judges each answer.

use cases::call::{MissingOutput, Outputs, Step, outputs};
use cases::expectation::Expectation;
use cases::http::{Request, Response};
use cases::oracle::Oracle;
use cases::outcome::{ABSENT, Field, Outcome};
use cases::sample::World;
use snapshots::Document;

use crate::exchange::Exchange;
use crate::judge::{Difference, Excuse, Judgement, excuse, judge};
use crate::normalise::normalise;
use crate::transport::Transport;

/// What a sequence showed.
#[derive(Debug, Clone)]
pub struct Played {
    /// The steps that were sent.
    pub steps: Vec<PlayedStep>,
    /// Why the sequence could not go on, if it could not.
    pub missing: Option<MissingOutput>,
}

/// What one step showed.
#[derive(Debug, Clone)]
pub struct PlayedStep {
    /// The step.
    pub step: Step,
    /// The request with placeholders for what earlier answers issued.
    pub shown: Request,
    /// What was sent and observed.
    pub exchange: Exchange,
    /// What the contract asks for.
    pub expectation: Expectation,
    /// The answer, normalised. In place of an answer, the status says what came.
    pub outcome: Outcome,
    /// What the answer says.
    pub judgement: Judgement,
}

/// Sends `steps` in order and judges each answer, the snapshot of the step beside it. A sequence
/// ends early when a call that has to succeed does not, when an answer lacks what the next step
/// needs, or when there is none: what would follow is not what the case is about.
pub async fn play<T: Transport>(
    transport: &T,
    world: &World,
    snapshot: Option<&Document>,
    steps: &[Step],
) -> Played {
    let contract = &world.contract;
    let mut oracle = Oracle::new(contract, &world.fixtures);
    let mut seen: Vec<Outputs> = Vec::new();
    let mut played = Played { steps: Vec::with_capacity(steps.len()), missing: None };
    for (index, step) in steps.iter().enumerate() {
        let request = match step.call.request(contract, |output| output.resolve(&seen)) {
            Ok(request) => request,
            Err(missing) => {
                played.missing = Some(missing);
                break;
            }
        };
        let shown = step
            .call
            .request(contract, |output| Some(output.placeholder()))
            .unwrap_or_else(|_| request.clone());
        let expectation = oracle.expect(&request);
        let content = oracle.content(&request);
        let exchange = transport.send(request).await;
        let mut outcome = Outcome::default();
        let mut excused = None;
        match (&exchange.observed, contract.operation(&step.call.operation)) {
            (Ok(response), Some(operation)) => {
                outcome = normalise(contract, operation, response, content);
                excused = excuse(contract, operation, &expectation, response);
                oracle.observe(&exchange.request, response);
                seen.push(outputs(operation, response));
            }
            (Err(fault), _) => outcome.set(Field::Status, &format!("<{fault}>")),
            // Steps are made from the operations of the contract.
            (Ok(_), None) => {}
        }
        let reviewed = snapshot.and_then(|document| document.outcome(index));
        let judgement = excused
            .map_or_else(|| judge(&step.requirement, &expectation, reviewed, &outcome), Judgement::Excused);
        let succeeded = exchange.observed.as_ref().is_ok_and(Response::is_success);
        let ended = exchange.observed.is_err() || (expectation.is_success() && !succeeded);
        played.steps.push(PlayedStep {
            step: step.clone(),
            shown,
            exchange,
            expectation,
            outcome,
            judgement,
        });
        if ended {
            break;
        }
    }
    played
}

impl Played {
    /// How many requests went out, with those that were sent again.
    pub fn requests(&self) -> u64 {
        self.steps.iter().map(|step| step.exchange.sent()).sum()
    }

    /// Every difference of every step.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.steps.iter().flat_map(|step| match &step.judgement {
            Judgement::Judged { differences, .. } => differences.as_slice(),
            Judgement::Excused(_) => &[],
        })
    }

    /// The first excuse of the target.
    pub fn excuse(&self) -> Option<&Excuse> {
        self.steps.iter().find_map(|step| match &step.judgement {
            Judgement::Excused(excuse) => Some(excuse),
            Judgement::Judged { .. } => None,
        })
    }

    /// Why the last answer, though it has the right status, is no proof: the request was refused
    /// for another reason than the one that the requirement names.
    pub fn other_reason(&self) -> Option<String> {
        let last = self.steps.last()?;
        let accept = last.expectation.answer(last.outcome.status()?)?.fields.get(&Field::ErrorType)?;
        let named = last.outcome.get(&Field::ErrorType);
        (named != ABSENT && !accept.holds(named))
            .then(|| format!("refused, but for another reason than the contract's: {named}"))
    }

    /// Whether every step of `steps` was sent and the last one succeeded.
    pub fn succeeded(&self, steps: &[Step]) -> bool {
        self.steps.len() == steps.len()
            && self
                .steps
                .last()
                .is_some_and(|last| last.exchange.observed.as_ref().is_ok_and(Response::is_success))
    }

    /// What the last step that was sent got, in a few words.
    pub fn last_status(&self) -> String {
        self.steps
            .last()
            .map_or_else(|| "nothing".to_owned(), |last| last.outcome.get(&Field::Status).to_owned())
    }

    /// The sequence up to and with the step that shows a difference.
    pub fn up_to(&self, difference: &Difference) -> Option<&[PlayedStep]> {
        let shows = |step: &PlayedStep| matches!(&step.judgement, Judgement::Judged { differences, .. } if differences.contains(difference));
        self.steps.iter().position(shows).map(|index| &self.steps[..=index])
    }
}
