//! Targets that hold every session to the interval of their responses: sequences wait for it together, and
//! an early refusal is never taken for a used token, nor the reverse. And what bounds the time of reproducing.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use boundstone::mock::Parameter;
use boundstone::mock::{ApiError, Behavior, Dialect, MockConfig, Options, mutant, variant};
use boundstone::plan::run_plan::Plan;
use boundstone::setup::config::RunConfig;
use boundstone::setup::prepare::RunSetup;
use bytes::Bytes;
use cases::id::Level;
use reports::model::Event;
use reports::model::{Report, Verdict};
use reports::summary::{Outcome, outcome};

use crate::support::{self, finish, folder, prepare, requirement, serve};

const SINGLE_USE: &str = "get-latest-configuration/configuration-token/single-use";
const ACCEPTS: &str = "get-latest-configuration/accepts";

/// Leaves the longest sequences out.
const BUDGET: Duration = Duration::from_secs(24);

/// A server that enforces an interval of so many seconds, and errs so.
fn enforcing(seconds: u32, mutant: Option<&str>) -> MockConfig {
    let behavior = mutant.map(|name| (mutant::find(name).unwrap().behavior)());
    let options = Options {
        poll_interval: NonZeroU32::new(seconds).unwrap(),
        enforce_poll_interval: true,
        ..Options::default()
    };
    let config = behavior.map_or_else(MockConfig::default, MockConfig::from);
    MockConfig { options, ..config }
}

/// Judges the calls in sessions, as an endpoint without a clock that could be set.
async fn judge(config: MockConfig, budget: Duration) -> Report {
    let only = ["configuration-token/single-use", "get-latest-configuration/accepts", "in-turns"];
    let args = RunConfig {
        only: only.map(str::to_owned).to_vec(),
        samples: 1,
        budget: Some(budget),
        ..RunConfig::default()
    };
    let mut setup = prepare("page", config, args).await;
    setup.plan.clock = None;
    finish(setup).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enforced_interval_is_waited_for_and_breaks_nothing() {
    let start = Instant::now();
    let report = judge(enforcing(1, None), BUDGET).await;
    assert_eq!(outcome(&report), Outcome::Passed, "{:?}", report.totals);
    for id in [SINGLE_USE, ACCEPTS, "get-latest-configuration/sessions"] {
        let result = requirement(&report, id);
        assert_eq!(result.verdict, Verdict::Passed, "{id}: {:?}", result.reason);
    }
    // Nothing of this can be seen without waiting.
    assert!(start.elapsed() > Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_that_is_enforced_later_in_a_session_is_noticed_then() {
    let lenient_at_first = variant::find("interval-enforced-late").unwrap();
    let report = judge((lenient_at_first.config)(), Duration::from_secs(75)).await;
    assert_eq!(outcome(&report), Outcome::Passed, "{:?}", report.totals);
    let accepts = requirement(&report, ACCEPTS);
    assert_eq!(accepts.verdict, Verdict::Passed, "{:?}", accepts.reason);
    // The chain continues beyond the calls that may come at once.
    assert!(
        accepts
            .cases
            .iter()
            .any(|case| case.id.as_str().ends_with("/chain") && case.verdict == Verdict::Passed)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_token_that_serves_again_is_found_behind_the_interval() {
    let report = judge(enforcing(1, Some("token-never-spent")), BUDGET).await;
    let single_use = requirement(&report, SINGLE_USE);
    assert_eq!(single_use.verdict, Verdict::Failed);
    let requests: Vec<_> = single_use.findings[0].counterexample.iter().map(|e| &e.request.method).collect();
    assert_eq!(requests, ["POST", "GET", "GET"]);
    assert_eq!(requirement(&report, ACCEPTS).verdict, Verdict::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newest_token_that_is_refused_is_no_early_call() {
    let report = judge(enforcing(1, Some("next-token-refused")), BUDGET).await;
    assert_eq!(requirement(&report, ACCEPTS).verdict, Verdict::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_into_the_budget_is_skipped_and_says_what_it_needs() {
    let report = judge(enforcing(60, None), Duration::from_secs(20)).await;
    let case = |id: &str, partition: &str| {
        let cases = &requirement(&report, id).cases;
        cases.iter().find(|case| case.id.as_str().ends_with(partition)).unwrap().clone()
    };
    let chain = case(ACCEPTS, "/chain");
    assert_eq!(chain.verdict, Verdict::Skipped);
    let reason = chain.reason.unwrap();
    assert!(reason.contains("a poll interval of 60 s") && reason.contains("--budget 2m12s"), "{reason}");
    assert_eq!(case(ACCEPTS, "/first-call").verdict, Verdict::Passed);
    // Calls at the same time need no waiting.
    assert_eq!(case(SINGLE_USE, "/initial-reused").verdict, Verdict::Skipped);
    assert_eq!(case(SINGLE_USE, "/initial-at-once").verdict, Verdict::Passed);
    assert_eq!(outcome(&report), Outcome::Passed);
}

/// Runs at a mock whose clock is set, with the arguments of a run, and another way to reproduce failures.
async fn run(
    contract: &str,
    config: MockConfig,
    change: impl FnOnce(&mut Plan),
    emit: impl Fn(&Event),
) -> Report {
    let args = RunConfig { samples: 1, ..RunConfig::default() };
    let RunSetup { mut plan, transport, limits, mock: _serving, .. } = prepare(contract, config, args).await;
    change(&mut plan);
    boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, emit).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_interval_is_tested() {
    let kinds = variant::all().filter(|variant| variant.name.contains("interval-"));
    let mut tested = 0;
    for variant in kinds {
        for name in ["page", "model"] {
            if variant.contracts.instead_of(name).is_some() {
                continue;
            }
            let report = run(name, (variant.config)(), |_| {}, |_| {}).await;
            assert_eq!(outcome(&report), Outcome::Passed, "{} ({name})", variant.name);
            for requirement in &report.requirements {
                let reason = requirement.reason.as_deref().unwrap_or_default();
                assert!(
                    requirement.verdict == Verdict::Passed
                        || requirement.level == Level::Should && !variant.strict
                        || requirement.verdict == Verdict::Skipped
                            && (reason.contains("--budget ") || reason.contains("--sigv4")),
                    "{} ({name}): {} is {:?}: {reason}",
                    variant.name,
                    requirement.id,
                    requirement.verdict
                );
            }
            tested += 1;
        }
    }
    assert!(tested >= 20, "{tested}");
}

#[tokio::test(flavor = "multi_thread")]
async fn early_call_that_is_throttled_is_wrong() {
    let report = run("model", mutant::find("early-poll-throttled").unwrap().config(), |_| {}, |_| {}).await;
    let failed: Vec<_> = report
        .requirements
        .iter()
        .filter(|it| it.verdict == Verdict::Failed)
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(failed, ["get-latest-configuration/required-minimum-poll-interval-in-seconds/observed"]);
}

/// A reused token is accepted only after the interval: at once it is refused for coming too early.
#[tokio::test(flavor = "multi_thread")]
async fn replay_waits_for_enforced_interval() {
    let folder = folder("poll-interval/replay");
    let mutant = serve("page", enforcing(1, Some("token-never-spent"))).await;
    let fixed = serve("page", enforcing(1, None)).await;
    std::fs::write(folder.join("f.toml"), &mutant.fixtures).unwrap();
    let report = judge(enforcing(1, Some("token-never-spent")), BUDGET).await;
    std::fs::write(folder.join("report.json"), reports::render::json::render(&report)).unwrap();
    let number = requirement(&report, SINGLE_USE).findings[0].number.to_string();
    let replay = async |target: String| {
        let (folder, number) = (folder.clone(), number.clone());
        let replay = move || {
            let flags = ["--fixtures", "f.toml", "--target", &target];
            support::run(&folder, &[&["replay", "report.json", &number][..], &flags].concat())
        };
        tokio::task::spawn_blocking(replay).await.unwrap()
    };
    let (code, stdout, stderr) = replay(mutant.url()).await;
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.ends_with("1 of 1 finding still fails.\n"), "{stdout}");
    let (code, stdout, stderr) = replay(fixed.url()).await;
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains(". no longer fails: "), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_is_reported_without_time_to_reproduce_it() {
    let config = mutant::find("length-max-plus-one-accepted").unwrap().config();
    let report = run("page", config, |plan| plan.reproducing = Duration::ZERO, |_| {}).await;
    let length = requirement(&report, "start-configuration-session/application-identifier/length");
    assert_eq!(length.verdict, Verdict::Failed, "{:?}", length.reason);
    let finding = &length.findings[0];
    let reason = finding.not_minimized.as_deref().unwrap_or_default();
    assert!(reason.contains("the time for reproducing failures was over"), "{reason}");
    assert!(!finding.counterexample.is_empty() && !finding.replay.is_empty());
    assert_eq!(outcome(&report), Outcome::Failed);
}

/// Accepts identifiers of any length, and throttles everything once it is switched on.
struct ThrottlesLater(Arc<AtomicBool>);

impl Behavior for ThrottlesLater {
    fn on_request(&self, _: &http::Request<Bytes>) -> Result<(), ApiError> {
        if self.0.load(Ordering::Relaxed) { Err(ApiError::Throttled) } else { Ok(()) }
    }

    fn identifier_length(&self, _: Parameter, _: &Dialect) -> RangeInclusive<usize> {
        1..=1 << 20
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_is_reported_though_the_target_throttles_while_it_is_reproduced() {
    let throttles = Arc::new(AtomicBool::new(false));
    let behavior: Box<dyn Behavior> = Box::new(ThrottlesLater(Arc::clone(&throttles)));
    let begin_to_throttle = |event: &Event| {
        throttles.fetch_or(matches!(event, Event::Reproducing), Ordering::Relaxed);
    };
    let short = |plan: &mut Plan| plan.reproducing = Duration::from_secs(2);
    let report = run("page", behavior.into(), short, begin_to_throttle).await;
    let length = requirement(&report, "start-configuration-session/application-identifier/length");
    assert_eq!(length.verdict, Verdict::Failed, "{:?} {:?}", length.reason, report.totals);
    assert!(length.findings[0].not_minimized.is_some());
    assert_eq!(outcome(&report), Outcome::Failed);
}
