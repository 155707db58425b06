//! Reproduces each difference once, for all cases that showed it, after all of them are done. Therefore the
//! order in which cases happen to run changes no report.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cases::generate::Step;
use cases::id::{Level, RequirementId};
use cases::oracle::{Field, TokenState, Value};
use cases::requirement::{stability, unique};
use reports::model::{Finding, Verdict};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::client::exchange::TransportFailure;
use crate::client::transport::Transport;
use crate::execute::executed::ExecutedStep;
use crate::execute::samples::Variation;
use crate::execute::token_registry::Origin;
use crate::judge::judgement::{Difference, Judgement, NotAttributable};
use crate::limits::StopReason;
use crate::plan::context::Run;
use crate::plan::run_plan::Plan;
use crate::reproduce::shrink::{
    Cost, Minimized, ReproducedSequence, Reproduction, Shrinker, Source, Unconfirmed,
};
use crate::results::case_result::{CaseEvidence, CaseIndex, CaseOutcome, CaseOutcomes, SequenceRef};
use crate::results::occurrence::{Occurrence, Size};
use crate::results::record::record;
use crate::results::verdict::{Confirmed, ConfirmedDifference};

/// The maximum number of sequences that are sent again before a difference counts as flaky.
const MAX_CANDIDATES: usize = 32;

/// The usual number of requests that reproduce one difference.
const REQUESTS_EACH: u32 = 9;
/// The maximum number of sequences that wait at the same time: each blocks a thread.
const MAX_AT_ONCE: usize = 256;

/// A difference with all sequences that showed it.
#[derive(Debug, Clone)]
struct Group {
    difference: Difference,
    /// The smallest sequence of each case, with the index of the case, in the order in which they are sent
    /// again.
    occurrences: Vec<(Occurrence<SequenceRef>, CaseIndex)>,
    /// The probability that it shows by chance: for a transport failure, the share of all requests that got
    /// no response; otherwise its share of the responses that tested the same requirement.
    chance: f64,
    /// The number of requests that it may cost, if they are limited.
    share: Option<u64>,
}

/// The result of sending the sequences of a group again.
enum Resolution {
    /// The sequence with this index showed the difference again.
    Reproduced(usize, ReproducedSequence),
    /// It could not be reproduced, and why.
    NotReproduced(String),
    /// What it amounts to is known.
    Confirmed(Box<ConfirmedDifference>),
}

impl Group {
    fn new(
        difference: Difference,
        mut occurrences: Vec<(Occurrence<SequenceRef>, CaseIndex)>,
        plan: &Plan,
    ) -> Self {
        occurrences.sort_by_key(|(occurrence, case)| {
            (occurrence.place.part == Variation::Control, occurrence.size, *case)
        });
        // The smallest sequence of each requirement comes first: those differ most in what they do.
        let mut seen: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let next_rank = |(_, case): &(Occurrence<SequenceRef>, CaseIndex)| {
            let rank = seen.entry(&plan.case(*case).requirement).or_default();
            std::mem::replace(rank, *rank + 1)
        };
        let ranks: Vec<usize> = occurrences.iter().map(next_rank).collect();
        let mut ranked: Vec<_> = ranks.into_iter().zip(occurrences).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let occurrences = ranked.into_iter().map(|(_, occurrence)| occurrence).collect();
        Self { difference, occurrences, chance: 0.0, share: None }
    }

    /// How many sequences showed it.
    fn count(&self) -> u64 {
        self.occurrences.iter().map(|(occurrence, _)| occurrence.count).sum()
    }

    /// The size of the smallest one.
    fn size(&self) -> Option<Size> {
        self.occurrences.iter().map(|(occurrence, _)| occurrence.size).min()
    }

    /// Whether a case showed it more than once, and in most of its sequences.
    fn is_the_rule(&self, outcomes: &CaseOutcomes) -> bool {
        self.occurrences.iter().any(|(occurrence, case)| {
            let evidence = outcomes.evidence_of(*case);
            evidence.is_some_and(|it| occurrence.count > 1 && occurrence.count * 2 > it.proofs)
        })
    }

    /// What findings of it have in common, shown by a case.
    fn subject(&self, case: CaseIndex) -> Subject<'_> {
        Subject { difference: &self.difference, case, count: self.count() }
    }
}

/// What was shown, by which case, and how often.
struct Subject<'a> {
    difference: &'a Difference,
    case: CaseIndex,
    count: u64,
}

/// Why the sequences of a difference did not show it again, the first of each reason.
#[derive(Default)]
struct Attempts {
    flaky: Option<(CaseIndex, Vec<ExecutedStep>)>,
    excused: Option<NotAttributable>,
    lost: Option<TransportFailure>,
}

impl Attempts {
    fn record(&mut self, case: CaseIndex, reason: Unconfirmed) {
        match reason {
            Unconfirmed::Flaky(steps) => {
                self.flaky.get_or_insert((case, steps));
            }
            Unconfirmed::Excused(excuse) => {
                self.excused.get_or_insert(excuse);
            }
            Unconfirmed::Lost(failure) => {
                self.lost.get_or_insert(failure);
            }
            Unconfirmed::TargetGone | Unconfirmed::NotReproduced(_) => {}
        }
    }
}

impl Plan {
    /// The same response as a difference from the requirement that equal requests get equal responses.
    fn stability_of(&self, difference: &Difference) -> Option<Difference> {
        let operation = &self.catalogue.requirement(&difference.requirement)?.operation;
        let operation = self.world.contract.operation(operation)?;
        let requirement = stability(&operation.name);
        Some(Difference { requirement, expected: Value::fixed(""), ..difference.clone() })
    }
}

impl<T: Transport + 'static> Run<T> {
    /// Reproduces every difference for all cases that showed it, then shrinks each as long as there is time.
    pub(crate) async fn confirm(&self, outcomes: &CaseOutcomes, confirmed: &mut Confirmed) {
        let mut groups = self.groups(outcomes);
        // The cheapest to reproduce come first.
        groups.sort_by_key(Group::size);
        let reproduced = self.on_threads(groups, Self::reproduce).await;
        let mut larger = Vec::new();
        for (group, resolution) in reproduced {
            match resolution {
                Resolution::Confirmed(resolved) => {
                    confirmed.insert(group.difference, *resolved);
                }
                Resolution::NotReproduced(why) => {
                    let resolved = self.not_reproduced(&group, outcomes, &why);
                    confirmed.insert(group.difference, resolved);
                }
                Resolution::Reproduced(occurrence, shown) => larger.push((group, occurrence, shown)),
            }
        }
        let smaller = self.on_threads(larger, Self::minimize).await;
        confirmed.extend(smaller.into_iter().map(|((group, ..), confirmed)| (group.difference, confirmed)));
    }

    /// Reproduces what one case showed and no case did before.
    pub(crate) async fn confirm_one(
        &self,
        outcomes: &CaseOutcomes,
        case: CaseIndex,
        confirmed: &mut Confirmed,
    ) {
        let Some(evidence) = outcomes.evidence_of(case) else { return };
        let occurrences =
            evidence.occurrences.iter().filter(|(difference, _)| !is_known(difference, confirmed));
        let new = CaseEvidence {
            occurrences: occurrences.map(|(difference, it)| (difference.clone(), *it)).collect(),
            tested: evidence.tested.clone(),
            proofs: evidence.proofs,
            ..CaseEvidence::default()
        };
        let new = CaseOutcomes::from_iter([(case, CaseOutcome::Ran(new))]);
        self.confirm(&new, confirmed).await;
    }

    /// Every difference with the cases that showed it.
    fn groups(&self, outcomes: &CaseOutcomes) -> Vec<Group> {
        let mut seen: BTreeMap<Difference, Vec<(Occurrence<SequenceRef>, CaseIndex)>> = BTreeMap::new();
        for (case, evidence) in outcomes.evidence() {
            for (difference, occurrence) in &evidence.occurrences {
                seen.entry(difference.clone()).or_default().push((*occurrence, case));
            }
        }
        let loss_rate = self.limits.loss_rate();
        let share = self.limits.remaining_requests().map(|left| left / (seen.len() as u64).max(1));
        seen.into_iter()
            .map(|(difference, occurrences)| {
                let chance = if difference.is_no_response() {
                    loss_rate
                } else {
                    rate(&difference, &occurrences, outcomes)
                };
                Group { chance, share, ..Group::new(difference, occurrences, &self.plan) }
            })
            .collect()
    }

    /// Runs `work` on each item, several at once, each on a thread of its own. An item whose thread panics is
    /// left out.
    async fn on_threads<I, O>(
        &self,
        items: Vec<I>,
        work: impl Fn(&Self, &Shrinker<'_, T>, &I) -> O + Copy + Send + 'static,
    ) -> Vec<(I, O)>
    where
        I: Send + 'static,
        O: Send + 'static,
    {
        let at_once = if self.executor().waits() { MAX_AT_ONCE } else { self.plan.concurrency.initial() };
        let may_be_alone = self.may_be_alone(items.len());
        let mut items = items.into_iter();
        let (mut running, mut done) = (JoinSet::new(), Vec::new());
        loop {
            while running.len() < at_once
                && let Some(item) = items.next()
            {
                let (run, runtime) = (self.clone(), Handle::current());
                running.spawn_blocking(move || {
                    let worked = work(&run, &run.shrinker(&runtime, may_be_alone), &item);
                    (item, worked)
                });
            }
            let Some(finished) = running.join_next().await else { break };
            done.extend(finished);
        }
        done
    }

    /// Whether there is time to be alone with the target for each of so many differences. Those of a slow
    /// target are reproduced together.
    fn may_be_alone(&self, differences: usize) -> bool {
        let Some(deadline) = self.deadline else { return true };
        let each = Duration::from_micros(self.latency_micros()) * REQUESTS_EACH;
        let all = each.saturating_mul(u32::try_from(differences).unwrap_or(u32::MAX));
        all * 2 < deadline.saturating_duration_since(Instant::now())
    }

    fn shrinker<'a>(&'a self, runtime: &'a Handle, may_be_alone: bool) -> Shrinker<'a, T> {
        Shrinker {
            executor: self.executor(),
            limits: &self.limits,
            deadline: self.deadline,
            exclusive: &self.exclusive,
            may_be_alone,
            runtime,
        }
    }

    /// Sends the sequences of a difference again until one shows it.
    fn reproduce(&self, shrinker: &Shrinker<'_, T>, group: &Group) -> Resolution {
        let mut attempts = Attempts::default();
        let mut cost = Cost::new(group.share);
        for (number, (occurrence, case)) in group.occurrences.iter().take(MAX_CANDIDATES).enumerate() {
            let result = self.with_source(*case, *occurrence, |source| {
                shrinker.reproduce(source, &group.difference, group.chance, &mut cost)
            });
            match result {
                Some(Reproduction::Shown(shown)) => return Resolution::Reproduced(number, shown),
                Some(Reproduction::Not(Unconfirmed::TargetGone)) => return self.resolve_gone(group),
                Some(Reproduction::Not(Unconfirmed::NotReproduced(stop))) => {
                    return Resolution::NotReproduced(stop.to_string());
                }
                Some(Reproduction::Not(reason)) => attempts.record(*case, reason),
                None => {}
            }
        }
        self.resolve_unconfirmed(shrinker, group, attempts, &mut cost)
    }

    /// What a difference amounts to if the target stops responding.
    fn resolve_gone(&self, group: &Group) -> Resolution {
        let stop = self.limits.given_up().unwrap_or(StopReason::Silent).to_string();
        if group.difference.is_no_response() {
            Resolution::Confirmed(Box::new(ConfirmedDifference::inconclusive(stop)))
        } else {
            Resolution::NotReproduced(stop)
        }
    }

    /// What a difference amounts to that none of its sequences showed again.
    fn resolve_unconfirmed(
        &self,
        shrinker: &Shrinker<'_, T>,
        group: &Group,
        attempts: Attempts,
        cost: &mut Cost,
    ) -> Resolution {
        let Attempts { flaky, excused, lost } = attempts;
        if let Some(excuse) = excused {
            return Resolution::NotReproduced(excuse.to_string());
        }
        if group.difference.is_no_response() {
            // The network may have caused it as well.
            let reason = format!("{} came once and could not be reproduced", group.difference.actual);
            return Resolution::Confirmed(Box::new(ConfirmedDifference::inconclusive(reason)));
        }
        if let Some(failure) = lost.filter(|_| flaky.is_none()) {
            return Resolution::NotReproduced(failure.to_string());
        }
        let finding = flaky.and_then(|(case, steps)| {
            let steps = shrinker.without_idle_steps(steps, &group.difference, cost);
            group.subject(case).finding(&self.plan, Verdict::Flaky, &steps)
        });
        Resolution::Confirmed(Box::new(ConfirmedDifference {
            verdict: Verdict::Flaky,
            finding,
            reason: None,
        }))
    }

    /// Shrinks a difference that was reproduced, as long as there is time.
    fn minimize(
        &self,
        shrinker: &Shrinker<'_, T>,
        item: &(Group, usize, ReproducedSequence),
    ) -> ConfirmedDifference {
        let (group, number, shown) = item;
        let (occurrence, case) = group.occurrences[*number];
        let mut cost = Cost::new(group.share);
        let minimized = self.with_source(case, occurrence, |source| {
            shrinker.minimize(source, &group.difference, shown.clone(), group.chance, &mut cost)
        });
        let reproduced = &shown.executed.steps;
        let (verdict, steps, why) = match &minimized {
            Some(Minimized::Shown(steps, stop)) => {
                (Verdict::Failed, steps, stop.map(|stop| stop.to_string()))
            }
            Some(Minimized::Not(Unconfirmed::Flaky(steps))) => (Verdict::Flaky, steps, None),
            // It was reproduced before.
            Some(Minimized::Not(not)) => {
                (Verdict::Failed, reproduced, Some(not.reason(self.limits.given_up())))
            }
            None => (Verdict::Failed, reproduced, None),
        };
        let finding = group.subject(case).finding(&self.plan, verdict, steps);
        let confirmed = ConfirmedDifference { verdict, finding, reason: None };
        match why {
            Some(why) => confirmed.not_minimized(why),
            None => confirmed,
        }
    }

    /// Calls `look` with a sequence of a case.
    fn with_source<O>(
        &self,
        case: CaseIndex,
        occurrence: Occurrence<SequenceRef>,
        look: impl FnOnce(&Source<'_>) -> O,
    ) -> O {
        let samples = self.plan.samples_of(case);
        let snapshot = self.plan.snapshot(case);
        let (shown, length) = (occurrence.place, occurrence.size.steps());
        look(&Source::Sample { samples: &samples, shown, length, snapshot: snapshot.as_ref() })
    }

    /// What a difference amounts to that could not be reproduced: *failed* if a case showed it in most of its
    /// sequences, *flaky* if several sequences did, and inconclusive if one did.
    fn not_reproduced(&self, group: &Group, outcomes: &CaseOutcomes, why: &str) -> ConfirmedDifference {
        let Group { difference, occurrences, .. } = group;
        let evidence =
            self.smallest.of(difference).filter(|_| !difference.is_no_response() && group.count() > 1);
        let (Some(steps), Some((_, case))) = (evidence, occurrences.first()) else {
            return ConfirmedDifference::inconclusive(format!(
                "{} was {}, not {}, but could not be reproduced: {why}",
                difference.field, difference.actual, difference.expected
            ));
        };
        let verdict = if group.is_the_rule(outcomes) { Verdict::Failed } else { Verdict::Flaky };
        let finding = group.subject(*case).finding(&self.plan, verdict, &steps);
        ConfirmedDifference { verdict, finding, reason: None }.not_minimized(why.to_owned())
    }

    /// Makes a finding of a value that two sequences were issued, unless one sequence shows the same failure.
    pub(crate) async fn confirm_collisions(&self, confirmed: &mut Confirmed) {
        let collisions = self.plan.restored.registry.collisions();
        let Some((first, again)) = collisions.pairs.first().copied() else { return };
        let (run, runtime) = (self.clone(), Handle::current());
        let resolved =
            tokio::task::spawn_blocking(move || run.resolve_collision(&runtime, first, again)).await;
        let Ok(Some((difference, minimized))) = resolved else { return };
        let (verdict, steps) = match minimized {
            Minimized::Shown(steps, _) => (Verdict::Failed, steps),
            Minimized::Not(Unconfirmed::Flaky(steps)) => (Verdict::Flaky, steps),
            Minimized::Not(_) => return,
        };
        if confirmed.keys().all(|known| known.requirement != difference.requirement) {
            let case = CaseIndex(again.case());
            let subject = Subject { difference: &difference, case, count: collisions.count };
            let finding = subject.finding(&self.plan, verdict, &steps);
            confirmed.insert(difference, ConfirmedDifference { verdict, finding, reason: None });
        }
    }

    /// Reproduces and shrinks a value that was issued twice.
    fn resolve_collision(
        &self,
        runtime: &Handle,
        first: Origin,
        again: Origin,
    ) -> Option<(Difference, Minimized)> {
        let steps = [self.steps_to(first), self.steps_to(again)];
        let difference = self.issued_again(&steps[1])?;
        let (source, mut cost) = (Source::Steps(joined(steps)), Cost::new(None));
        let shrinker = self.shrinker(runtime, true);
        let chance = self.limits.loss_rate();
        let minimized = match shrinker.reproduce(&source, &difference, chance, &mut cost)? {
            Reproduction::Shown(shown) => {
                shrinker.minimize(&source, &difference, shown, chance, &mut cost)?
            }
            Reproduction::Not(not) => Minimized::Not(not),
        };
        Some((difference, minimized))
    }

    /// The steps up to where a value was issued.
    fn steps_to(&self, origin: Origin) -> Vec<Step> {
        let samples = self.plan.samples_of(CaseIndex(origin.case()));
        let sample = samples.tree(origin.sample()).map(|tree| tree.current());
        let steps = sample.map(|sample| origin.variation().steps_of(&sample).to_vec()).unwrap_or_default();
        steps.into_iter().take(origin.step() + 1).collect()
    }

    /// The difference of a response that issues a value again.
    fn issued_again(&self, steps: &[Step]) -> Option<Difference> {
        let contract = &self.plan.world.contract;
        let operation = contract.operation(&steps.last()?.call.operation)?;
        let (user, member) = contract.consumer_of(operation)?;
        Some(Difference {
            requirement: unique(user, member),
            field: Field::Freshness,
            expected: TokenState::New.into(),
            actual: TokenState::IssuedBefore.into(),
        })
    }
}

/// The share of the responses that tested the same requirement which showed a difference.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn rate(
    difference: &Difference,
    occurrences: &[(Occurrence<SequenceRef>, CaseIndex)],
    outcomes: &CaseOutcomes,
) -> f64 {
    let shown: u64 = occurrences.iter().map(|(occurrence, _)| occurrence.count).sum();
    shown as f64 / outcomes.responses(&difference.requirement).max(1) as f64
}

/// Whether a difference is known already. A value that was collapsed into a varying one is known with it.
fn is_known(difference: &Difference, confirmed: &Confirmed) -> bool {
    let varies = !difference.is_no_response() && confirmed.contains_key(&difference.clone().varying());
    varies || confirmed.contains_key(difference)
}

/// Joins two sequences to one.
fn joined([first, second]: [Vec<Step>; 2]) -> Vec<Step> {
    let before = first.len();
    let second = second.into_iter().map(|mut step| {
        step.call.shift(before);
        step
    });
    first.into_iter().chain(second).collect()
}

/// Whether calls were sent at the same time.
fn is_race(finding: &Finding) -> bool {
    finding.counterexample.iter().any(|exchange| exchange.request.at_once)
}

/// Moves flaky differences to the requirement that equal requests get equal responses, and notes their rate.
///
/// There is one finding for each kind of response. A difference keeps the level of its requirement: one from
/// a SHOULD stays with it, unless the same response differs from a MUST too, since it may come to any
/// request. Differences that depend on which of several calls comes first, or on all values of a run, stay
/// where they are.
pub(crate) fn demote_flaky(plan: &Plan, outcomes: &CaseOutcomes, confirmed: &mut Confirmed) {
    for (level, difference) in flaky(plan, confirmed) {
        let Some(key) = plan.stability_of(&difference) else { continue };
        let Some(ConfirmedDifference { finding: Some(mut finding), .. }) = confirmed.remove(&difference)
        else {
            continue;
        };
        if level == Level::Should && !confirmed.contains_key(&key) {
            finding.of = Some(outcomes.responses(&difference.requirement));
            let own = ConfirmedDifference { verdict: Verdict::Flaky, finding: Some(finding), reason: None };
            confirmed.insert(difference, own);
            continue;
        }
        finding.of = Some(outcomes.responses(&key.requirement));
        let whole = confirmed.entry(key).or_insert(ConfirmedDifference {
            verdict: Verdict::Flaky,
            finding: None,
            reason: None,
        });
        match &mut whole.finding {
            Some(known) => {
                finding.count += known.count;
                // The shorter sequence becomes the counterexample.
                if finding.counterexample.len() < known.counterexample.len() {
                    *known = finding;
                } else {
                    known.count = finding.count;
                }
            }
            None => whole.finding = Some(finding),
        }
    }
}

/// The flaky differences that may have to move, each with the level of its requirement; MUST comes first.
fn flaky(plan: &Plan, confirmed: &Confirmed) -> Vec<(Level, Difference)> {
    let moves = |difference: &Difference, confirmed: &ConfirmedDifference| {
        confirmed.verdict == Verdict::Flaky
            && difference.field != Field::Freshness
            && !(difference.is_success() && confirmed.finding.as_ref().is_some_and(is_race))
    };
    let level = |difference: &Difference| Some(plan.catalogue.requirement(&difference.requirement)?.level);
    let moving = confirmed.iter().filter(|(difference, confirmed)| moves(difference, confirmed));
    let mut flaky: Vec<(Level, Difference)> =
        moving.filter_map(|(difference, _)| Some((level(difference)?, difference.clone()))).collect();
    flaky.sort();
    flaky
}

impl Subject<'_> {
    /// A finding whose counterexample are these steps.
    fn finding(&self, plan: &Plan, verdict: Verdict, steps: &[ExecutedStep]) -> Option<Finding> {
        let last = steps.last()?;
        let counterexample = record(&plan.world, steps, &plan.secrets, plan.route.scope.is_some());
        Some(Finding {
            number: 0,
            group: 0,
            verdict,
            case: plan.case(self.case).id.clone(),
            cases: Vec::new(),
            known: None,
            count: self.count,
            expected: last.expectation.outcome().to_string(),
            actual: last.outcome.to_string(),
            differences: self.differences(verdict, last),
            curl: reports::render::command::curl(
                &plan.route,
                counterexample.iter().map(|exchange| &exchange.request),
            ),
            counterexample,
            replay: String::new(),
            reach: plan.reach.clone(),
            target: None,
            of: None,
            not_minimized: None,
        })
    }

    /// The differences of the last step, as a report shows them.
    fn differences(&self, verdict: Verdict, last: &ExecutedStep) -> Vec<reports::model::Difference> {
        let differences = match &last.judgement {
            Judgement::Compared { differences, .. } if verdict == Verdict::Failed => differences.as_slice(),
            _ => std::slice::from_ref(self.difference),
        };
        // The field of this finding comes first: the others may have findings of their own.
        let mut differences: Vec<_> = differences.iter().collect();
        differences.sort_by_key(|other| !other.is_like(self.difference));
        let shown = differences.into_iter().map(|other| reports::model::Difference {
            field: other.field.to_string(),
            expected: other.expected.to_string(),
            // A varying value is shown as such.
            actual: if other.is_like(self.difference) { &self.difference.actual } else { &other.actual }
                .to_string(),
        });
        shown.collect()
    }
}
