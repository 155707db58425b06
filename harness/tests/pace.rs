//! Targets that hold every session to the interval of their responses: sequences wait for it together, and
//! an early refusal is never taken for a used token, nor the reverse. And what bounds the time of reproducing.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use boundstone::cli::args::RunArgs;
use boundstone::cli::run::Prepared;
use boundstone::mock::fault::Parameter;
use boundstone::mock::{Behaviour, Dialect, Fault, Options, Serving, deviation, variant};
use boundstone::run::Plan;
use bytes::Bytes;
use cases::id::Level;
use jiff::SignedDuration;
use reports::event::Event;
use reports::exit::{Outcome, outcome};
use reports::report::{Report, Verdict};

use crate::support::{finish, prepared, requirement};

const SINGLE_USE: &str = "get-latest-configuration/configuration-token/single-use";
const ACCEPTS: &str = "get-latest-configuration/accepts";

/// Leaves the longest sequences out.
const BUDGET: SignedDuration = SignedDuration::from_secs(24);

/// A server that enforces an interval of so many seconds, and errs so.
fn enforcing(seconds: u32, deviation: Option<&str>) -> Serving {
    let behaviour = deviation.map(|name| (deviation::find(name).unwrap().behaviour)());
    let options = Options {
        poll_interval: NonZeroU32::new(seconds).unwrap(),
        enforce_poll_interval: true,
        ..Options::default()
    };
    let serving = behaviour.map_or_else(Serving::default, Serving::from);
    Serving { options, ..serving }
}

/// Judges the calls in sessions, as an endpoint without a clock that could be set.
async fn judge(serving: Serving, budget: SignedDuration) -> Report {
    let only = ["configuration-token/single-use", "get-latest-configuration/accepts", "in-turns"];
    let args = RunArgs {
        only: only.map(str::to_owned).to_vec(),
        cases: NonZeroUsize::new(1),
        budget: Some(budget),
        ..RunArgs::default()
    };
    let mut prepared = prepared("page", serving, args).await;
    prepared.plan.clock = None;
    finish(prepared).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enforced_interval_is_waited_for_and_breaks_nothing() {
    let start = Instant::now();
    let report = judge(enforcing(1, None), BUDGET).await;
    assert_eq!(outcome(&report), Outcome::Held, "{:?}", report.totals);
    for id in [SINGLE_USE, ACCEPTS, "get-latest-configuration/sessions"] {
        let result = requirement(&report, id);
        assert_eq!(result.verdict, Verdict::Held, "{id}: {:?}", result.reason);
    }
    // Nothing of this can be seen without waiting.
    assert!(start.elapsed() > Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_that_is_enforced_later_in_a_session_is_noticed_then() {
    let lenient_at_first = variant::find("interval-enforced-late").unwrap();
    let report = judge((lenient_at_first.serving)(), SignedDuration::from_secs(75)).await;
    assert_eq!(outcome(&report), Outcome::Held, "{:?}", report.totals);
    let accepts = requirement(&report, ACCEPTS);
    assert_eq!(accepts.verdict, Verdict::Held, "{:?}", accepts.reason);
    // The chain goes on beyond the calls that may come at once.
    assert!(
        accepts
            .cases
            .iter()
            .any(|case| case.id.as_str().ends_with("/chain") && case.verdict == Verdict::Held)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_token_that_serves_again_is_found_behind_the_interval() {
    let report = judge(enforcing(1, Some("token-never-spent")), BUDGET).await;
    let single_use = requirement(&report, SINGLE_USE);
    assert_eq!(single_use.verdict, Verdict::Violated);
    let requests: Vec<_> = single_use.findings[0].counterexample.iter().map(|e| &e.request.method).collect();
    assert_eq!(requests, ["POST", "GET", "GET"]);
    assert_eq!(requirement(&report, ACCEPTS).verdict, Verdict::Held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newest_token_that_is_refused_is_no_early_call() {
    let report = judge(enforcing(1, Some("next-token-refused")), BUDGET).await;
    assert_eq!(requirement(&report, ACCEPTS).verdict, Verdict::Violated);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_into_the_budget_is_skipped_and_says_what_it_needs() {
    let report = judge(enforcing(60, None), SignedDuration::from_secs(20)).await;
    let case = |id: &str, partition: &str| {
        let cases = &requirement(&report, id).cases;
        cases.iter().find(|case| case.id.as_str().ends_with(partition)).unwrap().clone()
    };
    let chain = case(ACCEPTS, "/chain");
    assert_eq!(chain.verdict, Verdict::Skipped);
    let reason = chain.reason.unwrap();
    assert!(reason.contains("a poll interval of 60 s") && reason.contains("--budget 2m12s"), "{reason}");
    assert_eq!(case(ACCEPTS, "/first-call").verdict, Verdict::Held);
    // Calls at the same time need no waiting.
    assert_eq!(case(SINGLE_USE, "/initial-reused").verdict, Verdict::Skipped);
    assert_eq!(case(SINGLE_USE, "/initial-at-once").verdict, Verdict::Held);
    assert_eq!(outcome(&report), Outcome::Held);
}

/// Runs at a mock whose clock is set, with the arguments of a run, and another way to reproduce failures.
async fn run(
    contract: &str,
    serving: Serving,
    change: impl FnOnce(&mut Plan),
    emit: impl Fn(&Event),
) -> Report {
    let args = RunArgs { cases: NonZeroUsize::new(1), ..RunArgs::default() };
    let Prepared { mut plan, transport, limits, mock: _serving, .. } =
        prepared(contract, serving, args).await;
    change(&mut plan);
    boundstone::run::run(Arc::new(plan), Arc::new(transport), limits, emit).await
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
            let report = run(name, (variant.serving)(), |_| {}, |_| {}).await;
            assert_eq!(outcome(&report), Outcome::Held, "{} ({name})", variant.name);
            for requirement in &report.requirements {
                let reason = requirement.reason.as_deref().unwrap_or_default();
                assert!(
                    requirement.verdict == Verdict::Held
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
    let report =
        run("model", deviation::find("early-poll-throttled").unwrap().serving(), |_| {}, |_| {}).await;
    let violated: Vec<_> = report
        .requirements
        .iter()
        .filter(|it| it.verdict == Verdict::Violated)
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(violated, ["get-latest-configuration/required-minimum-poll-interval-in-seconds/observed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_is_reported_without_time_to_reproduce_it() {
    let serving = deviation::find("length-max-plus-one-accepted").unwrap().serving();
    let report = run("page", serving, |plan| plan.reproducing = Duration::ZERO, |_| {}).await;
    let length = requirement(&report, "start-configuration-session/application-identifier/length");
    assert_eq!(length.verdict, Verdict::Violated, "{:?}", length.reason);
    let finding = &length.findings[0];
    let reason = finding.not_minimized.as_deref().unwrap_or_default();
    assert!(reason.contains("the time for reproducing failures was over"), "{reason}");
    assert!(!finding.counterexample.is_empty() && !finding.replay.is_empty());
    assert_eq!(outcome(&report), Outcome::Violated);
}

/// Accepts identifiers of any length, and throttles everything once it is told to.
struct ThrottlesLater(Arc<AtomicBool>);

impl Behaviour for ThrottlesLater {
    fn admit(&self, _: &http::Request<Bytes>) -> Result<(), Fault> {
        if self.0.load(Ordering::Relaxed) { Err(Fault::Throttled) } else { Ok(()) }
    }

    fn identifier_length(&self, _: Parameter, _: &Dialect) -> RangeInclusive<usize> {
        1..=1 << 20
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_is_reported_though_the_target_throttles_while_it_is_reproduced() {
    let throttles = Arc::new(AtomicBool::new(false));
    let behaviour: Box<dyn Behaviour> = Box::new(ThrottlesLater(Arc::clone(&throttles)));
    let begin_to_throttle = |event: &Event| {
        throttles.fetch_or(matches!(event, Event::Confirming), Ordering::Relaxed);
    };
    let short = |plan: &mut Plan| plan.reproducing = Duration::from_secs(2);
    let report = run("page", behaviour.into(), short, begin_to_throttle).await;
    let length = requirement(&report, "start-configuration-session/application-identifier/length");
    assert_eq!(length.verdict, Verdict::Violated, "{:?} {:?}", length.reason, report.totals);
    assert!(length.findings[0].not_minimized.is_some());
    assert_eq!(outcome(&report), Outcome::Violated);
}
