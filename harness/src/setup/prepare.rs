//! Turns a configuration into the parts of a run.

use std::collections::BTreeSet;
use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use jiff::Timestamp;

use crate::client::http::client::Http;
use crate::client::layers::rate::Rate;
use crate::client::stack::Client;
use crate::config::known_failures::KnownFailures;
use crate::config::pattern::Pattern;
use crate::execute::clock::Advance;
use crate::limits::Limits;
use crate::plan::estimate;
use crate::plan::in_flight::Concurrency;
use crate::plan::run_plan::{MAX_REPRODUCING, Plan};
use crate::results::case_result::CaseIndex;
use crate::results::checkpoint::CheckpointState;
use crate::setup::config::RunConfig;
use crate::setup::connection::Connection;
use crate::setup::embedded_mock::{Embedded, contract_changes};
use crate::setup::error::SetupError;
use crate::setup::rerun_command;

/// The parts of a run.
pub struct RunSetup {
    /// What will run.
    pub plan: Plan,
    /// The client that sends requests, within the limits.
    pub transport: Client,
    /// The same client without limits and retries.
    pub http: Http,
    /// The limits of the run.
    pub limits: Arc<Limits>,
    /// The rate limit.
    pub rate: Option<Rate>,
    /// Whether the certificate of the server is not verified.
    pub is_unverified: bool,
    /// The mock, if it is the target; it stops when this is dropped.
    pub mock: Option<Embedded>,
}

/// Builds the parts of a run, and starts the mock if no target is named.
///
/// # Errors
/// What is wrong with the configuration.
pub async fn prepare(config: RunConfig) -> Result<RunSetup, SetupError> {
    let connection = Connection::open(&config.endpoint, limits(&config)).await?;
    resolve(&config, connection)
}

/// Builds the parts of a run against a mock.
///
/// # Errors
/// What is wrong with the configuration.
pub async fn prepare_for(config: RunConfig, mock: Embedded) -> Result<RunSetup, SetupError> {
    let connection = Connection::open_to(&config.endpoint, Some(mock), limits(&config)).await?;
    resolve(&config, connection)
}

fn limits(config: &RunConfig) -> Arc<Limits> {
    Arc::new(Limits::new(config.budget, config.max_requests.map(Into::into)))
}

fn resolve(config: &RunConfig, connection: Connection) -> Result<RunSetup, SetupError> {
    let Connection { transport, http, route, target, world, secrets, mock, limits, rate, is_unverified } =
        connection;
    let catalogue = Catalogue::of(&world.contract);
    let mut selected = select(&catalogue, &world.contract, &config.only, &config.skip)?;
    let RunConfig { seed, samples, .. } = *config;
    if let Some(shard) = config.shard {
        let cost = |case: CaseIndex| estimate::cost(&catalogue.cases[case.0], &world, seed, samples);
        selected = shard.keep(selected, cost);
    }
    let known_failures =
        config.known_failures.as_deref().map(KnownFailures::read).transpose()?.unwrap_or_default();
    let plan = Plan {
        contract_changes: contract_changes(&config.endpoint.contract, &world.contract, &catalogue)?,
        known_failures,
        max_failures: config.max_failures,
        waited: None,
        world,
        catalogue,
        selected,
        seed,
        samples,
        concurrency: config
            .concurrency
            .map_or(Concurrency::Adaptive, |number| Concurrency::Fixed(number.get())),
        between_requests: rate.map(Rate::interval),
        http2_only: config.endpoint.connection.is_http2_only(),
        strict: config.strict,
        target,
        reach: rerun_command::connection_flags(&config.endpoint),
        replay: rerun_command::replay(&config.out),
        route,
        secrets,
        clock: mock.as_ref().map(advance),
        budget: config.budget,
        reproducing: MAX_REPRODUCING,
        restored: CheckpointState::default(),
        checkpoint: None,
        started_at: Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string(),
    };
    Ok(RunSetup { plan, transport, http, limits, rate, is_unverified, mock })
}

/// A function that sets the clock of a mock forward.
pub fn advance(mock: &Embedded) -> Advance {
    let clock = mock.clock().clone();
    Arc::new(move |time| clock.advance(time))
}

/// The cases that run.
///
/// # Errors
/// A pattern matches nothing, or no case is left.
pub(crate) fn select(
    catalogue: &Catalogue,
    contract: &Contract,
    only: &[String],
    skip: &[String],
) -> Result<BTreeSet<CaseIndex>, SetupError> {
    let ids: Vec<&str> = catalogue.cases.iter().map(|case| case.id.as_str()).collect();
    let patterns = |setting: &'static str, given: &[String]| {
        given
            .iter()
            .map(|text| {
                matching(text, &ids).ok_or_else(|| SetupError::Pattern {
                    setting,
                    pattern: text.clone(),
                    contract: contract.name.clone(),
                })
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let only = patterns("only", only)?;
    let skip = patterns("skip", skip)?;
    let any = |patterns: &[Pattern], id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let is_selected = |id: &str| (only.is_empty() || any(&only, id)) && !any(&skip, id);
    let selected: BTreeSet<CaseIndex> =
        (0..).map(CaseIndex).zip(ids).filter(|(_, id)| is_selected(id)).map(|(index, _)| index).collect();
    if selected.is_empty() { Err(SetupError::NothingSelected) } else { Ok(selected) }
}

/// The pattern, if it matches an id.
fn matching(text: &str, ids: &[&str]) -> Option<Pattern> {
    let pattern = Pattern::new(text, ids.iter().copied());
    ids.iter().any(|id| pattern.matches(id)).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(only: &[&str], skip: &[&str]) -> Result<usize, String> {
        let contract = Contract::page().unwrap();
        let catalogue = Catalogue::of(&contract);
        let owned = |list: &[&str]| -> Vec<String> { list.iter().map(|text| (*text).to_owned()).collect() };
        select(&catalogue, &contract, &owned(only), &owned(skip))
            .map(|selected| selected.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn patterns_select_cases() {
        assert_eq!(selected(&["*/application-identifier/required/*"], &[]), Ok(4));
        assert_eq!(selected(&["application-identifier/required"], &["*/null"]), Ok(3));
        assert!(selected(&["nowhere"], &[]).unwrap_err().starts_with("only nowhere: matches no case"));
        assert_eq!(
            selected(&["required"], &["required"]).unwrap_err(),
            "only and skip leave no case to run; change one of them"
        );
    }
}
