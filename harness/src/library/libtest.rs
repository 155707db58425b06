//! The cases of a contract as tests of a server, each with its own name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use cases::fixture::Fixture;
use cases::generate::World;
use libtest_mimic::{Completion, Failed, Trial};
use reports::model::{Ending, EntryState, Report, Verdict};
use reports::render::terminal;
use reports::render::terminal::Style;
use reports::summary::{Outcome, outcome};

use crate::config::fixtures;
use crate::execute::clock::Advance;
use crate::execute::poll_interval::WAIT_AND_REPLAY;
use crate::plan::prerequisites::Capabilities;
use crate::setup::config::RunConfig;
use crate::setup::embedded_mock::contract as read;
use crate::setup::error::SetupError;
use crate::setup::prepare::{RunSetup, prepare, select};
use crate::setup::wait::Wait;

/// The server to test, and the configuration of the tests.
#[derive(Clone, Default)]
pub struct Target {
    config: RunConfig,
    /// The text of a fixtures file, which replaces the file of `config`.
    fixtures: Option<String>,
    clock: Option<Advance>,
}

impl Target {
    /// The server at a base URL, such as `http://127.0.0.1:4566`.
    pub fn at(url: impl Into<String>) -> Self {
        Self::mock().url(url)
    }

    /// The mock of boundstone; each test starts its own.
    pub fn mock() -> Self {
        Self::default()
    }

    /// The target of a run.
    pub(crate) fn of(config: RunConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Whether the target is the mock, since it has no URL.
    pub fn is_mock(&self) -> bool {
        self.config.endpoint.target.is_none()
    }

    /// The contract of the environment, or `page`.
    pub fn contract(&self) -> &str {
        &self.config.endpoint.contract
    }

    /// Sets the base URL of the server.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.config.endpoint.target = Some(url.into());
        self
    }

    /// Sets the resources that exist on the server, as the text of a fixtures file. The names of files in it
    /// are relative to the working folder.
    #[must_use]
    pub fn fixtures(mut self, toml: impl Into<String>) -> Self {
        self.fixtures = Some(toml.into());
        self
    }

    /// Sets the fixtures file, which names resources that exist on the server.
    #[must_use]
    pub fn fixtures_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.fixtures = None;
        self.config.endpoint.fixtures = Some(path.into());
        self
    }

    /// Adds a header to every request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.config.endpoint.headers.push(format!("{name}: {value}"));
        self
    }

    /// Sets a function that advances the clock of the server. It enables the cases in which hours pass, such
    /// as the expiry of a token. No other case runs at the same time as one of these.
    #[must_use]
    pub fn clock(mut self, advance: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(advance));
        self
    }

    /// Sets the seed of the requests; the default is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Sets the time limit of a test. Without it, a test waits up to two and a half minutes for a server that
    /// enforces its poll interval, and cases that need hours are ignored.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.config.budget = Some(budget);
        self
    }

    /// Lets a failed SHOULD fail its test.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.config.strict = true;
        self
    }

    /// The fixtures; `None` if the mock provides them.
    fn resources(&self, contract: &Contract) -> Result<Option<Vec<Fixture>>, SetupError> {
        Ok(match (&self.fixtures, &self.config.endpoint.fixtures) {
            (Some(text), _) => Some(fixtures::parse(text, Path::new("fixtures"), contract)?),
            (None, Some(file)) => Some(fixtures::read(file, contract)?),
            (None, None) if self.is_mock() => None,
            (None, None) => Some(Vec::new()),
        })
    }
}

/// Makes each case of a contract (`page`, `model`, or the path of a Smithy 2.0 JSON AST) a test with the id
/// of the case as its name. A test fails with the text that `boundstone run` prints for its case. Cases that
/// lack a fixture or a clock are ignored.
///
/// # Errors
/// What is wrong with the contract, the fixtures or the configuration.
pub fn trials(mut target: Target, contract: &str) -> Result<Vec<Trial>, SetupError> {
    contract.clone_into(&mut target.config.endpoint.contract);
    let contract = read(contract)?;
    let catalogue = Catalogue::of(&contract);
    let selected = select(&catalogue, &contract, &target.config.only, &target.config.skip)?;
    let budget = target.config.budget;
    if budget.is_some_and(|budget| budget.is_zero()) {
        return Err(SetupError::Duration { setting: "budget", value: "0s".to_owned() });
    }
    let has_clock = target.is_mock() || target.clock.is_some();
    let max_wait = budget.unwrap_or_default() / WAIT_AND_REPLAY;
    let resources = target.resources(&contract)?;
    if resources.as_ref().is_some_and(Vec::is_empty) {
        return Err(SetupError::NoFixtures);
    }
    let world = resources.map(|fixtures| Arc::new(World::new(contract, fixtures)));
    let tester = Arc::new(Tester { target, world, clock: RwLock::default() });
    let endpoint = &tester.target.config.endpoint;
    let capabilities = Capabilities {
        world: tester.world.as_deref(),
        signs: endpoint.sigv4,
        http2_only: endpoint.connection.is_http2_only(),
        unverified: &BTreeSet::new(),
    };
    let trials = selected.into_iter().map(|index| {
        let case = &catalogue.cases[index.0];
        let (id, waits) = (case.id.to_string(), !case.waiting_time().is_zero());
        let can_wait = has_clock || case.waiting_time() <= max_wait;
        let is_ignored = !can_wait || capabilities.missing(case).is_some();
        let tester = Arc::clone(&tester);
        Trial::ignorable_test(id.clone(), move || tester.test(&id, waits)).with_ignored_flag(is_ignored)
    });
    Ok(trials.collect())
}

/// What all trials share.
struct Tester {
    target: Target,
    world: Option<Arc<World>>,
    /// Locked exclusively by a case that advances the clock, which all cases share.
    clock: RwLock<()>,
}

impl Tester {
    /// Tests one case. A case that the run skips is ignored, for example if the server verifies no
    /// signatures.
    fn test(self: Arc<Self>, case: &str, waits: bool) -> Result<Completion, Failed> {
        let (_exclusive, _shared) = if waits && self.target.clock.is_some() {
            (Some(self.clock.write().unwrap_or_else(PoisonError::into_inner)), None)
        } else {
            (None, Some(self.clock.read().unwrap_or_else(PoisonError::into_inner)))
        };
        // The thread of the caller may belong to a runtime, which must not be blocked.
        let report = thread::scope(|scope| {
            scope.spawn(|| self.report(case)).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        let cases = report.requirements.iter().flat_map(|requirement| &requirement.cases);
        let mut skipped =
            cases.filter(|other| other.id.as_str() == case && other.verdict == Verdict::Skipped);
        if report.ending == Ending::Complete
            && let Some(skipped) = skipped.next()
        {
            return Ok(Completion::ignored_with(skipped.reason.as_deref().unwrap_or_default()));
        }
        // Entries for other cases do not fail this test.
        let mut states = report.known_failures.iter().map(|entry| entry.state);
        let has_outdated = states.any(|state| matches!(state, EntryState::Gone | EntryState::Changed));
        match outcome(&report) {
            Outcome::Passed => Ok(Completion::Completed),
            Outcome::Outdated if !has_outdated => Ok(Completion::Completed),
            _ => Err(terminal::render(&report, Style::default()).into()),
        }
    }

    fn report(&self, case: &str) -> Result<Report, Failed> {
        let runtime = tokio::runtime::Runtime::new()?;
        let report = runtime.block_on(async {
            let config =
                RunConfig { only: vec![case.to_owned()], skip: Vec::new(), ..self.target.config.clone() };
            let wait = Wait::of(&config.endpoint);
            let RunSetup { mut plan, transport, http, limits, mock: _serving, .. } = prepare(config).await?;
            wait.until_up(&http, &plan.world.contract, |_| {}).await;
            // The pattern may match other ids too.
            plan.select(|other| other.id.as_str() == case);
            if let Some(world) = &self.world {
                plan.world = Arc::clone(world);
            }
            plan.clock = self.target.clock.clone().or(plan.clock);
            Ok::<_, SetupError>(
                crate::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await,
            )
        });
        // Threads that still wait for the target must not delay the test.
        runtime.shutdown_background();
        let mut report = report?;
        // There is no report to replay: the test itself reproduces the finding.
        for finding in report.requirements.iter_mut().flat_map(|requirement| &mut requirement.findings) {
            finding.replay = format!("cargo test -- --exact {case}");
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::setup::embedded_mock::Embedded;
    use mock::mutant;

    const LENGTH: &str = "start-configuration-session/application-identifier/length/above-max";

    /// The number of trials, and how many of them are ignored.
    fn counts(target: Target) -> (usize, usize) {
        let trials = trials(target, "model").unwrap();
        (trials.len(), trials.iter().filter(|trial| trial.has_ignored_flag()).count())
    }

    #[test]
    fn cases_without_prerequisites_are_ignored() {
        let (all, _) = counts(Target::mock());
        assert!(all > 150, "{all}");
        for trial in trials(Target::mock(), "model").unwrap() {
            // Requests to the mock are not signed by default.
            assert_eq!(trial.has_ignored_flag(), trial.name().contains("/signature/"), "{}", trial.name());
        }
        let error = trials(Target::at("http://127.0.0.1:9"), "model").err().unwrap().to_string();
        assert!(error.starts_with("fixtures: none are known for the target"), "{error}");
        let one = "[[resource]]\napplication = { id = \"a\" }\nenvironment = { id = \"b\" }\nprofile = { id = \"c\" }\n";
        let at = || Target::at("http://127.0.0.1:9").fixtures(one);
        let (_, without_time) = counts(at());
        let (_, with_clock) = counts(at().clock(|_| {}));
        assert!(0 < with_clock && with_clock < without_time && without_time < all);
        // Some cases wait for less than half an hour, but a token lives for a day.
        let in_an_hour = counts(at().budget(Duration::from_hours(1))).1;
        assert!(with_clock < in_an_hour && in_an_hour < without_time, "{in_an_hour}");
        assert_eq!(counts(at().budget(Duration::from_hours(200))).1, with_clock);
    }

    #[test]
    fn wrong_configuration_is_rejected_before_any_trial() {
        let error = |target: Target, contract: &str| trials(target, contract).err().unwrap().to_string();
        assert!(error(Target::mock(), "none.json").starts_with("contract none.json: "));
        assert!(
            error(Target::at("x").fixtures_file("none.toml"), "page").starts_with("fixtures none.toml: ")
        );
        assert!(error(Target::at("x").fixtures("resource = 5"), "page").starts_with("fixtures:1: "));
        assert!(error(Target::mock().budget(Duration::ZERO), "page").starts_with("budget 0s: "));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn trial_fails_with_terminal_report_of_its_case() {
        let contract = Contract::model().unwrap();
        let config = mutant::find("length-max-plus-one-accepted").unwrap().config();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mock = Embedded::start_with(&contract, config, address).await.unwrap();
        let mut target = Target::at(mock.url());
        target.config.endpoint.contract = "model".to_owned();
        let fixtures = fixtures::parse(&mock.fixtures, Path::new("mock"), &contract).unwrap();
        let world = Some(Arc::new(World::new(contract, fixtures)));
        let tester = Arc::new(Tester { target, world, clock: RwLock::default() });
        let Err(failed) = Arc::clone(&tester).test(LENGTH, false) else { panic!("the case passed") };
        let text = failed.message().unwrap();
        assert!(
            text.contains("MUST failed  start-configuration-session/application-identifier/length"),
            "{text}"
        );
        assert!(text.contains(&format!("cargo test -- --exact {LENGTH}")), "{text}");
        let required = "start-configuration-session/application-identifier/required/null";
        assert!(tester.test(required, false).is_ok());
    }
}
