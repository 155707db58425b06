//! Checks with one valid call whether the target is an endpoint of the contract, so that a wrong URL is
//! reported once instead of as many failures. A target whose error cannot be explained by a missing resource
//! or missing credentials is such an endpoint, but a wrong one.

use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::contract::{Contract, Operation};
use cases::generate::{Sample, World};
use cases::protocol::{Json, Request, Response, media_type, outputs};

use crate::client::response::{content_encoding, error_type};
use crate::client::transport::Transport;
use crate::execute::executed::ExecutedStep;
use crate::execute::executor::Executor;
use crate::execute::samples::Samples;
use crate::probe::explain::explain;

/// Statuses of throttling and of gateways, whatever the response says.
const INTERMEDIARY_STATUSES: [u16; 4] = [429, 502, 503, 504];

/// Makes the first calls. Returns one that the target accepted, or refused in a way that the contract never
/// permits. `base` is the base URL of the target.
///
/// # Errors
/// Why the target cannot be tested: what responded, and what to try.
pub async fn first_contact<T: Transport>(
    executor: &Executor<'_, T>,
    catalogue: &Catalogue,
    base: &str,
) -> Result<Request, String> {
    let world = executor.world;
    if world.fixtures.is_empty() {
        return Err(
            "No resource of the target is known. Pass one with --fixtures FILE, or create some with \
             `boundstone provision`."
                .to_owned(),
        );
    }
    let mut first = None;
    for sample in valid_calls(world, catalogue) {
        let executed = executor.execute_with_retry(None, &sample.steps[..1], false).await;
        if executed.withheld {
            return Err(
                "The run ended before the target accepted a call. It may throttle, or --max-requests, --budget or \
                 Ctrl-C ended the run."
                    .to_owned(),
            );
        }
        let Some(step) = executed.steps.into_iter().next() else { continue };
        if is_success(&world.contract, &step) || is_response_of(&world.contract, &step) {
            return Ok(step.exchange.request);
        }
        // A target that does not respond or throttles gets no further call.
        let failure = step.exchange.observed.as_ref().err();
        let throttles = step.exchange.observed.as_ref().is_ok_and(|response| response.status == 429);
        if failure.is_some() || throttles {
            // The earlier response is the reason why nothing more is sent.
            if first.is_none() || failure.is_none_or(|failure| !failure.is_local()) {
                first = Some(step);
            }
            break;
        }
        first.get_or_insert(step);
    }
    let Some(step) = first else {
        return Err("The contract has no operation that can be called first.".to_owned());
    };
    if let Ok(response) = &step.exchange.observed
        && response.status != 429
        && let Some(other) = other_contract(executor, is_contract_error(&world.contract, response)).await
    {
        return Err(format!(
            "The target refuses calls of the contract `{}` but accepts those of `{other}`. Try --contract {other}.",
            world.contract.name
        ));
    }
    if step.exchange.observed.as_ref().is_ok_and(|response| has_wrong_status(&world.contract, response)) {
        return Ok(step.exchange.request);
    }
    Err(explain(&world.contract, &step, base, &executor.identifiers.redactor()))
}

async fn call<T: Transport>(executor: &Executor<'_, T>, sample: &Sample) -> Option<ExecutedStep> {
    executor.execute(None, &sample.steps[..1]).await.steps.into_iter().next()
}

/// Valid calls that need no call before them. If a contract names resources, they are those of its first operation: one
/// for each fixture, by id, then by name. If not, there is one of each operation, those that only read first.
fn valid_calls(world: &Arc<World>, catalogue: &Catalogue) -> Vec<Sample> {
    let operations = world.contract.operations.iter();
    let callable = operations.filter(|it| it.single_use().is_none() && world.may_call(it));
    let mut operations: Vec<&Operation> = callable.collect();
    operations.sort_by_key(|operation| !operation.only_reads());
    if world.contract.names_resources() {
        operations =
            world.contract.operations.iter().find(|it| it.single_use().is_none()).into_iter().collect();
    }
    operations.into_iter().flat_map(|operation| calls_of(world, catalogue, operation)).collect()
}

fn calls_of(world: &Arc<World>, catalogue: &Catalogue, operation: &Operation) -> Vec<Sample> {
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

/// Whether an operation of a contract that names no resources responded, if not with a success: a valid call may be
/// refused because of what exists on the target.
fn is_response_of(contract: &Contract, step: &ExecutedStep) -> bool {
    !contract.names_resources()
        && step.exchange.observed.as_ref().is_ok_and(|response| is_contract_error(contract, response))
}

/// Whether a response is a success of the operation, even if it is wrong in detail.
fn is_success(contract: &Contract, step: &ExecutedStep) -> bool {
    let operation = contract.operation(&step.step.call.operation);
    match (&step.exchange.observed, operation) {
        (Ok(response), Some(operation)) => is_success_of(operation, response),
        _ => false,
    }
}

fn is_success_of(operation: &Operation, response: &Response) -> bool {
    response.is_success()
        && (!outputs(operation, response).is_empty()
            || is_json(response)
            || response.body.is_empty()
                && response.status == operation.success
                && operation.output.is_empty()
            || content_encoding(response).is_some() && !is_page(response))
}

/// Whether a response is a JSON object, or says that it is JSON.
fn is_json(response: &Response) -> bool {
    matches!(Json::parse(&response.body), Ok(Json::Object(_)))
        || response.header("content-type").is_some_and(|value| media_type(value) == "application/json")
}

/// Whether a response is a web page.
fn is_page(response: &Response) -> bool {
    let media_type = response.header("content-type").map(media_type).unwrap_or_default();
    media_type.starts_with("text/") || media_type.ends_with("xml")
}

/// Whether a response is an error of the contract, so that its service has responded.
fn is_contract_error(contract: &Contract, response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    !response.is_success()
        && error_type(response, body.as_ref()).is_some_and(|name| contract.error(&name).is_some())
}

/// Whether a response is an error of the contract with another status than the contract defines. No request
/// has this response.
fn has_wrong_status(contract: &Contract, response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    let modelled = error_type(response, body.as_ref()).and_then(|name| contract.error(&name));
    !response.is_success()
        && !INTERMEDIARY_STATUSES.contains(&response.status)
        && modelled.is_some_and(|error| error.status != response.status)
}

/// The name of another embedded contract, if the target accepts its valid call. If the service of the current
/// contract did not respond at all (`known` is false), an error of the other contract is enough.
async fn other_contract<T: Transport>(executor: &Executor<'_, T>, known: bool) -> Option<String> {
    let world = executor.world;
    for contract in [Contract::page(), Contract::model()].into_iter().flatten() {
        if contract.name == world.contract.name {
            continue;
        }
        let catalogue = Catalogue::of(&contract);
        let other = Arc::new(World::new(contract, world.fixtures.clone()));
        let sample = valid_calls(&other, &catalogue).into_iter().next()?;
        let executor = Executor { world: &other, ..*executor };
        let Some(step) = call(&executor, &sample).await else { continue };
        let has_error =
            step.exchange.observed.as_ref().is_ok_and(|it| is_contract_error(&other.contract, it));
        if is_success(&other.contract, &step) || !known && has_error {
            return Some(other.contract.name.clone());
        }
    }
    None
}
