//! First contact: one valid call before anything else, so that a target which is no such endpoint
//! is named instead of being accused a hundred times. One that errs as no missing resource and no missing
//! credential can explain is such an endpoint, and a wrong one.

use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::contract::{Contract, Operation};
use cases::generate::{Sample, World};
use cases::protocol::{Json, Request, Response, media_type, outputs};

use crate::client::response::{content_encoding, error_type};
use crate::client::transport::Transport;
use crate::execute::executed::PlayedStep;
use crate::execute::executor::Player;
use crate::execute::samples::Samples;
use crate::probe::explain::explain;

/// Statuses of what throttles or fails on the way to a target, whatever its answer says.
const IN_BETWEEN: [u16; 4] = [429, 502, 503, 504];

/// Makes the first calls, and gives one that the target has accepted, or refused as the contract lets nobody
/// refuse any call. `base` is its base URL.
///
/// # Errors
/// Why the target cannot be judged: what answered, and what to try.
pub async fn contact<T: Transport>(
    player: &Player<'_, T>,
    catalogue: &Catalogue,
    base: &str,
) -> Result<Request, String> {
    let world = player.world;
    if world.fixtures.is_empty() {
        return Err("No resource is known that exists on the target: name one with --fixtures FILE, or let \
             `boundstone provision` make some."
            .to_owned());
    }
    let mut first = None;
    for sample in valid_calls(world, catalogue) {
        let played = player.insist(None, &sample.steps[..1], false).await;
        if played.withheld {
            return Err(
                "The run ended before the target had accepted a call: does it ask to come again later, or \
                 do --max-requests, --budget or Ctrl-C leave no more?"
                    .to_owned(),
            );
        }
        let Some(step) = played.steps.into_iter().next() else { continue };
        if is_success(&world.contract, &step) {
            return Ok(step.exchange.request);
        }
        // Who does not answer, or throttles, is not asked for more.
        let fault = step.exchange.observed.as_ref().err();
        let throttles = step.exchange.observed.as_ref().is_ok_and(|response| response.status == 429);
        if fault.is_some() || throttles {
            // Why nothing more is sent is what came before.
            if first.is_none() || fault.is_none_or(|fault| !fault.is_of_run()) {
                first = Some(step);
            }
            break;
        }
        first.get_or_insert(step);
    }
    let Some(step) = first else {
        return Err("The contract has no operation that could be called first.".to_owned());
    };
    if let Ok(response) = &step.exchange.observed
        && response.status != 429
        && let Some(other) = speaks_another(player, knows(&world.contract, response)).await
    {
        return Err(format!(
            "The target refuses the contract `{}` but speaks `{other}`: try --contract {other}.",
            world.contract.name
        ));
    }
    if step.exchange.observed.as_ref().is_ok_and(|response| contradicts_itself(&world.contract, response)) {
        return Ok(step.exchange.request);
    }
    Err(explain(&world.contract, &step, base, &player.hidden.secrets()))
}

async fn call<T: Transport>(player: &Player<'_, T>, sample: &Sample) -> Option<PlayedStep> {
    player.play(None, &sample.steps[..1]).await.steps.into_iter().next()
}

/// A valid call for each fixture, by id, then by name.
fn valid_calls(world: &Arc<World>, catalogue: &Catalogue) -> Vec<Sample> {
    let Some(operation) = world.contract.operations.iter().find(|operation| operation.single_use().is_none())
    else {
        return Vec::new();
    };
    let accepts = cases::requirement::accepts(operation);
    catalogue
        .cases
        .iter()
        .filter(|case| case.requirement == accepts && case.missing_prerequisite(&world.fixtures).is_none())
        .flat_map(|case| {
            let samples = Samples::new(case, world, 0);
            (0..samples.boundaries())
                .filter_map(move |index| samples.tree(index))
                .map(|tree| tree.current())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether an answer is a success of the operation, however faulty.
fn is_success(contract: &Contract, step: &PlayedStep) -> bool {
    let operation = contract.operation(&step.step.call.operation);
    match (&step.exchange.observed, operation) {
        (Ok(response), Some(operation)) => is_success_of(operation, response),
        _ => false,
    }
}

fn is_success_of(operation: &Operation, response: &Response) -> bool {
    let is_json = |response: &Response| {
        matches!(Json::parse(&response.body), Ok(Json::Object(_)))
            || response.header("content-type").is_some_and(|value| media_type(value) == "application/json")
    };
    let is_coded = || content_encoding(response).is_some() && !is_page(response);
    response.is_success() && (!outputs(operation, response).is_empty() || is_json(response) || is_coded())
}

/// Whether an answer is what a web server shows to people.
fn is_page(response: &Response) -> bool {
    let media_type = response.header("content-type").map(media_type).unwrap_or_default();
    media_type.starts_with("text/") || media_type.ends_with("xml")
}

/// Whether an answer is an error of the contract, so that its service has answered.
fn knows(contract: &Contract, response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    !response.is_success()
        && error_type(response, body.as_ref()).is_some_and(|name| contract.error(&name).is_some())
}

/// Whether an answer is an error of the contract with a status that the contract does not have for it: no
/// request has this answer.
fn contradicts_itself(contract: &Contract, response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    let modelled = error_type(response, body.as_ref()).and_then(|name| contract.error(&name));
    !response.is_success()
        && !IN_BETWEEN.contains(&response.status)
        && modelled.is_some_and(|error| error.status != response.status)
}

/// Another of the embedded contracts, if the target accepts its valid call. Where the own contract's
/// call is not even answered by the service (it is not `known`), its error is enough.
async fn speaks_another<T: Transport>(player: &Player<'_, T>, known: bool) -> Option<String> {
    let world = player.world;
    for contract in [Contract::page(), Contract::model()].into_iter().flatten() {
        if contract.name == world.contract.name {
            continue;
        }
        let catalogue = Catalogue::of(&contract);
        let other = Arc::new(World { contract, fixtures: world.fixtures.clone() });
        let sample = valid_calls(&other, &catalogue).into_iter().next()?;
        let player = Player { world: &other, ..*player };
        let Some(step) = call(&player, &sample).await else { continue };
        let answers = |response| !known && knows(&other.contract, response);
        if is_success(&other.contract, &step) || step.exchange.observed.as_ref().is_ok_and(answers) {
            return Some(other.contract.name.clone());
        }
    }
    None
}
