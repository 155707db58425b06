//! First contact: one valid call before anything else, so that a target which is no such endpoint
//! is named instead of being accused a hundred times.

use std::sync::Arc;

use cases::call::outputs;
use cases::catalogue::Catalogue;
use cases::contract::Contract;
use cases::http::{Response, media_type};
use cases::json::Json;
use cases::sample::{Sample, World};

use crate::exchange::Fault;
use crate::explore::Samples;
use crate::normalise::error_type;
use crate::play::{PlayedStep, Player};
use crate::secret::Secrets;
use crate::transport::Transport;

/// Makes the first calls.
///
/// # Errors
/// Why the target cannot be judged: what answered, and what to try.
pub async fn contact<T: Transport>(player: &Player<'_, T>, catalogue: &Catalogue) -> Result<(), String> {
    let world = player.world;
    if world.fixtures.is_empty() {
        return Err("No resource is known that exists on the target: name one with --fixtures FILE, or let \
             --provision make some."
            .to_owned());
    }
    let mut first = None;
    for sample in valid_calls(world, catalogue) {
        let played = player.play(None, &sample.steps[..1]).await;
        if played.withheld {
            return Err("The run ended before the target had answered.".to_owned());
        }
        let Some(step) = played.steps.into_iter().next() else { continue };
        if is_success(&world.contract, &step) {
            return Ok(());
        }
        if step.exchange.observed.is_err() {
            first = Some(step);
            break;
        }
        first.get_or_insert(step);
    }
    let Some(step) = first else {
        return Err("The contract has no operation that could be called first.".to_owned());
    };
    let mut reason = explain(&world.contract, player.hidden.secrets(), &step);
    if matches!(&step.exchange.observed, Ok(response) if (400..500).contains(&response.status))
        && let Some(other) = speaks_another(player).await
    {
        reason = format!(
            "The target refuses the contract `{}` but speaks `{other}`: try --contract {other}.",
            world.contract.name
        );
    }
    Err(reason)
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
        .filter(|case| case.requirement == accepts && case.lacks(&world.fixtures).is_none())
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
    let (Ok(response), Some(operation)) =
        (&step.exchange.observed, contract.operation(&step.step.call.operation))
    else {
        return false;
    };
    let is_json = |response: &Response| {
        matches!(Json::parse(&response.body), Ok(Json::Object(_)))
            || response.header("content-type").is_some_and(|value| media_type(value) == "application/json")
    };
    response.is_success() && (!outputs(operation, response).is_empty() || is_json(response))
}

/// Another of the embedded contracts, if the target accepts its valid call.
async fn speaks_another<T: Transport>(player: &Player<'_, T>) -> Option<String> {
    let world = player.world;
    for contract in [Contract::page(), Contract::model()].into_iter().flatten() {
        if contract.name == world.contract.name {
            continue;
        }
        let catalogue = Catalogue::of(&contract);
        let other = Arc::new(World { contract, fixtures: world.fixtures.clone() });
        let sample = valid_calls(&other, &catalogue).into_iter().next()?;
        let player = Player { world: &other, ..*player };
        let played = player.play(None, &sample.steps[..1]).await;
        if played.steps.first().is_some_and(|step| is_success(&other.contract, step)) {
            return Some(other.contract.name.clone());
        }
    }
    None
}

/// What answered, and what to try.
fn explain(contract: &Contract, secrets: &Secrets, step: &PlayedStep) -> String {
    let shown = |text: &str| secrets.clean(text).escape_debug().take(80).collect::<String>();
    let request = format!("{} {}", step.shown.method, step.shown.target);
    match &step.exchange.observed {
        Err(Fault::NotConnected) => {
            "No connection to the target: is it running, and are host and port right?".to_owned()
        }
        Err(Fault::Tls) => {
            "No TLS connection to the target: does it speak https, and is its certificate trusted?".to_owned()
        }
        Err(fault) => format!(
            "The target gives no answer to a valid {request}: {fault}. Is it an HTTP server of this contract?"
        ),
        Ok(response) => {
            let body = Json::parse(&response.body).ok();
            let error_type = error_type(response, body.as_ref());
            let answer = match &error_type {
                Some(error_type) => {
                    format!("{} {}", response.status, shown(error_type))
                }
                None => match response.header("content-type") {
                    Some(value) => {
                        format!("{} with {}", response.status, shown(&media_type(value)))
                    }
                    None => response.status.to_string(),
                },
            };
            let advice = match response.status {
                401 | 403 => "Are credentials missing? Pass them with --header 'Authorization: …'.".to_owned(),
                404 if error_type.as_deref().is_some_and(|name| contract.error(name).is_some()) => {
                    "Do the resources of --fixtures exist there, in this region and account?".to_owned()
                }
                400 if error_type.as_deref().is_some_and(|name| contract.error(name).is_some()) => {
                    "No valid call is accepted, so nothing can be judged: do the fixtures name resources that exist?".to_owned()
                }
                429 => "The target throttles: try again later.".to_owned(),
                500.. => "The target fails on a valid call: look into its log.".to_owned(),
                _ => format!(
                    "This is no endpoint of the contract `{}`: are --target, its path, --contract and the headers right?",
                    contract.name
                ),
            };
            format!("The target answers a valid {request} with {answer}. {advice}")
        }
    }
}
