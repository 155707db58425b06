//! One run: first contact, all cases, reproducing the differences, and the report.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use reports::model::Event;
use reports::model::{ContractInfo, Ending, Report, SCHEMA_VERSION};

use crate::client::layers::latency::{LatencyLog, LatencyRecorder};
use crate::client::layers::liveness::Liveness;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::poll_interval::PollPolicy;
use crate::judge::token_checks::Identifiers;
use crate::limits::{Limits, StopReason};
use crate::plan::context::Run;
use crate::plan::failures::Failures;
use crate::plan::run_plan::Plan;
use crate::probe::first_contact::first_contact;
use crate::results::case_result::{CaseEvidence, CaseOutcome, CaseOutcomes};
use crate::results::verdict::{Confirmed, Summary, totals};

/// The transport of a run: it measures latency, and notices when the target stops responding.
type RunTransport<T> = LatencyRecorder<Liveness<T>>;

/// What a run showed.
struct Tested {
    ending: Ending,
    outcomes: CaseOutcomes,
    confirmed: Confirmed,
}

/// Carries out a plan. `emit` gets an event for each step; the last one holds the report that is returned.
pub async fn run<T: Transport + 'static>(
    plan: Arc<Plan>,
    transport: Arc<T>,
    limits: Arc<Limits>,
    emit: impl Fn(&Event),
) -> Report {
    limits.begin();
    limits.resume(plan.restored.spent.requests);
    emit(&Event::RunStarted {
        contract: contract_info(&plan),
        target: plan.target.clone(),
        seed: plan.seed,
        cases: plan.selected.len(),
        contract_changes: plan.contract_changes.clone(),
    });
    let run = start(plan, &*transport, limits);
    let tested = contact_and_test(&run, &emit).await;
    keep_checkpoint(&run, &tested);
    let report = report(&run, tested);
    emit(&Event::RunFinished { report: Box::new(report.clone()) });
    report
}

fn start<T: Transport + 'static>(
    plan: Arc<Plan>,
    transport: &T,
    limits: Arc<Limits>,
) -> Run<RunTransport<T>> {
    let times = LatencyLog::of(plan.restored.spent.latency.clone());
    let watched = Liveness::new(transport.clone(), Arc::clone(&limits));
    Run {
        start: Instant::now(),
        transport: Arc::new(LatencyRecorder::new(watched, times.clone())),
        times,
        limits,
        identifiers: Arc::new(Identifiers::new(&plan.world, &plan.secrets)),
        controls: Arc::default(),
        poll_policy: Arc::new(PollPolicy::Unlimited),
        clock: Arc::new(Clock::new(plan.clock.clone())),
        wait_limit: None,
        deadline: None,
        smallest: Arc::default(),
        failures: Arc::new(Failures::new(plan.max_failures)),
        not_offered: Arc::new(plan.not_offered()),
        exclusive: Arc::default(),
        plan,
    }
}

/// Runs all cases, if the target responds to a first valid call.
async fn contact_and_test<T: Transport + 'static>(
    run: &Run<RunTransport<T>>,
    emit: &impl Fn(&Event),
) -> Tested {
    let plan = &run.plan;
    match first_contact(&run.executor(), &plan.catalogue, &plan.route.base_url).await {
        Ok(accepted) => {
            run.transport.inner().set_accepted(accepted);
            let (outcomes, confirmed) = Box::pin(run.test_target(emit)).await;
            Tested { ending: ending(&run.limits), outcomes, confirmed }
        }
        // A target that the run did not wait for is not to blame.
        Err(_) if run.limits.stop() == Some(StopReason::Interrupted) => {
            Tested { ending: ending(&run.limits), outcomes: interrupted(plan), confirmed: BTreeMap::new() }
        }
        Err(reason) => {
            let reason = match &plan.waited {
                Some(waited) => format!("The target did not come up within {waited} (--wait). {reason}"),
                None => reason,
            };
            let outcomes = plan.cases().map(|(index, _)| (index, not_tested())).collect();
            Tested { ending: Ending::NotTested { reason }, outcomes, confirmed: BTreeMap::new() }
        }
    }
}

/// Keeps the checkpoint of a run that left something to do.
fn keep_checkpoint<T>(run: &Run<T>, tested: &Tested) {
    let Some(checkpoint) = &run.plan.checkpoint else { return };
    let is_stopped = tested.ending != Ending::Complete || run.limits.stop().is_some();
    if is_stopped || tested.outcomes.evidence().any(|(_, evidence)| evidence.stopped.is_some()) {
        checkpoint.keep();
    }
}

fn report<T: Transport + 'static>(run: &Run<T>, tested: Tested) -> Report {
    let plan = &run.plan;
    let Tested { ending, outcomes, confirmed } = tested;
    let summary = Summary {
        world: &plan.world,
        catalogue: &plan.catalogue,
        outcomes: &outcomes,
        confirmed: &confirmed,
        not_offered: &run.not_offered,
    };
    let requirements = summary.results();
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        boundstone: env!("CARGO_PKG_VERSION").to_owned(),
        contract: contract_info(plan),
        target: plan.target.clone(),
        seed: plan.seed,
        started_at: plan.started_at.clone(),
        seconds: run.seconds(),
        ending,
        strict: plan.strict,
        totals: totals(&requirements, &outcomes, run.limits.requests()),
        requirements,
        known_failures: Vec::new(),
        contract_changes: plan.contract_changes.clone(),
        latency: run.times.latency(),
    };
    plan.known_failures.apply(&mut report);
    reports::summary::number_findings(&mut report, &plan.replay);
    report
}

/// How a run ended that reached the target.
fn ending(limits: &Limits) -> Ending {
    match limits.stop() {
        Some(StopReason::Interrupted) => Ending::Interrupted { reason: "Stopped by Ctrl-C.".to_owned() },
        Some(stop) if stop.is_caused_by_target() => Ending::NotTested {
            reason: format!(
                "After {} requests {stop}: what was not tested by then is inconclusive.",
                limits.requests()
            ),
        },
        _ => Ending::Complete,
    }
}

/// The outcomes of a run that was interrupted before any case.
fn interrupted(plan: &Plan) -> CaseOutcomes {
    let outcomes = plan.cases().map(|(index, _)| {
        let stopped = Some(StopReason::Interrupted);
        let outcome = if plan.selected.contains(&index) {
            CaseOutcome::Ran(CaseEvidence { stopped, ..CaseEvidence::default() })
        } else {
            CaseOutcome::Unselected
        };
        (index, outcome)
    });
    outcomes.collect()
}

fn not_tested() -> CaseOutcome {
    let unproven = Some("the target could not be tested".to_owned());
    CaseOutcome::Ran(CaseEvidence { unproven, ..CaseEvidence::default() })
}

fn contract_info(plan: &Plan) -> ContractInfo {
    let contract = &plan.world.contract;
    ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() }
}
