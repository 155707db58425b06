//! One run: first contact, every case, then every difference looked at again, and the report.
//!
//! Cases run in up to three rounds: those that need no time to pass, side by side; those that call
//! again in a session, in a batch if the target enforces its interval; those that need much time to
//! pass, one after the other, since the clock that is set forward for one is set for all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cases::generate::Sample;
use cases::id::RequirementId;
use cases::signing::Signing;
use reports::model::{ContractInfo, Ending, Event, Report, SCHEMA_VERSION, Verdict};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::layers::latency::{Timed, Times};
use crate::client::layers::liveness::Watched;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::control_cache::Twins;
use crate::execute::poll_interval;
use crate::execute::poll_interval::Pace;
use crate::execute::samples::{Part, Samples};
use crate::judge::judgement::Difference;
use crate::judge::token_checks::Hidden;
use crate::limits::{Limits, Stop};
use crate::plan::context::Run;
use crate::plan::failures::Failures;
use crate::plan::plan::Plan;
use crate::probe::first_contact::contact;
use crate::probe::poll_interval::{First, Measured};
use crate::probe::signature;
use crate::reproduce::confirm::steady;
use crate::results::case_result::{Explored, Mark, Round, Tried};
use crate::results::checkpoint::Done;
use crate::results::verdict::{Found, Summing, totals};
use crate::results::{encoding, varying};
use crate::runner::batch::Batch;
use crate::runner::case_runner::{Exploration, Explorer};
use crate::runner::worker_pool;

/// What is told of a case while it is explored.
enum Told {
    Started(usize),
    Explored {
        case: usize,
        exploration: Box<Exploration>,
        /// Whether it differs for the first time.
        differs: bool,
    },
}

/// Carries out a plan. `emit` is told of each step; the report it gets at the end is also returned.
pub async fn run<T: Transport + 'static>(
    plan: Arc<Plan>,
    transport: Arc<T>,
    limits: Arc<Limits>,
    emit: impl Fn(&Event),
) -> Report {
    let start = Instant::now();
    limits.begin();
    limits.resume(plan.past.spent.requests);
    emit(&Event::RunStarted {
        contract: contract_info(&plan),
        target: plan.target.clone(),
        seed: plan.seed,
        cases: plan.selected.iter().filter(|selected| **selected).count(),
        contract_changes: plan.drift.clone(),
    });
    let times = Times::of(plan.past.spent.latency.clone());
    let watched = Watched::new((*transport).clone(), Arc::clone(&limits));
    let run = Run {
        start,
        transport: Arc::new(Timed::new(watched, times.clone())),
        times,
        limits,
        hidden: Arc::new(Hidden::new(&plan.world, &plan.secrets)),
        twins: Arc::default(),
        pace: Arc::new(Pace::Free),
        clock: Arc::new(Clock::new(plan.clock.clone())),
        wait_limit: None,
        deadline: None,
        evidence: Arc::default(),
        failures: Arc::new(Failures::new(plan.max_failures)),
        not_offered: Arc::new(plan.not_offered()),
        quiet: Arc::default(),
        plan,
    };
    let plan = &run.plan;
    let mut found = BTreeMap::new();
    let (ending, tried) = match contact(&run.player(), &plan.catalogue, &plan.route.base_url).await {
        // Who was not waited for is not to blame.
        Err(_) if run.limits.stop() == Some(Stop::Interrupted) => (ending(&run.limits), untried(plan)),
        Err(reason) => {
            let reason = match &plan.waited {
                Some(waited) => format!("The target did not come up within {waited} (--wait). {reason}"),
                None => reason,
            };
            (Ending::NotTested { reason }, plan.catalogue.cases.iter().map(|_| not_judged()).collect())
        }
        Ok(accepted) => {
            run.transport.inner().accepted(accepted);
            let tried = Box::pin(run.judge(&mut found, &emit)).await;
            (ending(&run.limits), tried)
        }
    };
    let is_cut = |tried: &Tried| matches!(tried, Tried::Explored(explored) if explored.stopped.is_some());
    if let Some(journal) = &plan.journal
        && (ending != Ending::Complete || run.limits.stop().is_some() || tried.iter().any(is_cut))
    {
        journal.cut();
    }
    let summing = Summing {
        world: &plan.world,
        catalogue: &plan.catalogue,
        tried: &tried,
        found: &found,
        not_offered: &run.not_offered,
    };
    let requirements = summing.results();
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
        totals: totals(&requirements, &tried, run.limits.requests()),
        requirements,
        known_failures: Vec::new(),
        contract_changes: plan.drift.clone(),
        latency: run.times.latency(),
    };
    plan.known_failures.apply(&mut report);
    reports::summary::number_findings(&mut report, &plan.replay);
    emit(&Event::RunFinished { report: Box::new(report.clone()) });
    report
}

/// How a run ended that was begun.
fn ending(limits: &Limits) -> Ending {
    match limits.stop() {
        Some(Stop::Interrupted) => Ending::Interrupted { reason: "Stopped by Ctrl-C.".to_owned() },
        Some(stop) if stop.is_of_target() => Ending::NotTested {
            reason: format!(
                "After {} requests {stop}: what was not judged by then is left open.",
                limits.requests()
            ),
        },
        _ => Ending::Complete,
    }
}

/// The cases of a run that was interrupted before any of them.
fn untried(plan: &Plan) -> Vec<Tried> {
    let untried = |selected: &bool| match selected {
        true => Tried::Explored(Explored { stopped: Some(Stop::Interrupted), ..Explored::default() }),
        false => Tried::Unselected,
    };
    plan.selected.iter().map(untried).collect()
}

fn not_judged() -> Tried {
    let unproven = Some("the target could not be judged".to_owned());
    Tried::Explored(Explored { unproven, ..Explored::default() })
}

fn contract_info(plan: &Plan) -> ContractInfo {
    let contract = &plan.world.contract;
    ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() }
}

impl<T: Transport + 'static> Run<T> {
    /// Runs the selected cases and looks again at what differs.
    async fn judge(&self, found: &mut BTreeMap<Difference, Found>, emit: &impl Fn(&Event)) -> Vec<Tried> {
        let plan = &self.plan;
        let unverified = self.unverified().await;
        let mut tried: Vec<Option<Tried>> = plan
            .catalogue
            .cases
            .iter()
            .zip(&plan.selected)
            .enumerate()
            .map(|(index, (case, selected))| match (selected, self.not_offered.reason(index)) {
                (true, Some(reason)) => Some(Tried::Skipped(reason.to_owned())),
                (true, None) => {
                    plan.means(&unverified).lack(case).map(|lack| Tried::Skipped(lack.to_string()))
                }
                (false, _) => Some(Tried::Unselected),
            })
            .collect();
        for (case, tried) in plan.catalogue.cases.iter().zip(&tried) {
            if let Some(Tried::Skipped(_)) = tried {
                emit(&Event::CaseFinished { case: case.id.clone(), verdict: Verdict::Skipped, requests: 0 });
            }
        }
        let waiting: Vec<usize> = (0..tried.len()).filter(|index| tried[*index].is_none()).collect();
        let (fresh, waiting): (Vec<usize>, _) = waiting
            .into_iter()
            .partition(|index| plan.catalogue.cases[*index].comes_first(&plan.world.fixtures));
        self.explore(&mut tried, fresh, emit).await;
        let (mut slow, quick): (Vec<usize>, _) =
            waiting.into_iter().partition(|index| !plan.catalogue.cases[*index].waits().is_zero());
        let calls_again = quick.iter().any(|case| self.calls_again(*case));
        let first = if calls_again {
            crate::probe::poll_interval::first(&self.player(), &plan.catalogue).await
        } else {
            First::Free
        };
        let mut paced = self.clone();
        match first {
            First::Free => {
                self.explore(&mut tried, quick, emit).await;
                if let Some(passed) = self.explore_paced(&mut tried, emit).await {
                    paced = passed;
                }
            }
            First::Refused(refused) => {
                let (again, once): (Vec<usize>, _) =
                    quick.into_iter().partition(|case| self.calls_again(*case));
                let player = self.player();
                let measure = crate::probe::poll_interval::measure(
                    &player,
                    &plan.catalogue,
                    refused,
                    self.wait_limit(),
                );
                let ((), measured) = tokio::join!(self.explore(&mut tried, once, emit), measure);
                if let Measured { pace: Pace::Enforced(interval), takes: probing } = measured {
                    paced = self.at(Pace::Enforced(interval.clone()));
                    // Who waits for an interval may as well wait for whatever else takes as long.
                    let waiting = if plan.clock.is_none() { std::mem::take(&mut slow) } else { Vec::new() };
                    let batch = Batch { interval: Some(interval), limit: self.wait_limit(), probing };
                    paced.batch(&mut tried, [again, waiting].concat(), batch, emit).await;
                } else {
                    self.explore(&mut tried, again, emit).await;
                }
            }
        }
        if plan.clock.is_none() {
            // Nobody can let time pass: these cases wait for it, if the run may.
            let batch = Batch { interval: None, limit: plan.slow_patience(), probing: Duration::ZERO };
            paced.batch(&mut tried, std::mem::take(&mut slow), batch, emit).await;
        }
        if matches!(self.limits.stop(), Some(Stop::Failures(_))) {
            // They are not tried any more either.
            paced.explore(&mut tried, std::mem::take(&mut slow), emit).await;
        }
        self.limits.confirm();
        emit(&Event::Reproducing);
        encoding::fold(&plan.world.contract, &mut tried);
        varying::fold(&mut tried);
        let paced = paced.while_reproducing();
        paced.confirm(&tried, found).await;
        // Only what these cases show is looked at again, each before the clock moves on.
        for case in slow {
            let waiting = Self { wait_limit: None, ..paced.clone() };
            waiting.explore(&mut tried, vec![case], emit).await;
            paced.confirm_one(&tried, case, found).await;
        }
        paced.collisions(found).await;
        steady(plan, &tried, found);
        let failed = || Tried::Skipped("boundstone failed on this case".to_owned());
        let tried = tried.into_iter().map(|tried| tried.unwrap_or_else(failed));
        tried.enumerate().map(|(index, tried)| self.not_offered.judged(index, tried)).collect()
    }

    /// The operations whose signatures the target does not verify.
    async fn unverified(&self) -> BTreeSet<String> {
        let plan = &self.plan;
        let mut unverified = BTreeSet::new();
        if plan.route.scope.is_none() {
            return unverified;
        }
        let wrong = plan.catalogue.cases.iter().zip(&plan.selected);
        let wrong = wrong.filter(|(case, selected)| **selected && case.signing() != Signing::Valid);
        let operations: BTreeSet<&String> = wrong.map(|(case, _)| &case.operation).collect();
        for operation in operations {
            if !signature::verifies(&self.player(), &plan.catalogue, operation).await {
                unverified.insert(operation.clone());
            }
        }
        unverified
    }

    /// Runs the cases again in which a session turned out to be held to an interval, at that pace,
    /// which is returned. A target may let the first calls of a session pass.
    async fn explore_paced(&self, tried: &mut [Option<Tried>], emit: &impl Fn(&Event)) -> Option<Self> {
        let held_to = |tried: &Option<Tried>| match tried {
            Some(Tried::Explored(explored)) => explored.held_to,
            _ => None,
        };
        let length = tried.iter().filter_map(held_to).max().filter(|length| !length.is_zero())?;
        let interval = poll_interval::shortest(&self.plan.world.contract, length);
        let paced = self.at(Pace::Enforced(interval.clone()));
        let cases: Vec<usize> = tried
            .iter()
            .enumerate()
            .filter(|(_, tried)| held_to(tried).is_some())
            .map(|(index, _)| index)
            .collect();
        let before: Vec<_> = cases.iter().map(|index| (*index, tried[*index].take())).collect();
        let batch = Batch { interval: Some(interval), limit: self.wait_limit(), probing: Duration::ZERO };
        paced.batch(tried, cases, batch, emit).await;
        for (index, before) in before {
            match (&mut tried[index], before) {
                (Some(Tried::Explored(explored)), Some(Tried::Explored(before))) => explored.add(before),
                // What was seen before counts, though it cannot be tried to its end.
                (now, Some(Tried::Explored(before))) if !before.witnesses.is_empty() => {
                    *now = Some(Tried::Explored(before));
                }
                _ => {}
            }
        }
        Some(paced)
    }

    /// Whether a case calls more than once in a session, in any of its samples.
    fn calls_again(&self, case: usize) -> bool {
        let about = &self.plan.catalogue.cases[case];
        let samples = Samples::new(about, &self.plan.world, self.plan.seed);
        let count = samples.boundaries() + about.random_samples(self.plan.samples);
        let sequences = |sample: Sample| [sample.steps, sample.twin].into_iter().chain(sample.alone);
        let mut all = (0..count).map_while(|index| samples.tree(index)).map(|tree| tree.current());
        all.any(|sample| sequences(sample).any(|steps| poll_interval::calls_again(&steps)))
    }

    /// The first sample of a case.
    fn first(&self, case: usize) -> Option<Sample> {
        let samples = Samples::new(&self.plan.catalogue.cases[case], &self.plan.world, self.plan.seed);
        samples.tree(0).map(|tree| tree.current())
    }

    /// Runs cases: side by side, sample by sample, where the target is slow, or else round by round.
    async fn explore(&self, tried: &mut [Option<Tried>], mut cases: Vec<usize>, emit: &impl Fn(&Event)) {
        if let Some(unloaded) = self.waits_for_responses(&cases) {
            return self.explore_slow(tried, cases, unloaded, emit).await;
        }
        self.order(&mut cases);
        let mut waiting: BTreeMap<usize, Exploration> =
            cases.iter().map(|case| (*case, self.begin(*case, emit))).collect();
        for round in Round::ALL {
            self.explore_round(&mut waiting, &cases, round, emit).await;
            for (case, exploration) in waiting.extract_if(.., |_, exploration| exploration.is_done()) {
                tried[case] = Some(Tried::Explored(exploration.explored));
            }
        }
    }

    /// A case as it stands before it is tried: as an earlier process has left it, if one has.
    pub(crate) fn begin(&self, case: usize, emit: &impl Fn(&Event)) -> Exploration {
        let Some(Done { rounds, within, explored, .. }) = self.plan.past.done.get(&case).cloned() else {
            return Exploration::default();
        };
        if !explored.witnesses.is_empty() {
            self.failures.know(self.failing(case, &explored));
            self.limits.differs();
            emit(&Event::CaseDiffers { case: self.plan.catalogue.cases[case].id.clone() });
        }
        let exploration = Exploration::past(explored, Mark { rounds, within });
        if exploration.is_done() {
            self.finished(case, &exploration.explored, emit);
        }
        exploration
    }

    /// Puts one case of each requirement first, then a second one, and so on: what a short run leaves
    /// out is what tells least. Of a requirement, invalid requests come before valid ones, which their
    /// twins try too, and short sequences before long ones.
    fn order(&self, cases: &mut [usize]) {
        cases.sort_by_cached_key(|case| {
            let first = self.first(*case);
            let (is_valid, length) = first.map_or((true, 0), |it| (it.twin.is_empty(), it.steps.len()));
            (is_valid, length, *case)
        });
        let mut seen: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let ranks: BTreeMap<usize, usize> = cases
            .iter()
            .map(|case| {
                let rank = seen.entry(&self.plan.catalogue.cases[*case].requirement).or_default();
                *rank += 1;
                (*case, *rank)
            })
            .collect();
        cases.sort_by_key(|case| ranks.get(case));
    }

    /// One round of these cases, some at once; those that want quiet come last, one after the other.
    /// A case that panics is a bug of boundstone: it is no longer among those that wait.
    async fn explore_round(
        &self,
        waiting: &mut BTreeMap<usize, Exploration>,
        cases: &[usize],
        round: Round,
        emit: &impl Fn(&Event),
    ) {
        let (quiet, others): (Vec<usize>, _) =
            cases.iter().partition(|case| self.plan.catalogue.cases[**case].wants_quiet());
        for (cases, at_once) in [(others, self.plan.concurrency.at_first()), (quiet, 1)] {
            // An earlier process may have done this round of a case.
            let comes = |case: &usize| waiting.get(case).is_some_and(|it| it.rounds == round as usize);
            let cases: Vec<usize> = cases.into_iter().filter(comes).collect();
            let cases: Vec<_> = cases.into_iter().filter_map(|case| waiting.remove_entry(&case)).collect();
            let (tell, mut told) = mpsc::unbounded_channel();
            let run = self.clone();
            worker_pool::work(
                cases,
                move || at_once,
                move || {
                    let (run, tell) = (run.apart(), tell.clone());
                    move |(case, exploration)| run.clone().exploring(case, exploration, round, tell.clone())
                },
            );
            while let Some(told) = told.recv().await {
                let (case, exploration, differs) = match told {
                    Told::Started(case) => {
                        emit(&Event::CaseStarted { case: self.plan.catalogue.cases[case].id.clone() });
                        continue;
                    }
                    Told::Explored { case, exploration, differs } => (case, exploration, differs),
                };
                if differs {
                    self.limits.differs();
                    emit(&Event::CaseDiffers { case: self.plan.catalogue.cases[case].id.clone() });
                }
                self.failures.note(self.failing(case, &exploration.explored), &self.limits);
                if exploration.is_done() {
                    self.finished(case, &exploration.explored, emit);
                }
                if let Some(journal) = &self.plan.journal
                    && exploration.explored.is_settled()
                    && let Some(Mark { rounds, within }) = exploration.mark()
                {
                    let explored = exploration.explored.clone();
                    journal.done(Done { case, rounds, within, explored }, self.spent());
                }
                waiting.insert(case, *exploration);
            }
        }
    }

    /// Explores cases as this run does, `twins` being those that are played once for all of them.
    pub(crate) fn explorer<'a>(&'a self, twins: Option<&'a Twins>) -> Explorer<'a, T> {
        Explorer {
            player: self.player(),
            census: &self.plan.past.census,
            limits: &self.limits,
            evidence: &self.evidence,
            seed: self.plan.seed,
            samples: self.plan.samples,
            twins,
        }
    }

    /// Goes on with a case, and tells whether it differs for the first time.
    async fn exploring(
        self,
        case: usize,
        mut exploration: Exploration,
        round: Round,
        tell: mpsc::UnboundedSender<Told>,
    ) {
        // Who listens does so until every sender is gone.
        let _heard = tell.send(Told::Started(case));
        let explorer = self.explorer(self.limits.left().map(|_| &*self.twins));
        let was_right = exploration.explored.witnesses.is_empty();
        let snapshot = self.plan.snapshot(case);
        let about = &self.plan.catalogue.cases[case];
        explorer.explore(&mut exploration, case, about, snapshot.as_ref(), round).await;
        exploration.ended |= self.not_offered.is_probe(case);
        let differs = was_right && !exploration.explored.witnesses.is_empty();
        let _heard = tell.send(Told::Explored { case, exploration: Box::new(exploration), differs });
    }

    /// Runs cases whose sequences wait, all at once.
    async fn batch(
        &self,
        tried: &mut [Option<Tried>],
        mut cases: Vec<usize>,
        batch: Batch,
        emit: &impl Fn(&Event),
    ) {
        let waiting = Self { wait_limit: Some(batch.limit), ..self.clone() };
        self.order(&mut cases);
        let mut plans = Vec::new();
        for index in cases {
            let case = &self.plan.catalogue.cases[index];
            emit(&Event::CaseStarted { case: case.id.clone() });
            plans.push((index, batch.plan(&Samples::new(case, &self.plan.world, self.plan.seed))));
        }
        // The first sample of each case, then the second one: what is too much is left out.
        let mut samples: Vec<_> = plans
            .iter()
            .flat_map(|(case, plan)| plan.samples().map(move |(index, sample)| (index, *case, sample)))
            .collect();
        samples.sort_by_key(|(index, ..)| *index);
        if let Some(longest) = plans.iter().map(|(_, plan)| plan.longest).max()
            && !samples.is_empty()
            && !self.clock.is_settable()
        {
            emit(&Event::Waiting {
                sequences: samples.len(),
                seconds: longest.as_secs(),
                interval: batch.interval.as_ref().map(|interval| interval.length.as_secs()),
            });
        }
        let mut left = self.limits.left();
        let mut sequences = JoinSet::new();
        for (sample_index, index, sample) in samples {
            let parts = [Part::Steps, Part::Twin].map(|part| (part, part.of(sample).to_vec()));
            let cost: usize = parts.iter().map(|(_, steps)| steps.len()).sum();
            if let Some(left) = &mut left {
                let Some(rest) = left.checked_sub(cost as u64) else { continue };
                *left = rest;
            }
            for (part, steps) in parts.into_iter().filter(|(_, steps)| !steps.is_empty()) {
                let (run, snapshot) = (waiting.clone(), self.plan.snapshot(index));
                sequences.spawn(async move {
                    let snapshot = snapshot.as_ref().filter(|_| part == Part::Steps);
                    let (place, player) = ((index, sample_index, part), run.player());
                    tokio::select! {
                        played = player.insist(snapshot, &steps, false) => Some((place, played)),
                        _ = run.limits.stopped() => None,
                    }
                });
            }
        }
        let mut played = BTreeMap::new();
        while let Some(finished) = sequences.join_next().await {
            if let Ok(Some((place, sequence))) = finished {
                self.evidence.note(&sequence);
                played.insert(place, sequence);
            }
        }
        let stop = self.limits.stop().or(left.map(|_| Stop::Requests));
        for (index, plan) in plans {
            let done = batch.sum_up(index, plan, &mut played, &self.plan.past.census, stop);
            if let Tried::Explored(explored) = &done {
                self.failures.note(self.failing(index, explored), &self.limits);
                self.finished(index, explored, emit);
            }
            tried[index] = Some(done);
        }
    }
}
