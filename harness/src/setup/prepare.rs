//! Turns a configuration into the parts of a run.

use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use jiff::Timestamp;

use crate::client::client::Client;
use crate::client::http::client::Http;
use crate::client::layers::rate::Rate;
use crate::config::known_failures::KnownFailures;
use crate::config::pattern::Pattern;
use crate::execute::clock::Advance;
use crate::limits::Limits;
use crate::plan::estimate;
use crate::plan::in_flight::Concurrency;
use crate::plan::plan::{MAX_REPRODUCING, Plan};
use crate::results::case_result::CaseIndex;
use crate::results::checkpoint::CheckpointState;
use crate::setup::config::RunConfig;
use crate::setup::connection::Connection;
use crate::setup::embedded_mock::{Embedded, drift};
use crate::setup::error::CliError;
use crate::setup::rerun_command;

/// All that a run needs, resolved from its arguments.
pub struct Prepared {
    /// What to do.
    pub plan: Plan,
    /// Where the requests go.
    pub transport: Client,
    /// The same without any bound.
    pub http: Http,
    /// What bounds the run.
    pub limits: Arc<Limits>,
    /// How many requests may be sent in a time.
    pub rate: Option<Rate>,
    /// Whether the certificate of the server is not verified.
    pub is_unverified: bool,
    /// The mock, if it is the target; it serves as long as this lives.
    pub mock: Option<Embedded>,
}

/// Resolves the arguments of a run, and starts the mock if no target is named.
pub async fn prepare(config: RunConfig) -> Result<Prepared, CliError> {
    let connection = Connection::open(&config.endpoint, limits(&config)?).await?;
    resolve(config, connection)
}

/// Resolves the arguments of a run against this mock.
pub async fn prepare_for(config: RunConfig, mock: Embedded) -> Result<Prepared, CliError> {
    let connection = Connection::open_to(&config.endpoint, Some(mock), limits(&config)?).await?;
    resolve(config, connection)
}

fn limits(config: &RunConfig) -> Result<Arc<Limits>, CliError> {
    Ok(Arc::new(Limits::new(config.budget, config.max_requests.map(Into::into))))
}

fn resolve(config: RunConfig, connection: Connection) -> Result<Prepared, CliError> {
    let Connection { transport, http, route, target, world, secrets, mock, limits, rate, is_unverified } =
        connection;
    let catalogue = Catalogue::of(&world.contract);
    let mut selected = select(&catalogue, &world.contract, &config.only, &config.skip)?;
    let RunConfig { seed, samples, .. } = config;
    if let Some(shard) = config.shard {
        shard.keep(&mut selected, |index| estimate::cost(&catalogue.cases[index], &world, seed, samples));
    }
    let known_failures =
        config.known_failures.as_deref().map(KnownFailures::read).transpose()?.unwrap_or_default();
    let plan = Plan {
        drift: drift(&config.endpoint.contract, &world.contract, &catalogue)?,
        known_failures,
        max_failures: config.max_failures,
        waited: None,
        world,
        catalogue,
        selected: (0..).map(CaseIndex).zip(selected).filter(|(_, is)| *is).map(|(index, _)| index).collect(),
        seed,
        samples,
        concurrency: config
            .concurrency
            .map_or(Concurrency::Adaptive, |number| Concurrency::Fixed(number.get())),
        between_requests: rate.map(Rate::interval),
        http2_only: config.endpoint.connection.is_http2_only(),
        strict: config.strict,
        target,
        reach: rerun_command::reach(&config.endpoint),
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
    Ok(Prepared { plan, transport, http, limits, rate, is_unverified, mock })
}

/// Sets the clock of a mock forward.
pub fn advance(mock: &Embedded) -> Advance {
    let clock = mock.clock().clone();
    Arc::new(move |time| clock.advance(time))
}

/// Which cases run.
pub(crate) fn select(
    catalogue: &Catalogue,
    contract: &Contract,
    only: &[String],
    skip: &[String],
) -> Result<Vec<bool>, CliError> {
    let ids: Vec<&str> = catalogue.cases.iter().map(|case| case.id.as_str()).collect();
    let patterns = |flag: &'static str, given: &[String]| {
        given
            .iter()
            .map(|text| {
                let pattern = Pattern::new(text, ids.iter().copied());
                if ids.iter().any(|id| pattern.matches(id)) {
                    Ok(pattern)
                } else {
                    Err(CliError::Pattern { flag, pattern: text.clone(), contract: contract.name.clone() })
                }
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let only = patterns("--only", only)?;
    let skip = patterns("--skip", skip)?;
    let any = |patterns: &[Pattern], id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let selected: Vec<bool> =
        ids.iter().map(|id| (only.is_empty() || any(&only, id)) && !any(&skip, id)).collect();
    if selected.contains(&true) { Ok(selected) } else { Err(CliError::NothingSelected) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(only: &[&str], skip: &[&str]) -> Result<usize, String> {
        let contract = Contract::page().unwrap();
        let catalogue = Catalogue::of(&contract);
        let owned = |list: &[&str]| -> Vec<String> { list.iter().map(|text| (*text).to_owned()).collect() };
        select(&catalogue, &contract, &owned(only), &owned(skip))
            .map(|selected| selected.into_iter().filter(|selected| *selected).count())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn patterns_select_cases() {
        assert_eq!(selected(&["*/application-identifier/required/*"], &[]), Ok(4));
        assert_eq!(selected(&["application-identifier/required"], &["*/null"]), Ok(3));
        assert!(selected(&["nowhere"], &[]).unwrap_err().starts_with("--only nowhere: matches no case"));
        assert_eq!(
            selected(&["required"], &["required"]).unwrap_err(),
            "--only and --skip leave no case to run"
        );
    }
}
