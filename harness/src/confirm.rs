//! Looks again at what differed: each difference once, on behalf of all cases that saw it, when they
//! are done. So the order in which they happen to run changes no report.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cases::call::Step;
use cases::id::RequirementId;
use cases::outcome::Field;
use cases::requirement::{stability, unique};
use reports::report::{Finding, Verdict};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::census::Origin;
use crate::explore::{Part, Samples, Shown};
use crate::judge::{Difference, Judgement};
use crate::limits::Stop;
use crate::play::PlayedStep;
use crate::record::record;
use crate::run::{Plan, Run};
use crate::shrink::{Confirmed, Cost, Shrinker, Source};
use crate::transport::Transport;
use crate::verdict::{Found, Tried};
use crate::witness::Witness;

/// How many cases may stand for one difference before it counts as unstable.
const MOST_CANDIDATES: usize = 32;

impl<T: Transport + 'static> Run<T> {
    /// Looks again at every difference, on behalf of all cases that saw it: the smallest witness
    /// speaks for the others.
    pub(crate) async fn confirm(&self, tried: &[Option<Tried>], found: &mut BTreeMap<Difference, Found>) {
        let mut groups: BTreeMap<Difference, Vec<(Witness<Shown>, usize)>> = BTreeMap::new();
        for (index, tried) in tried.iter().enumerate() {
            if let Some(Tried::Explored(explored)) = tried {
                for (difference, witness) in &explored.witnesses {
                    groups.entry(difference.clone()).or_default().push((*witness, index));
                }
            }
        }
        // What costs least to look at comes first.
        let size =
            |witnesses: &[(Witness<Shown>, usize)]| witnesses.iter().map(|(witness, _)| witness.size).min();
        let mut waiting: Vec<_> = groups.into_iter().collect();
        waiting.sort_by_key(|(_, witnesses)| Reverse(size(witnesses)));
        // How often something shows by chance: an answer as often as it did in all that tested the same, and
        // none as often as any request got none.
        let loss = self.limits.loss();
        let chance = |difference: &Difference, witnesses: &[(Witness<Shown>, usize)]| {
            if difference.is_fault() { loss } else { rate(difference, witnesses, tried) }
        };
        let share = self.limits.left().map(|left| left / (waiting.len() as u64).max(1));
        let mut running = JoinSet::new();
        loop {
            while running.len() < self.plan.concurrency
                && let Some((difference, witnesses)) = waiting.pop()
            {
                let chance = chance(&difference, &witnesses);
                running.spawn_blocking(self.settling(difference, witnesses, chance, share));
            }
            let Some(finished) = running.join_next().await else { break };
            if let Ok((difference, settled)) = finished {
                found.insert(difference, settled);
            }
        }
    }

    /// Looks again at what one case showed and no other one did before.
    pub(crate) async fn confirm_one(
        &self,
        tried: &[Option<Tried>],
        case: usize,
        found: &mut BTreeMap<Difference, Found>,
    ) {
        let Some(Tried::Explored(explored)) = &tried[case] else { return };
        for (difference, witness) in &explored.witnesses {
            if found.contains_key(difference) {
                continue;
            }
            let (witnesses, left) = (vec![(*witness, case)], self.limits.left());
            let settling = self.settling(difference.clone(), witnesses, self.limits.loss(), left);
            if let Ok((difference, settled)) = tokio::task::spawn_blocking(settling).await {
                found.insert(difference, settled);
            }
        }
    }

    fn settling(
        &self,
        difference: Difference,
        mut witnesses: Vec<(Witness<Shown>, usize)>,
        chance: f64,
        share: Option<u64>,
    ) -> impl FnOnce() -> (Difference, Found) + Send + use<T> {
        witnesses.sort_by_key(|(witness, case)| (witness.place.part == Part::Twin, witness.size, *case));
        // The smallest of each requirement come first: they differ most in what they do.
        let mut seen: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let rank = |(_, case): &(Witness<Shown>, usize)| {
            let rank = seen.entry(&self.plan.catalogue.cases[*case].requirement).or_default();
            std::mem::replace(rank, *rank + 1)
        };
        let ranks: Vec<usize> = witnesses.iter().map(rank).collect();
        let mut ranked: Vec<_> = ranks.into_iter().zip(witnesses).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let witnesses: Vec<_> = ranked.into_iter().map(|(_, witness)| witness).collect();
        let run = self.clone();
        let runtime = Handle::current();
        move || {
            let shrinker = run.shrinker(&runtime);
            let found = run.settle(&shrinker, &difference, &witnesses, chance, Cost::new(share));
            (difference, found)
        }
    }

    fn shrinker<'a>(&'a self, runtime: &'a Handle) -> Shrinker<'a, T> {
        Shrinker { player: self.player(), limits: &self.limits, quiet: &self.quiet, runtime }
    }

    /// What one difference amounts to.
    fn settle(
        &self,
        shrinker: &Shrinker<'_, T>,
        difference: &Difference,
        witnesses: &[(Witness<Shown>, usize)],
        chance: f64,
        mut cost: Cost,
    ) -> Found {
        let count = witnesses.iter().map(|(witness, _)| witness.count).sum();
        let (mut unstable, mut excused, mut lost) = (None, None, None);
        for (witness, index) in witnesses.iter().take(MOST_CANDIDATES) {
            let case = &self.plan.catalogue.cases[*index];
            let samples = &Samples::new(case, &self.plan.world, self.plan.seed);
            let snapshot = self.plan.snapshot(*index);
            let source = Source::Sample { samples, shown: witness.place, snapshot: snapshot.as_ref() };
            match shrinker.confirm(source, difference, chance, &mut cost) {
                Some(Confirmed::Violated(steps)) => {
                    let finding = finding(&self.plan, Verdict::Violated, difference, *index, count, &steps);
                    return Found { verdict: Verdict::Violated, finding, reason: None };
                }
                Some(Confirmed::Inconclusive) => {
                    let stop = self.limits.gone().unwrap_or(Stop::Silent);
                    return Found::inconclusive(stop.to_string());
                }
                Some(Confirmed::Unlooked(stop)) => return unlooked(difference, &stop),
                Some(Confirmed::Excused(excuse)) => {
                    excused.get_or_insert(excuse);
                }
                Some(Confirmed::Lost(fault)) => {
                    lost.get_or_insert(fault);
                }
                Some(Confirmed::Unstable(steps)) => {
                    unstable.get_or_insert((*index, steps));
                }
                None => {}
            }
        }
        if let Some(excuse) = excused {
            return unlooked(difference, &excuse);
        }
        if difference.is_fault() {
            // The way there may have lost it as well.
            return Found::inconclusive(format!("{} was got once, but not again", difference.actual));
        }
        if let Some(fault) = lost.filter(|_| unstable.is_none()) {
            return unlooked(difference, &fault);
        }
        let finding = unstable.and_then(|(index, steps)| {
            finding(&self.plan, Verdict::Unstable, difference, index, count, &steps)
        });
        Found { verdict: Verdict::Unstable, finding, reason: None }
    }

    /// Makes findings of values that two sequences were given, unless one sequence shows as much.
    pub(crate) async fn collisions(&self, found: &mut BTreeMap<Difference, Found>) {
        let collisions = self.plan.past.census.collisions();
        let Some((first, again)) = collisions.pairs.first().copied() else { return };
        let (run, runtime) = (self.clone(), Handle::current());
        let settled = tokio::task::spawn_blocking(move || {
            let steps = [run.steps_to(first), run.steps_to(again)];
            let difference = run.issued_again(&steps[1])?;
            let confirmed = run.shrinker(&runtime).confirm(
                Source::Steps(joined(steps)),
                &difference,
                run.limits.loss(),
                &mut Cost::new(None),
            );
            Some((difference, confirmed))
        });
        let Ok(Some((difference, confirmed))) = settled.await else { return };
        let (verdict, steps) = match confirmed {
            Some(Confirmed::Violated(steps)) => (Verdict::Violated, steps),
            Some(Confirmed::Unstable(steps)) => (Verdict::Unstable, steps),
            Some(
                Confirmed::Inconclusive | Confirmed::Excused(_) | Confirmed::Lost(_) | Confirmed::Unlooked(_),
            )
            | None => return,
        };
        if found.keys().all(|known| known.requirement != difference.requirement) {
            let finding = finding(&self.plan, verdict, &difference, again.case(), collisions.count, &steps);
            found.insert(difference, Found { verdict, finding, reason: None });
        }
    }

    /// The steps up to where a value was issued.
    fn steps_to(&self, origin: Origin) -> Vec<Step> {
        let case = &self.plan.catalogue.cases[origin.case()];
        let samples = Samples::new(case, &self.plan.world, self.plan.seed);
        let sample = samples.tree(origin.sample()).map(|tree| tree.current());
        let steps = sample.map(|sample| origin.part().of(&sample).to_vec()).unwrap_or_default();
        steps.into_iter().take(origin.step() + 1).collect()
    }

    /// The difference of an answer that issues a value again.
    fn issued_again(&self, steps: &[Step]) -> Option<Difference> {
        let contract = &self.plan.world.contract;
        let operation = contract.operation(&steps.last()?.call.operation)?;
        let (user, member) = contract.issues(operation)?;
        Some(Difference {
            requirement: unique(user, member),
            field: Field::Freshness,
            expected: "<new>".to_owned(),
            actual: "<issued before>".to_owned(),
        })
    }
}

/// The part of the answers that tested the same requirement which showed a difference.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn rate(difference: &Difference, witnesses: &[(Witness<Shown>, usize)], tried: &[Option<Tried>]) -> f64 {
    let shown: u64 = witnesses.iter().map(|(witness, _)| witness.count).sum();
    shown as f64 / tests(&difference.requirement, tried).max(1) as f64
}

/// How many answers tested a requirement.
fn tests(requirement: &RequirementId, tried: &[Option<Tried>]) -> u64 {
    let answers = tried.iter().filter_map(|tried| match tried {
        Some(Tried::Explored(explored)) => explored.tested.get(requirement),
        _ => None,
    });
    answers.sum()
}

/// What was seen once, and could not be looked for again.
fn unlooked(difference: &Difference, why: &dyn std::fmt::Display) -> Found {
    Found::inconclusive(format!(
        "{} was {}, not {}, but could not be looked at again: {why}",
        difference.field, difference.actual, difference.expected
    ))
}

/// Two sequences as one.
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

/// Moves what did not come again to the requirement that equal requests get equal answers: one
/// finding for each kind of answer, with its rate. What depends on which of several calls comes
/// first, or on all values of a run, stays where it is.
pub(crate) fn steady(plan: &Plan, tried: &[Option<Tried>], found: &mut BTreeMap<Difference, Found>) {
    let moves = |difference: &Difference, found: &Found| {
        found.verdict == Verdict::Unstable
            && difference.field != Field::Freshness
            && !(difference.actual.starts_with('2') && found.finding.as_ref().is_some_and(is_race))
    };
    let unstable: Vec<Difference> =
        found.iter().filter(|(difference, found)| moves(difference, found)).map(|(d, _)| d.clone()).collect();
    for difference in unstable {
        let requirement = plan.catalogue.requirement(&difference.requirement);
        let operation =
            requirement.and_then(|requirement| plan.world.contract.operation(&requirement.operation));
        let (Some(operation), Some(Found { finding: Some(mut finding), .. })) =
            (operation, found.remove(&difference))
        else {
            continue;
        };
        let requirement = stability(&operation.name);
        finding.of = Some(tests(&requirement, tried));
        let key = Difference { requirement, expected: String::new(), ..difference };
        let whole =
            found.entry(key).or_insert(Found { verdict: Verdict::Unstable, finding: None, reason: None });
        match &mut whole.finding {
            Some(known) => {
                finding.count += known.count;
                // The shorter sequence speaks for both.
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

fn finding(
    plan: &Plan,
    verdict: Verdict,
    difference: &Difference,
    case: usize,
    count: u64,
    steps: &[PlayedStep],
) -> Option<Finding> {
    let last = steps.last()?;
    let counterexample = record(&plan.world, steps, &plan.secrets, plan.route.scope.is_some());
    let differences = match &last.judgement {
        Judgement::Judged { differences, .. } if verdict == Verdict::Violated => differences.as_slice(),
        _ => std::slice::from_ref(difference),
    };
    // The field of this finding comes first: the others may have findings of their own.
    let mut differences: Vec<_> = differences.iter().collect();
    differences.sort_by_key(|other| !other.is_like(difference));
    Some(Finding {
        verdict,
        case: plan.catalogue.cases[case].id.clone(),
        cases: Vec::new(),
        ledger: None,
        count,
        expected: last.expectation.outcome().to_string(),
        actual: last.outcome.to_string(),
        differences: differences
            .into_iter()
            .map(|other| reports::report::Difference {
                field: other.field.to_string(),
                expected: other.expected.clone(),
                // That it varies is what comes again.
                actual: if other.is_like(difference) { &difference.actual } else { &other.actual }.clone(),
            })
            .collect(),
        curl: reports::curl::curl(&plan.route, counterexample.iter().map(|exchange| &exchange.request)),
        counterexample,
        replay: String::new(),
        reach: plan.reach.clone(),
        target: None,
        of: None,
    })
}
