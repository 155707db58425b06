//! The cases of a contract as tests of a server, each by its own name.

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
use reports::model::{Ending, EntryState, KnownFailure, Report, Verdict};
use reports::render::terminal;
use reports::render::terminal::Style;
use reports::summary::{Outcome, outcome};

use crate::config::fixtures;
use crate::execute::clock::Advance;
use crate::execute::poll_interval::TWICE;
use crate::plan::prerequisites::Means;
use crate::setup::config::RunConfig;
use crate::setup::embedded_mock::contract as read;
use crate::setup::error::CliError;
use crate::setup::prepare::{Prepared, prepare, select};
use crate::setup::wait::Wait;

/// The server that is tested, and how it is spoken to.
#[derive(Clone, Default)]
pub struct Target {
    config: RunConfig,
    /// The text of a fixtures file, in place of the file of `config`.
    fixtures: Option<String>,
    clock: Option<Advance>,
}

impl Target {
    /// The server at a base URL, such as `http://127.0.0.1:4566`.
    pub fn at(url: impl Into<String>) -> Self {
        Self::mock().url(url)
    }

    /// The mock inside boundstone, started for each test anew.
    pub fn mock() -> Self {
        Self::default()
    }

    /// The target of a run.
    pub(crate) fn of(config: RunConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Whether no URL is named, so that the mock is tested.
    pub fn is_mock(&self) -> bool {
        self.config.endpoint.target.is_none()
    }

    /// The contract that [`Target::from_env`] found, `page` if it found none.
    pub fn contract(&self) -> &str {
        &self.config.endpoint.contract
    }

    /// The same at this base URL.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.config.endpoint.target = Some(url.into());
        self
    }

    /// Resources that exist on the server, as TOML in the form of a fixtures file. Files that it names
    /// are looked for in the working folder.
    #[must_use]
    pub fn fixtures(mut self, toml: impl Into<String>) -> Self {
        self.fixtures = Some(toml.into());
        self
    }

    /// Resources that exist on the server, from a fixtures file.
    #[must_use]
    pub fn fixtures_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.fixtures = None;
        self.config.endpoint.fixtures = Some(path.into());
        self
    }

    /// A header that goes with every request. May be called several times.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.config.endpoint.headers.push(format!("{name}: {value}"));
        self
    }

    /// Sets the server's clock forward by some time. With it the cases run in which hours pass, such
    /// as the expiry of a token, each while no other one does.
    #[must_use]
    pub fn clock(mut self, advance: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(advance));
        self
    }

    /// The seed of the requests, 0 if it is not set.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// The longest time that a test may take. Without it a server that enforces its poll interval is
    /// waited for two and a half minutes, and cases that need hours are ignored.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.config.budget = Some(budget);
        self
    }

    /// Lets a SHOULD that is not held fail its test.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.config.strict = true;
        self
    }

    /// The resources that are known; `None` if they are the mock's own.
    fn resources(&self, contract: &Contract) -> Result<Option<Vec<Fixture>>, CliError> {
        Ok(match (&self.fixtures, &self.config.endpoint.fixtures) {
            (Some(text), _) => Some(fixtures::parse(text, Path::new("given"), contract)?),
            (None, Some(file)) => Some(fixtures::read(file, contract)?),
            (None, None) if self.is_mock() => None,
            (None, None) => Some(Vec::new()),
        })
    }
}

/// Every case of a contract (`page`, `model`, or the path of a Smithy 2.0 JSON AST) as a test of
/// that name. A test fails with what `boundstone run` prints of its case. Cases that need a fixture
/// or a clock that is not there are marked as ignored.
///
/// # Errors
/// What is wrong with the contract, the fixtures or the settings.
pub fn trials(mut target: Target, contract: &str) -> Result<Vec<Trial>, CliError> {
    contract.clone_into(&mut target.config.endpoint.contract);
    let contract = read(contract)?;
    let catalogue = Catalogue::of(&contract);
    let selected = select(&catalogue, &contract, &target.config.only, &target.config.skip)?;
    let budget = target.config.budget;
    if budget.is_some_and(|budget| budget.is_zero()) {
        return Err(CliError::Duration { flag: "--budget", value: "0s".to_owned() });
    }
    let has_clock = target.is_mock() || target.clock.is_some();
    let patience = budget.unwrap_or_default() / TWICE;
    let resources = target.resources(&contract)?;
    if resources.as_ref().is_some_and(Vec::is_empty) {
        return Err(CliError::Trials(
            "no resource is known that exists on the target, so that nothing could be tested: name one with \
             Target::fixtures, Target::fixtures_file or BOUNDSTONE_FIXTURES",
        ));
    }
    let world = resources.map(|fixtures| Arc::new(World { contract, fixtures }));
    let tested = Arc::new(Tested { target, world, quiet: RwLock::default() });
    let endpoint = &tested.target.config.endpoint;
    let means = Means {
        fixtures: tested.world.as_ref().map(|world| &*world.fixtures),
        signs: endpoint.sigv4,
        http2_only: endpoint.connection.is_http2_only(),
        unverified: &BTreeSet::new(),
    };
    let cases = catalogue.cases.iter().zip(selected).filter(|(_, selected)| *selected);
    let trial = cases.map(|(case, _)| {
        let (id, waits) = (case.id.to_string(), !case.waits().is_zero());
        let can_wait = has_clock || case.waits() <= patience;
        let is_ignored = !can_wait || means.lack(case).is_some();
        let tested = Arc::clone(&tested);
        Trial::ignorable_test(id.clone(), move || tested.judge(&id, waits)).with_ignored_flag(is_ignored)
    });
    Ok(trial.collect())
}

/// What all trials share.
struct Tested {
    target: Target,
    world: Option<Arc<World>>,
    /// Passed alone by who sets the clock forward, since it is set for all.
    quiet: RwLock<()>,
}

impl Tested {
    /// Runs one case. What turns out to have nothing to be tested with, such as a server that verifies no
    /// signatures, is ignored.
    fn judge(self: Arc<Self>, case: &str, waits: bool) -> Result<Completion, Failed> {
        let (_alone, _with_others) = if waits && self.target.clock.is_some() {
            (Some(self.quiet.write().unwrap_or_else(PoisonError::into_inner)), None)
        } else {
            (None, Some(self.quiet.read().unwrap_or_else(PoisonError::into_inner)))
        };
        // The caller's thread may belong to a runtime, which must not be blocked.
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
        // Other known failures are not this case's business.
        let is_gone = |entry: &KnownFailure| matches!(entry.state, EntryState::Gone | EntryState::Changed);
        match outcome(&report) {
            Outcome::Passed => Ok(Completion::Completed),
            Outcome::Outdated if !report.known_failures.iter().any(is_gone) => Ok(Completion::Completed),
            _ => Err(terminal::render(&report, Style::default()).into()),
        }
    }

    fn report(&self, case: &str) -> Result<Report, Failed> {
        let runtime = tokio::runtime::Runtime::new()?;
        let report = runtime.block_on(async {
            let config =
                RunConfig { only: vec![case.to_owned()], skip: Vec::new(), ..self.target.config.clone() };
            let wait = Wait::of(&config.endpoint);
            let Prepared { mut plan, transport, http, limits, mock: _serving, .. } = prepare(config).await?;
            wait.until_up(&http, &plan.world.contract, |_| {}).await;
            // A pattern is a part of an id, and one id may be a part of another.
            plan.selected = plan.catalogue.cases.iter().map(|other| other.id.as_str() == case).collect();
            if let Some(world) = &self.world {
                plan.world = Arc::clone(world);
            }
            plan.clock = self.target.clock.clone().or(plan.clock);
            Ok::<_, CliError>(
                crate::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await,
            )
        });
        // Threads that still wait for the target must not hold the test up.
        runtime.shutdown_background();
        let mut report = report?;
        // There is no report to replay from: the test itself sends everything again.
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
    use mock::deviation;

    const LENGTH: &str = "start-configuration-session/application-identifier/length/above-max";

    /// How many trials there are, and how many of them are ignored.
    fn counts(target: Target) -> (usize, usize) {
        let trials = trials(target, "model").unwrap();
        (trials.len(), trials.iter().filter(|trial| trial.has_ignored_flag()).count())
    }

    #[test]
    fn what_cannot_run_is_ignored() {
        let (all, _) = counts(Target::mock());
        assert!(all > 150, "{all}");
        for trial in trials(Target::mock(), "model").unwrap() {
            // Requests to the mock are not signed unless the target says so.
            assert_eq!(trial.has_ignored_flag(), trial.name().contains("/signature/"), "{}", trial.name());
        }
        let nothing = trials(Target::at("http://127.0.0.1:9"), "model").err().unwrap().to_string();
        assert!(nothing.starts_with("no resource is known that exists on the target"), "{nothing}");
        let one = "[[resource]]\napplication = { id = \"a\" }\nenvironment = { id = \"b\" }\nprofile = { id = \"c\" }\n";
        let at = || Target::at("http://127.0.0.1:9").fixtures(one);
        let (_, without_time) = counts(at());
        let (_, with_clock) = counts(at().clock(|_| {}));
        assert!(0 < with_clock && with_clock < without_time && without_time < all);
        // Some wait for less than half an hour, but a token lives for a day.
        let in_an_hour = counts(at().budget(Duration::from_hours(1))).1;
        assert!(with_clock < in_an_hour && in_an_hour < without_time, "{in_an_hour}");
        assert_eq!(counts(at().budget(Duration::from_hours(200))).1, with_clock);
    }

    #[test]
    fn what_is_wrong_is_said_before_any_trial() {
        let error = |target: Target, contract: &str| trials(target, contract).err().unwrap().to_string();
        assert!(error(Target::mock(), "none.json").starts_with("--contract none.json: "));
        assert!(
            error(Target::at("x").fixtures_file("none.toml"), "page").starts_with("--fixtures none.toml: ")
        );
        assert!(error(Target::at("x").fixtures("resource = 5"), "page").starts_with("given:1: "));
        assert_eq!(
            error(Target::mock().budget(Duration::ZERO), "page").split(':').next(),
            Some("--budget 0s")
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_trial_fails_with_what_the_terminal_shows_of_its_case() {
        let contract = Contract::model().unwrap();
        let behaviour = (deviation::find("length-max-plus-one-accepted").unwrap().behaviour)();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mock = Embedded::start_with(&contract, behaviour, address).await.unwrap();
        let mut target = Target::at(mock.url());
        target.config.endpoint.contract = "model".to_owned();
        let fixtures = fixtures::parse(&mock.fixtures, Path::new("mock"), &contract).unwrap();
        let world = Some(Arc::new(World { contract, fixtures }));
        let tested = Arc::new(Tested { target, world, quiet: RwLock::default() });
        let Err(failed) = Arc::clone(&tested).judge(LENGTH, false) else { panic!("it is right") };
        let text = failed.message().unwrap();
        assert!(
            text.contains("MUST failed  start-configuration-session/application-identifier/length"),
            "{text}"
        );
        assert!(text.contains(&format!("cargo test -- --exact {LENGTH}")), "{text}");
        let required = "start-configuration-session/application-identifier/required/null";
        assert!(tested.judge(required, false).is_ok());
    }
}
