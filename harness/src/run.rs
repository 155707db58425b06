//! One run: first contact, every case, then every difference looked at again, and the report.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use cases::catalogue::Catalogue;
use cases::sample::World;
use reports::event::Event;
use reports::report::{ContractInfo, Ending, Finding, Report, SCHEMA_VERSION, TargetInfo, Verdict};
use snapshots::Document;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::contact::contact;
use crate::explore::{Explored, Explorer, Part, Samples, Witness};
use crate::judge::Difference;
use crate::limits::{Limits, Stop};
use crate::record::record;
use crate::shrink::{Confirmed, Shrinker};
use crate::transport::Transport;
use crate::verdict::{Found, Tried, results, totals};

/// How many cases may stand for one difference before it counts as unstable.
const MOST_CANDIDATES: usize = 3;

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// Contract and fixtures.
    pub world: Arc<World>,
    /// The catalogue of the contract.
    pub catalogue: Catalogue,
    /// Which cases of the catalogue run; parallel to it.
    pub selected: Vec<bool>,
    /// The seed of the run.
    pub seed: u64,
    /// Samples for each case.
    pub samples: usize,
    /// Cases under way at once.
    pub concurrency: usize,
    /// Whether a SHOULD that is not held fails the run.
    pub strict: bool,
    /// Where the requests go, for the report.
    pub target: TargetInfo,
    /// The base URL for curl commands.
    pub base_url: String,
    /// The shell command that replays findings, but for the number of the finding.
    pub replay: String,
    /// Values that must not be shown.
    pub secrets: Vec<String>,
    /// When the run started, RFC 3339.
    pub started_at: String,
}

impl Plan {
    fn snapshot(&self, case: usize) -> Option<Document> {
        // A snapshot that cannot be read is found by the tests; here it only guards nothing.
        snapshots::find(&self.world.contract.name, &self.catalogue.cases[case].id)?.ok()
    }
}

/// Carries out a plan. `emit` is told of each step; the report it gets at the end is also returned.
pub async fn run<T: Transport + 'static>(
    plan: Arc<Plan>,
    transport: Arc<T>,
    limits: Arc<Limits>,
    emit: impl Fn(&Event),
) -> Report {
    let start = Instant::now();
    emit(&Event::RunStarted {
        contract: contract_info(&plan),
        target: plan.target.clone(),
        seed: plan.seed,
        cases: plan.selected.iter().filter(|selected| **selected).count(),
    });
    let mut found = BTreeMap::new();
    let (ending, tried) = if let Err(reason) = contact(&*transport, &plan.world, &plan.catalogue).await {
        (Ending::NotJudged { reason }, plan.catalogue.cases.iter().map(|_| not_judged()).collect())
    } else {
        let tried = explore(&plan, &transport, &limits, &emit).await;
        found = confirm(&plan, &transport, &limits, &tried).await;
        let ending = match limits.stop() {
            Some(Stop::Interrupted) => Ending::Interrupted { reason: Stop::Interrupted.to_string() },
            _ => Ending::Complete,
        };
        (ending, tried)
    };
    let requirements = results(&plan.catalogue, &tried, &found);
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        boundstone: env!("CARGO_PKG_VERSION").to_owned(),
        contract: contract_info(&plan),
        target: plan.target.clone(),
        seed: plan.seed,
        started_at: plan.started_at.clone(),
        seconds: start.elapsed().as_secs_f64(),
        ending,
        strict: plan.strict,
        totals: totals(&requirements, &tried, limits.requests()),
        requirements,
    };
    number_findings(&plan, &mut report);
    emit(&Event::RunFinished { report: Box::new(report.clone()) });
    report
}

fn not_judged() -> Tried {
    let unproven = Some("the target could not be judged".to_owned());
    Tried::Explored(Explored { unproven, ..Explored::default() })
}

fn contract_info(plan: &Plan) -> ContractInfo {
    let contract = &plan.world.contract;
    ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() }
}

/// Runs the selected cases, some at once.
async fn explore<T: Transport + 'static>(
    plan: &Arc<Plan>,
    transport: &Arc<T>,
    limits: &Arc<Limits>,
    emit: &impl Fn(&Event),
) -> Vec<Tried> {
    let mut tried: Vec<Option<Tried>> = plan
        .catalogue
        .cases
        .iter()
        .zip(&plan.selected)
        .map(|(case, selected)| match selected {
            true => case.lacks(&plan.world.fixtures).map(Tried::Skipped),
            false => Some(Tried::Unselected),
        })
        .collect();
    let mut waiting: Vec<usize> = (0..tried.len()).filter(|index| tried[*index].is_none()).rev().collect();
    let mut running = JoinSet::new();
    loop {
        while running.len() < plan.concurrency
            && let Some(index) = waiting.pop()
        {
            emit(&Event::CaseStarted { case: plan.catalogue.cases[index].id.clone() });
            let (plan, transport, limits) = (Arc::clone(plan), Arc::clone(transport), Arc::clone(limits));
            let runtime = Handle::current();
            running.spawn_blocking(move || {
                let explorer = Explorer {
                    transport: &*transport,
                    world: &plan.world,
                    limits: &limits,
                    runtime: &runtime,
                    seed: plan.seed,
                    samples: plan.samples,
                };
                (index, explorer.explore(&plan.catalogue.cases[index], plan.snapshot(index).as_ref()))
            });
        }
        let Some(finished) = running.join_next().await else { break };
        // A case that panicked is a bug of boundstone; it is reported as not tried.
        let Ok((index, explored)) = finished else { continue };
        let case = &plan.catalogue.cases[index];
        let broken = explored.witnesses.keys().any(|difference| difference.requirement == case.requirement);
        emit(&Event::CaseFinished {
            case: case.id.clone(),
            verdict: if broken { Verdict::Violated } else { Verdict::Held },
            requests: explored.requests,
        });
        tried[index] = Some(Tried::Explored(explored));
    }
    tried
        .into_iter()
        .map(|tried| tried.unwrap_or_else(|| Tried::Skipped("boundstone failed on this case".to_owned())))
        .collect()
}

/// Looks again at every difference, on behalf of all cases that saw it: the smallest witness speaks
/// for the others.
async fn confirm<T: Transport + 'static>(
    plan: &Arc<Plan>,
    transport: &Arc<T>,
    limits: &Arc<Limits>,
    tried: &[Tried],
) -> BTreeMap<Difference, Found> {
    let mut groups: BTreeMap<Difference, Vec<(Witness, usize)>> = BTreeMap::new();
    for (index, tried) in tried.iter().enumerate() {
        if let Tried::Explored(explored) = tried {
            for (difference, witness) in &explored.witnesses {
                groups.entry(difference.clone()).or_default().push((*witness, index));
            }
        }
    }
    let mut waiting: Vec<_> = groups.into_iter().rev().collect();
    let mut running = JoinSet::new();
    let mut found = BTreeMap::new();
    loop {
        while running.len() < plan.concurrency
            && let Some((difference, mut witnesses)) = waiting.pop()
        {
            witnesses.sort_by_key(|(witness, case)| (witness.part == Part::Twin, witness.size, *case));
            let (plan, transport, limits) = (Arc::clone(plan), Arc::clone(transport), Arc::clone(limits));
            let runtime = Handle::current();
            running.spawn_blocking(move || {
                let shrinker = Shrinker {
                    transport: &*transport,
                    world: &plan.world,
                    limits: &limits,
                    runtime: &runtime,
                };
                let found = settle(&plan, &shrinker, &difference, &witnesses);
                (difference, found)
            });
        }
        let Some(finished) = running.join_next().await else { break };
        if let Ok((difference, settled)) = finished {
            found.insert(difference, settled);
        }
    }
    found
}

/// What one difference amounts to.
fn settle<T: Transport>(
    plan: &Plan,
    shrinker: &Shrinker<'_, T>,
    difference: &Difference,
    witnesses: &[(Witness, usize)],
) -> Found {
    let count = witnesses.iter().map(|(witness, _)| witness.count).sum();
    let mut unstable = None;
    for (witness, index) in witnesses.iter().take(MOST_CANDIDATES) {
        let case = &plan.catalogue.cases[*index];
        let samples = Samples::new(case, &plan.world, plan.seed);
        let snapshot = plan.snapshot(*index);
        match shrinker.confirm(&samples, snapshot.as_ref(), witness, difference) {
            Some(Confirmed::Violated(steps)) => {
                let finding = finding(plan, Verdict::Violated, difference, *index, count, &steps);
                return Found { verdict: Verdict::Violated, finding };
            }
            Some(Confirmed::Inconclusive) => return Found { verdict: Verdict::Inconclusive, finding: None },
            Some(Confirmed::Unstable(steps)) => {
                unstable.get_or_insert((*index, steps));
            }
            None => {}
        }
    }
    let finding = unstable
        .and_then(|(index, steps)| finding(plan, Verdict::Unstable, difference, index, count, &steps));
    Found { verdict: Verdict::Unstable, finding }
}

fn finding(
    plan: &Plan,
    verdict: Verdict,
    difference: &Difference,
    case: usize,
    count: u64,
    steps: &[crate::play::PlayedStep],
) -> Option<Finding> {
    let last = steps.last()?;
    let counterexample = record(&plan.world.contract, steps, &plan.secrets);
    let differences = match &last.judgement {
        crate::judge::Judgement::Judged { differences, .. } if verdict == Verdict::Violated => {
            differences.as_slice()
        }
        _ => std::slice::from_ref(difference),
    };
    // The field of this finding comes first: the others may have findings of their own.
    let mut differences: Vec<_> = differences.iter().collect();
    differences.sort_by_key(|other| *other != difference);
    Some(Finding {
        verdict,
        case: plan.catalogue.cases[case].id.clone(),
        count,
        expected: last.expectation.outcome().to_string(),
        actual: last.outcome.to_string(),
        differences: differences
            .into_iter()
            .map(|difference| reports::report::Difference {
                field: difference.field.to_string(),
                expected: difference.expected.clone(),
                actual: difference.actual.clone(),
            })
            .collect(),
        curl: reports::curl::curl(&plan.base_url, counterexample.iter().map(|exchange| &exchange.request)),
        counterexample,
        replay: String::new(),
    })
}

/// Gives each finding its replay command, by its number in the report's order.
fn number_findings(plan: &Plan, report: &mut Report) {
    let order: Vec<_> = reports::summary::findings(report)
        .iter()
        .map(|listed| (listed.requirement.id.clone(), listed.nth - 1, listed.number))
        .collect();
    for (id, nth, number) in order {
        for requirement in report.requirements.iter_mut().filter(|requirement| requirement.id == id) {
            if let Some(finding) = requirement.findings.get_mut(nth) {
                finding.replay = format!("{} {number}", plan.replay);
            }
        }
    }
}
