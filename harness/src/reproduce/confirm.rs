//! Looks again at what differed: each difference once, on behalf of all cases that saw it, when they
//! are done. So the order in which they happen to run changes no report.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cases::generate::Step;
use cases::id::{Level, RequirementId};
use cases::oracle::Field;
use cases::requirement::{stability, unique};
use reports::model::{Finding, Verdict};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::client::transport::Transport;
use crate::execute::executed::PlayedStep;
use crate::execute::samples::{Part, Samples};
use crate::execute::token_registry::Origin;
use crate::judge::judgement::{Difference, Judgement};
use crate::limits::Stop;
use crate::plan::context::Run;
use crate::plan::plan::Plan;
use crate::reproduce::shrink::{Cost, Minimized, NotShown, Reproduced, Shows, Shrinker, Source};
use crate::results::case_result::{Explored, Shown, Tried};
use crate::results::occurrence::{Size, Witness};
use crate::results::record::record;
use crate::results::verdict::Found;

/// How many cases may stand for one difference before it counts as flaky.
const MOST_CANDIDATES: usize = 32;

/// Requests that one difference takes to be reproduced, as a rule.
const REQUESTS_EACH: u32 = 9;
/// The most sequences that wait at the same time: each blocks a thread.
const MOST_AT_ONCE: usize = 256;

/// A difference, with all that showed it.
#[derive(Debug, Clone)]
struct Group {
    difference: Difference,
    /// The smallest of each case, with the index of the case, in the order in which they are tried.
    witnesses: Vec<(Witness<Shown>, usize)>,
    /// How often it shows by chance: a response as often as it did in all that tested the same, and none as
    /// often as any request got none.
    chance: f64,
    /// Requests that it may cost.
    share: Option<u64>,
}

/// What became of a group when its sequences were sent again.
enum Settled {
    /// A witness, by its index, came again as it was.
    Reproduced(usize, Shows),
    /// There was no time for it, and why.
    Unlooked(String),
    /// It is known what it amounts to.
    Found(Box<Found>),
}

impl Group {
    fn new(difference: Difference, mut witnesses: Vec<(Witness<Shown>, usize)>, plan: &Plan) -> Self {
        witnesses.sort_by_key(|(witness, case)| (witness.place.part == Part::Twin, witness.size, *case));
        // The smallest of each requirement come first: they differ most in what they do.
        let mut seen: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let rank = |(_, case): &(Witness<Shown>, usize)| {
            let rank = seen.entry(&plan.catalogue.cases[*case].requirement).or_default();
            std::mem::replace(rank, *rank + 1)
        };
        let ranks: Vec<usize> = witnesses.iter().map(rank).collect();
        let mut ranked: Vec<_> = ranks.into_iter().zip(witnesses).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let witnesses = ranked.into_iter().map(|(_, witness)| witness).collect();
        Self { difference, witnesses, chance: 0.0, share: None }
    }

    /// How many sequences showed it.
    fn count(&self) -> u64 {
        self.witnesses.iter().map(|(witness, _)| witness.count).sum()
    }

    /// The size of the smallest of them.
    fn size(&self) -> Option<Size> {
        self.witnesses.iter().map(|(witness, _)| witness.size).min()
    }

    /// Whether a case showed it time and again, in most of its sequences.
    fn is_the_rule(&self, tried: &[Option<Tried>]) -> bool {
        self.witnesses.iter().any(|(witness, case)| match &tried[*case] {
            Some(Tried::Explored(explored)) => witness.count > 1 && witness.count * 2 > explored.proofs,
            _ => false,
        })
    }
}

impl Plan {
    /// The same kind of answer as a breach of the requirement that equal requests get equal answers.
    fn stability_of(&self, difference: &Difference) -> Option<Difference> {
        let operation = &self.catalogue.requirement(&difference.requirement)?.operation;
        let operation = self.world.contract.operation(operation)?;
        let requirement = stability(&operation.name);
        Some(Difference { requirement, expected: String::new(), ..difference.clone() })
    }
}

impl<T: Transport + 'static> Run<T> {
    /// Looks again at every difference, on behalf of all cases that saw it: the smallest witness
    /// speaks for the others. First each is reproduced, then each is made smaller as long as there is time.
    pub(crate) async fn confirm(&self, tried: &[Option<Tried>], found: &mut BTreeMap<Difference, Found>) {
        let mut groups = self.groups(tried);
        // What costs least to look at comes first.
        groups.sort_by_key(Group::size);
        let reproduced = self.on_threads(groups, Self::reproduce).await;
        let mut larger = Vec::new();
        for (group, settled) in reproduced {
            match settled {
                Settled::Found(settled) => drop(found.insert(group.difference, *settled)),
                Settled::Unlooked(why) => {
                    let settled = self.unlooked(&group, tried, &why);
                    found.insert(group.difference, settled);
                }
                Settled::Reproduced(witness, shown) => larger.push((group, witness, shown)),
            }
        }
        let smaller = self.on_threads(larger, Self::minimize).await;
        found.extend(smaller.into_iter().map(|((group, ..), found)| (group.difference, found)));
    }

    /// Looks again at what one case showed and no other one did before.
    pub(crate) async fn confirm_one(
        &self,
        tried: &[Option<Tried>],
        case: usize,
        found: &mut BTreeMap<Difference, Found>,
    ) {
        let Some(Tried::Explored(_)) = &tried[case] else { return };
        // One of many values that are told as one is told with them.
        let is_told = |difference: &Difference| {
            let varies = !difference.is_fault() && found.contains_key(&difference.clone().varying());
            varies || found.contains_key(difference)
        };
        let is_new = |index: usize, tried: &Option<Tried>| match tried {
            Some(Tried::Explored(explored)) if index == case => Some(Tried::Explored(Explored {
                witnesses: explored
                    .witnesses
                    .iter()
                    .filter(|(difference, _)| !is_told(difference))
                    .map(|(difference, witness)| (difference.clone(), *witness))
                    .collect(),
                tested: explored.tested.clone(),
                proofs: explored.proofs,
                ..Explored::default()
            })),
            _ => None,
        };
        let own: Vec<Option<Tried>> =
            tried.iter().enumerate().map(|(index, tried)| is_new(index, tried)).collect();
        self.confirm(&own, found).await;
    }

    /// Every difference with the cases that saw it.
    fn groups(&self, tried: &[Option<Tried>]) -> Vec<Group> {
        let mut seen: BTreeMap<Difference, Vec<(Witness<Shown>, usize)>> = BTreeMap::new();
        for (index, tried) in tried.iter().enumerate() {
            if let Some(Tried::Explored(explored)) = tried {
                for (difference, witness) in &explored.witnesses {
                    seen.entry(difference.clone()).or_default().push((*witness, index));
                }
            }
        }
        let loss = self.limits.loss();
        let share = self.limits.left().map(|left| left / (seen.len() as u64).max(1));
        seen.into_iter()
            .map(|(difference, witnesses)| {
                let chance = if difference.is_fault() { loss } else { rate(&difference, &witnesses, tried) };
                Group { chance, share, ..Group::new(difference, witnesses, &self.plan) }
            })
            .collect()
    }

    /// Does the same for each item, some at once, each on a thread of its own. An item whose thread panics is
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
        let at_once = if self.player().waits() { MOST_AT_ONCE } else { self.plan.concurrency.at_first() };
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

    /// Whether there is time to be alone with the target for so many differences: of a slow one, some are
    /// looked at together.
    fn may_be_alone(&self, differences: usize) -> bool {
        let Some(deadline) = self.deadline else { return true };
        let each = Duration::from_micros(self.latency_micros()) * REQUESTS_EACH;
        let all = each.saturating_mul(u32::try_from(differences).unwrap_or(u32::MAX));
        all * 2 < deadline.saturating_duration_since(Instant::now())
    }

    fn shrinker<'a>(&'a self, runtime: &'a Handle, may_be_alone: bool) -> Shrinker<'a, T> {
        Shrinker {
            player: self.player(),
            limits: &self.limits,
            deadline: self.deadline,
            quiet: &self.quiet,
            may_be_alone,
            runtime,
        }
    }

    /// What one difference amounts to, or the witness of it that came again.
    fn reproduce(&self, shrinker: &Shrinker<'_, T>, group: &Group) -> Settled {
        let (mut flaky, mut excused, mut lost) = (None, None, None);
        let mut cost = Cost::new(group.share);
        for (number, (witness, index)) in group.witnesses.iter().take(MOST_CANDIDATES).enumerate() {
            let looked = self.looking_at(*index, *witness, |source| {
                shrinker.reproduce(source, &group.difference, group.chance, &mut cost)
            });
            match looked {
                Some(Reproduced::Shown(shown)) => return Settled::Reproduced(number, shown),
                Some(Reproduced::Not(NotShown::Inconclusive)) => {
                    let stop = self.limits.gone().unwrap_or(Stop::Silent).to_string();
                    return if group.difference.is_fault() {
                        Settled::Found(Box::new(Found::inconclusive(stop)))
                    } else {
                        Settled::Unlooked(stop)
                    };
                }
                Some(Reproduced::Not(NotShown::Unlooked(stop))) => {
                    return Settled::Unlooked(stop.to_string());
                }
                Some(Reproduced::Not(NotShown::Excused(excuse))) => {
                    excused.get_or_insert(excuse);
                }
                Some(Reproduced::Not(NotShown::Lost(fault))) => {
                    lost.get_or_insert(fault);
                }
                Some(Reproduced::Not(NotShown::Flaky(steps))) => {
                    flaky.get_or_insert((*index, steps));
                }
                None => {}
            }
        }
        if let Some(excuse) = excused {
            return Settled::Unlooked(excuse.to_string());
        }
        if group.difference.is_fault() {
            // The way there may have lost it as well.
            let reason = format!("{} was got once, but not again", group.difference.actual);
            return Settled::Found(Box::new(Found::inconclusive(reason)));
        }
        if let Some(fault) = lost.filter(|_| flaky.is_none()) {
            return Settled::Unlooked(fault.to_string());
        }
        let finding = flaky.and_then(|(index, steps)| {
            let steps = shrinker.without_idle(steps, &group.difference, &mut cost);
            finding(&self.plan, Verdict::Flaky, &group.difference, index, group.count(), &steps)
        });
        Settled::Found(Box::new(Found { verdict: Verdict::Flaky, finding, reason: None }))
    }

    /// What one difference amounts to that was reproduced, with the smallest sequence there was time for.
    fn minimize(&self, shrinker: &Shrinker<'_, T>, item: &(Group, usize, Shows)) -> Found {
        let (group, number, shown) = item;
        let (witness, index) = group.witnesses[*number];
        let mut cost = Cost::new(group.share);
        let found = |verdict, steps: &[PlayedStep]| Found {
            verdict,
            finding: finding(&self.plan, verdict, &group.difference, index, group.count(), steps),
            reason: None,
        };
        let minimized = self.looking_at(index, witness, |source| {
            shrinker.minimize(source, &group.difference, shown.clone(), group.chance, &mut cost)
        });
        match minimized {
            Some(Minimized::Shown(steps, None)) => found(Verdict::Failed, &steps),
            Some(Minimized::Shown(steps, Some(stop))) => {
                found(Verdict::Failed, &steps).not_minimized(stop.to_string())
            }
            Some(Minimized::Not(NotShown::Flaky(steps))) => found(Verdict::Flaky, &steps),
            // It came again before that.
            Some(Minimized::Not(not)) => {
                let why = not.reason(self.limits.gone());
                found(Verdict::Failed, &shown.played.steps).not_minimized(why)
            }
            None => found(Verdict::Failed, &shown.played.steps),
        }
    }

    /// Gives what `look` makes of the sequence that showed something.
    fn looking_at<O>(&self, case: usize, witness: Witness<Shown>, look: impl FnOnce(&Source<'_>) -> O) -> O {
        let samples = Samples::new(&self.plan.catalogue.cases[case], &self.plan.world, self.plan.seed);
        let snapshot = self.plan.snapshot(case);
        let (shown, length) = (witness.place, witness.size.steps());
        look(&Source::Sample { samples: &samples, shown, length, snapshot: snapshot.as_ref() })
    }

    /// What was seen, and could not be looked for again. What a case showed each time is a finding all the
    /// same, and what came now and then is an flaky one; what was seen once may have been chance.
    fn unlooked(&self, group: &Group, tried: &[Option<Tried>], why: &str) -> Found {
        let Group { difference, witnesses, .. } = group;
        let evidence = self.evidence.of(difference).filter(|_| !difference.is_fault() && group.count() > 1);
        let (Some(steps), Some((_, index))) = (evidence, witnesses.first()) else {
            return Found::inconclusive(format!(
                "{} was {}, not {}, but could not be looked at again: {why}",
                difference.field, difference.actual, difference.expected
            ));
        };
        let verdict = if group.is_the_rule(tried) { Verdict::Failed } else { Verdict::Flaky };
        let finding = finding(&self.plan, verdict, difference, *index, group.count(), &steps);
        Found { verdict, finding, reason: None }.not_minimized(why.to_owned())
    }

    /// Makes findings of values that two sequences were given, unless one sequence shows as much.
    pub(crate) async fn collisions(&self, found: &mut BTreeMap<Difference, Found>) {
        let collisions = self.plan.past.census.collisions();
        let Some((first, again)) = collisions.pairs.first().copied() else { return };
        let (run, runtime) = (self.clone(), Handle::current());
        let settled = tokio::task::spawn_blocking(move || {
            let steps = [run.steps_to(first), run.steps_to(again)];
            let difference = run.issued_again(&steps[1])?;
            let (source, mut cost) = (Source::Steps(joined(steps)), Cost::new(None));
            let shrinker = run.shrinker(&runtime, true);
            let chance = run.limits.loss();
            let reproduced = shrinker.reproduce(&source, &difference, chance, &mut cost)?;
            let minimized = match reproduced {
                Reproduced::Shown(played) => {
                    shrinker.minimize(&source, &difference, played, chance, &mut cost)?
                }
                Reproduced::Not(not) => Minimized::Not(not),
            };
            Some((difference, minimized))
        });
        let Ok(Some((difference, minimized))) = settled.await else { return };
        let (verdict, steps) = match minimized {
            Minimized::Shown(steps, _) => (Verdict::Failed, steps),
            Minimized::Not(NotShown::Flaky(steps)) => (Verdict::Flaky, steps),
            Minimized::Not(_) => return,
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

/// Gives what did not come again its place, with its rate. A difference keeps the level of its requirement:
/// that of a SHOULD stays with it. That of a MUST is moved to the requirement that equal requests get equal
/// answers: one finding for each kind of answer, to which that of a SHOULD goes as well, since what befalls
/// any request befalls those too. What depends on which of several calls comes first, or on all values of a
/// run, stays where it is.
pub(crate) fn steady(plan: &Plan, tried: &[Option<Tried>], found: &mut BTreeMap<Difference, Found>) {
    for (level, difference) in flaky(plan, found) {
        let Some(key) = plan.stability_of(&difference) else { continue };
        let Some(Found { finding: Some(mut finding), .. }) = found.remove(&difference) else { continue };
        if level == Level::Should && !found.contains_key(&key) {
            finding.of = Some(tests(&difference.requirement, tried));
            let own = Found { verdict: Verdict::Flaky, finding: Some(finding), reason: None };
            found.insert(difference, own);
            continue;
        }
        finding.of = Some(tests(&key.requirement, tried));
        let whole =
            found.entry(key).or_insert(Found { verdict: Verdict::Flaky, finding: None, reason: None });
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

/// What did not come again and has to find its place, each with the level of its requirement: what binds
/// comes first.
fn flaky(plan: &Plan, found: &BTreeMap<Difference, Found>) -> Vec<(Level, Difference)> {
    let moves = |difference: &Difference, found: &Found| {
        found.verdict == Verdict::Flaky
            && difference.field != Field::Freshness
            && !(difference.actual.starts_with('2') && found.finding.as_ref().is_some_and(is_race))
    };
    let level = |difference: &Difference| Some(plan.catalogue.requirement(&difference.requirement)?.level);
    let moving = found.iter().filter(|(difference, found)| moves(difference, found));
    let mut flaky: Vec<(Level, Difference)> =
        moving.filter_map(|(difference, _)| Some((level(difference)?, difference.clone()))).collect();
    flaky.sort();
    flaky
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
        Judgement::Judged { differences, .. } if verdict == Verdict::Failed => differences.as_slice(),
        _ => std::slice::from_ref(difference),
    };
    // The field of this finding comes first: the others may have findings of their own.
    let mut differences: Vec<_> = differences.iter().collect();
    differences.sort_by_key(|other| !other.is_like(difference));
    Some(Finding {
        number: 0,
        group: 0,
        verdict,
        case: plan.catalogue.cases[case].id.clone(),
        cases: Vec::new(),
        known: None,
        count,
        expected: last.expectation.outcome().to_string(),
        actual: last.outcome.to_string(),
        differences: differences
            .into_iter()
            .map(|other| reports::model::Difference {
                field: other.field.to_string(),
                expected: other.expected.clone(),
                // That it varies is what comes again.
                actual: if other.is_like(difference) { &difference.actual } else { &other.actual }.clone(),
            })
            .collect(),
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
