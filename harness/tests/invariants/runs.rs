//! What is true of every report, whatever the target does: nothing passes unseen, and a complete list of
//! known failures makes the run pass.

use std::collections::BTreeSet;
use std::future::Future;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;

use boundstone::config::draft::draft;
use boundstone::config::known_failures::KnownFailures;
use boundstone::mock::Contracts;
use boundstone::mock::{Clock, Dialect, Mock, MockConfig, Server, mutant, variant};
use boundstone::plan::estimate;
use boundstone::plan::run_plan::Plan;
use boundstone::setup::config::RunConfig;
use boundstone::setup::embedded_mock::contract;
use boundstone::setup::prepare::RunSetup;
use cases::catalogue::Case;
use cases::id::{Level, RequirementId};
use reports::history::merge;
use reports::model::{Report, Verdict};
use reports::render::json;
use reports::summary::{Outcome, outcome};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wildmatch::WildMatch;

use super::direct::Direct;
use crate::support;
use crate::support::{finish, requirement};

/// Runs at the same time.
const AT_ONCE: usize = 3;

/// A run at a mock, with hardly more than the boundary values: they are what tells most.
async fn prepare(name: &str, config: MockConfig, args: RunConfig) -> RunSetup {
    let mut setup = support::prepare(name, config, args).await;
    setup.plan.samples = 1;
    setup.plan.strict = true;
    setup
}

/// Runs boundstone against a mock, over a socket.
async fn run(name: &str, config: MockConfig, args: RunConfig, change: impl FnOnce(&mut Plan)) -> Report {
    let mut setup = prepare(name, config, args).await;
    change(&mut setup.plan);
    finish(setup).await
}

/// Runs boundstone against a mock without a socket, unless requests are signed.
async fn run_direct(name: &str, config: impl Fn() -> MockConfig, change: impl FnOnce(&mut Plan)) -> Report {
    if config().options.signed_for.is_some() {
        return run(name, config(), RunConfig::default(), change).await;
    }
    let dialect = Dialect::of(&contract(name).unwrap()).unwrap();
    let RunSetup { mut plan, limits, mock: _serving, .. } =
        prepare(name, config(), RunConfig::default()).await;
    let clock = Clock::default();
    let server = Server::with_clock(Mock::from_config(dialect, config(), [7; 32]), {
        let clock = clock.clone();
        move || clock.now()
    });
    plan.clock = Some(Arc::new(move |time| clock.advance(time)));
    change(&mut plan);
    boundstone::runner::run::run(Arc::new(plan), Arc::new(Direct::to(server)), limits, |_| {}).await
}

/// Leaves out the cases that take many requests, unless the run is `about` them.
fn lighten(plan: &mut Plan, about: &[&str]) {
    /// More requests are many.
    const MANY: u64 = 60;
    let patterns: Vec<WildMatch> = about.iter().map(|text| WildMatch::new(text)).collect();
    let named = |id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let of_cases = |plan: &Plan| -> BTreeSet<RequirementId> {
        plan.catalogue.cases.iter().map(|case| case.requirement.clone()).collect()
    };
    let before = of_cases(plan);
    let (world, seed, samples) = (Arc::clone(&plan.world), plan.seed, plan.samples);
    let is_light = |case: &Case| estimate::cost(case, &world, seed, samples) <= MANY;
    plan.catalogue
        .cases
        .retain(|case| is_light(case) || named(case.id.as_str()) || named(case.requirement.as_str()));
    let after = of_cases(plan);
    plan.catalogue.requirements.retain(|it| !before.contains(&it.id) || after.contains(&it.id));
    plan.select(|_| true);
}

/// Takes care of all of these, some at the same time.
fn each<T, F>(all: Vec<T>, work: impl Fn(T) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut running = JoinSet::new();
        for one in all {
            let (places, working) = (Arc::clone(&places), work(one));
            running.spawn(async move {
                let _place = places.acquire_owned().await.unwrap();
                working.await;
            });
        }
        let mut failed = Vec::new();
        while let Some(done) = running.join_next().await {
            failed.extend(done.err().map(|error| error.to_string()));
        }
        assert!(failed.is_empty(), "{} of them: {failed:#?}", failed.len());
    });
}

/// That nothing passes unseen, what is open has a reason, and the reader takes the report.
fn check_seen(name: &str, report: &Report) {
    for requirement in &report.requirements {
        let id = &requirement.id;
        if requirement.verdict == Verdict::Passed {
            assert!(requirement.responses > 0, "{name}: {id} passes unseen");
            let seen = requirement.cases.is_empty()
                || requirement.cases.iter().any(|it| it.verdict == Verdict::Passed && it.requests > 0);
            assert!(seen, "{name}: {id} passes without a case that does");
        }
        if matches!(requirement.verdict, Verdict::Inconclusive | Verdict::Skipped) {
            assert!(requirement.reason.is_some(), "{name}: {id} is open for no reason");
        }
    }
    assert_eq!(json::parse(&json::render(report)).unwrap().requirements, report.requirements, "{name}");
}

/// The complete list of what a run found, with all reasons given.
fn complete(report: &Report) -> KnownFailures {
    let text = draft(report, "").text.replace("reason = \"\"", "reason = \"r\"");
    KnownFailures::parse(&text, Path::new("known.toml")).unwrap()
}

/// What is open for another reason than a known failure.
fn open(report: &Report) -> Vec<String> {
    let open = report.requirements.iter().flat_map(|requirement| {
        let whole = (requirement.id.as_str(), requirement.verdict, &requirement.reason);
        let cases = requirement.cases.iter().map(|case| (case.id.as_str(), case.verdict, &case.reason));
        std::iter::once(whole).chain(cases)
    });
    let bad = open.filter(|(_, verdict, _)| *verdict == Verdict::Inconclusive);
    bad.map(|(id, _, reason)| format!("{id}: {}", reason.as_deref().unwrap_or_default())).collect()
}

/// That a complete list makes the run pass, and that no entry of it is one too many.
fn check_complete(name: &str, report: &Report) {
    let known = complete(report);
    let with = |known: &KnownFailures| {
        let mut report = report.clone();
        known.apply(&mut report);
        (outcome(&report), report)
    };
    let (came_to, applied) = with(&known);
    assert_eq!(came_to, Outcome::Passed, "{name}: {:#?}", open(&applied));
    let reasons = applied
        .requirements
        .iter()
        .flat_map(|it| it.cases.iter().filter_map(|case| case.reason.as_ref()).chain(it.reason.as_ref()));
    for reason in reasons.filter(|reason| reason.starts_with("depends on ")) {
        assert!(
            reason.starts_with("depends on known failure") && reason.contains(" (known.toml:"),
            "{reason}"
        );
    }
    for index in 0..known.len() {
        assert_eq!(with(&known.without(index)).0, Outcome::Failed, "{name} without entry {index}");
    }
    // The order of the two is all the same.
    let mut again = applied.clone();
    KnownFailures::default().apply(&mut again);
    assert_eq!(&again.requirements, &report.requirements, "{name}: what was applied can be taken back");
}

/// Each of these many is run here, under one of its contracts; `cargo xtask mutants` runs all under both.
const EACH: usize = 8;

/// Some of those that are numbered in this order, the one under one contract and the next under another.
fn some<T>(all: impl Iterator<Item = T>, contracts: fn(&T) -> Contracts) -> Vec<(T, &'static str)> {
    all.step_by(EACH)
        .enumerate()
        .map(|(turn, it)| {
            let names = contracts(&it).names();
            (it, names[turn % names.len()])
        })
        .collect()
}

/// What fails and is not known, and what is known and no longer fails, but for what may fail now and then.
fn changed(report: &Report, may_fail: &[&str]) -> Vec<String> {
    let patterns: Vec<WildMatch> = may_fail.iter().map(|text| WildMatch::new(text)).collect();
    let may_fail = |id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let findings = report.requirements.iter().flat_map(|it| it.findings.iter().map(move |found| (it, found)));
    let new = findings.filter(|(_, finding)| !finding.is_known()).filter(|(requirement, finding)| {
        !may_fail(requirement.id.as_str()) && !finding.cases.iter().all(|case| may_fail(case.as_str()))
    });
    let new = new.map(|(requirement, _)| format!("new: {}", requirement.id));
    let outdated = report.known_failures.iter().filter(|entry| entry.state.is_outdated());
    let outdated = outdated.filter(|entry| !may_fail(&entry.case));
    new.chain(outdated.map(|entry| format!("outdated: {}", entry.case))).collect()
}

#[test]
fn a_complete_list_makes_a_run_against_a_mutant_pass() {
    let all = some(mutant::all(), |it| it.contracts);
    each(all, |(mutant, contract)| async move {
        let name = &format!("{} ({contract})", mutant.name);
        let about = [mutant.must_fail, mutant.may_fail].concat();
        let report = run_direct(contract, || mutant.config(), |plan| lighten(plan, &about)).await;
        check_seen(name, &report);
        if outcome(&report) != Outcome::Failed {
            // What it takes to see it is not among the boundary values.
            assert_eq!(outcome(&report), Outcome::Passed, "{name}: {:#?}", open(&report));
            return;
        }
        check_complete(name, &report);
        // Where chance decides what fails, another run shows something else.
        if !mutant.must_fail.is_empty() {
            let known = complete(&report);
            let again = run_direct(
                contract,
                || mutant.config(),
                |plan| {
                    lighten(plan, &about);
                    plan.known_failures = known;
                },
            )
            .await;
            let by_chance = !mutant.may_fail.is_empty() && outcome(&again) != Outcome::Passed;
            if by_chance {
                assert_eq!(changed(&again, mutant.may_fail), [""; 0], "{name}, run again");
            } else {
                assert_eq!(outcome(&again), Outcome::Passed, "{name}, run again: {:#?}", open(&again));
            }
        }
    });
}

#[test]
fn nothing_passes_unseen_at_a_variant() {
    let all = some(variant::all(), |it| it.contracts);
    each(all, |(variant, contract)| async move {
        let name = &format!("{} ({contract})", variant.name);
        let report = run(contract, (variant.config)(), RunConfig::default(), |plan| {
            lighten(plan, &[]);
            plan.strict = variant.strict;
        })
        .await;
        check_seen(name, &report);
        assert_eq!(outcome(&report), Outcome::Passed, "{name}: {:#?}", open(&report));
    });
}

#[test]
fn nothing_passes_unseen_with_fixtures_that_say_less() {
    each(vec!["page", "model"], |contract| async move {
        let report = run_direct(contract, MockConfig::default, |plan| {
            let world = Arc::make_mut(&mut plan.world);
            world.fixtures.iter_mut().for_each(|fixture| fixture.contents.clear());
        })
        .await;
        check_seen(contract, &report);
        let id = "get-latest-configuration/response/configuration";
        let content = requirement(&report, id);
        // Sessions of one resource say of each other what it serves.
        assert!(content.verdict == Verdict::Passed && content.responses > 0, "{content:?}");
        assert_eq!(outcome(&report), Outcome::Passed);
        let report = run_direct(contract, MockConfig::default, |plan| {
            Arc::make_mut(&mut plan.world).fixtures.truncate(1);
        })
        .await;
        check_seen(contract, &report);
        assert_eq!(outcome(&report), Outcome::Passed);
    });
}

#[test]
fn nothing_passes_unseen_in_a_part_of_a_run() {
    let contract_cases = cases::catalogue::Catalogue::of(&cases::contract::Contract::model().unwrap()).cases;
    let mut requirements: Vec<String> =
        contract_cases.iter().map(|case| case.requirement.to_string()).collect();
    requirements.dedup();
    each(requirements, |only| async move {
        let args = RunConfig { only: vec![format!("{only}/*")], ..RunConfig::default() };
        let report = run("model", MockConfig::default(), args, |_| {}).await;
        check_seen(&only, &report);
    });
    let limits: Vec<u64> = (1..40).chain([60, 100, 250, 700]).collect();
    each(limits, |limit| async move {
        let args = RunConfig { max_requests: NonZeroU64::new(limit), ..RunConfig::default() };
        let report = run("model", MockConfig::default(), args, |_| {}).await;
        check_seen(&format!("{limit} requests"), &report);
    });
}

#[test]
fn shards_of_a_run_with_failures_come_to_what_the_whole_does() {
    // Every call of one operation is refused.
    let mutants = ["token-never-spent", "length-min-not-enforced"];
    each(mutants.to_vec(), |name| async move {
        let config = || mutant::find(name).unwrap().config();
        let whole = run_direct("model", config, |_| {}).await;
        let known = complete(&whole);
        let mut shards = Vec::new();
        for shard in ["1/3", "2/3", "3/3"] {
            let args = RunConfig { shard: Some(shard.parse().unwrap()), ..RunConfig::default() };
            let known = known.clone();
            shards.push(run("model", config(), args, |plan| plan.known_failures = known).await);
            check_seen(name, shards.last().unwrap());
        }
        let merged = merge(shards).unwrap();
        check_seen(name, &merged);
        assert_eq!(outcome(&merged), Outcome::Passed, "{name}: {:#?}", open(&merged));
        let must = merged.requirements.iter().filter(|it| it.level == Level::Must);
        assert!(must.clone().any(|it| it.verdict == Verdict::Passed));
    });
}
