//! Makes the samples of a case.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::call_factory::{Base, CallFactory};
use super::combination::Row;
use super::deviation::{BodyFault, Deviation, Twice};
use super::fixture_pairs::{MOST_PAIRS, distinct_pairs, foreign_pairs};
use super::near_miss::NearMiss;
use super::sample::{Sample, Step};
use super::sequence::{self, Sequence};
use super::value::Change;
use crate::fixture::Naming;
use crate::id::RequirementId;
use crate::protocol::{Arg, Form};
use crate::requirement;

/// Makes the samples of one case.
#[derive(Debug, Clone)]
pub(crate) struct Sampler {
    pub(crate) calls: CallFactory,
    /// The requirement that the case tests.
    pub(crate) requirement: RequirementId,
}

impl Sampler {
    /// The samples of a deviation: one strategy for each boundary, simplest first, and last the one
    /// for everything.
    pub(crate) fn strategies(&self, deviation: &Deviation) -> Vec<BoxedStrategy<Sample>> {
        match deviation {
            Deviation::Naming(naming) => self.named(*naming),
            Deviation::Member { name, value } => {
                let name = name.clone();
                self.drawn(value.boundaries(), value.strategy(), move |this, base, change| {
                    this.changed(base, &name, &change)
                })
            }
            Deviation::Body(faults) => self.all(faults.to_vec(), prop::sample::select(*faults), Self::spoilt),
            Deviation::Form(forms) => {
                let bases =
                    [Some(self.calls.base(0, Naming::Id)), self.calls.beyond_bmp()].into_iter().flatten();
                let boundaries =
                    bases.flat_map(|base| forms.iter().map(move |form| (base.clone(), *form))).collect();
                let any = (self.calls.bases(), prop::sample::select(forms.clone()));
                self.all(boundaries, any, |this, _, (base, form)| this.formed(&base, form))
            }
            Deviation::Twice(twice) => {
                self.all(twice.clone(), prop::sample::select(twice.clone()), Self::doubled)
            }
            Deviation::Chain { boundaries, calls } => {
                self.all(boundaries.to_vec(), calls.0..=calls.1, Self::chain)
            }
            Deviation::Near(near) => {
                let misses = near.misses(&self.calls.world.fixtures);
                if misses.is_empty() {
                    return Vec::new();
                }
                let boundaries = near.boundaries(&misses);
                let member = near.member.name.clone();
                self.all(boundaries, prop::sample::select(misses), move |this, _, miss| {
                    this.near(&member, miss)
                })
            }
            Deviation::Spliced => self.all(vec![false, true], any::<bool>(), Self::spliced),
            Deviation::Foreign { member } => {
                let member = member.clone();
                let pairs = foreign_pairs(&self.calls.world.fixtures);
                self.each_pair(pairs, move |this, base, other| this.foreign(&member, base, other))
            }
            Deviation::Timed { member, seconds, calls } => {
                let (member, seconds, calls) = (member.clone(), *seconds, calls.clone());
                self.each_base(move |this, base| this.timed(base, &member, seconds, &calls))
            }
            Deviation::Expired { after } => {
                let after = *after;
                self.each_base(move |this, base| this.expired(base, after))
            }
            Deviation::Reuse { value, later, times } => {
                let (value, later, times) = (*value, *later, *times);
                self.each_base(move |this, base| this.reuse(base, value, later, times))
            }
            Deviation::EachAgain { calls } => {
                let calls = *calls;
                self.each_base(move |this, base| this.each_again(base, calls))
            }
            Deviation::Race { value, calls } => {
                let (value, calls) = (*value, *calls);
                self.each_base(move |this, base| this.race(base, value, calls))
            }
            Deviation::Turns { boundaries } => {
                self.all(boundaries.to_vec(), (2..=4_usize, 1..=6_usize), |this, base, (sessions, calls)| {
                    this.turns(base, sessions, calls)
                })
            }
            Deviation::Isolated => self.each_pair(distinct_pairs(&self.calls.world.fixtures), Self::isolated),
            Deviation::Paired => {
                let fixtures = 0..self.calls.world.fixtures.len();
                let boundaries = fixtures.clone().take(MOST_PAIRS).collect();
                self.all(boundaries, fixtures, |this, _, fixture| this.paired(fixture))
            }
            Deviation::Walk { too_long } => {
                let too_long = *too_long;
                self.all(vec![sequence::tour()], sequence::moves(), move |this, base, moves| {
                    this.walk(base, &moves, too_long)
                })
            }
            Deviation::Combination(rows) => {
                let any = (prop::sample::select(rows.to_vec()), prop::sample::select(rows.to_vec()))
                    .prop_map(|(one, other)| one.with(&other));
                self.all(rows.to_vec(), any, |this, base, row| this.combined(base, &row))
            }
            Deviation::Then { first, requirement } => {
                let sampler = self.clone();
                let then = move |first: Sample| sampler.then(first);
                let refused = Sampler { requirement: requirement.clone(), ..self.clone() };
                let strategies = refused.strategies(first).into_iter();
                strategies.map(|strategy| strategy.prop_map(then.clone()).boxed()).collect()
            }
        }
    }

    /// Valid calls that name resources so.
    fn named(&self, naming: Option<Naming>) -> Vec<BoxedStrategy<Sample>> {
        let fixtures = 0..self.calls.world.fixtures.len();
        let fixed = naming.unwrap_or(Naming::Id);
        let boundaries = fixtures.clone().map(|fixture| self.calls.base(fixture, fixed)).collect();
        match naming {
            Some(_) => {
                let any = fixtures.prop_map({
                    let sampler = self.clone();
                    move |fixture| sampler.calls.base(fixture, fixed)
                });
                self.all(boundaries, any, |this, _, base| this.nominal(&base))
            }
            None => self.all(boundaries, self.calls.bases(), |this, _, base| this.nominal(&base)),
        }
    }

    /// Strategies where only the base differs.
    fn each_base(
        &self,
        make: impl Fn(&Sampler, &Base) -> Sample + Clone + 'static,
    ) -> Vec<BoxedStrategy<Sample>> {
        self.all(vec![()], Just(()), move |this, base, ()| make(this, base))
    }

    /// Strategies for each of these pairs of fixtures; none if there are none.
    fn each_pair(
        &self,
        pairs: Vec<(usize, usize)>,
        make: impl Fn(&Sampler, usize, usize) -> Sample + Clone + 'static,
    ) -> Vec<BoxedStrategy<Sample>> {
        if pairs.is_empty() {
            return Vec::new();
        }
        let any = prop::sample::select(pairs.clone());
        self.all(pairs, any, move |this, _, (one, other)| make(this, one, other))
    }

    /// Strategies for each of `boundaries` on the simplest base, then for `any` on any base.
    fn all<V, S, T>(&self, boundaries: Vec<V>, any: S, make: T) -> Vec<BoxedStrategy<Sample>>
    where
        V: Clone + std::fmt::Debug + 'static,
        S: Strategy<Value = V> + 'static,
        T: Fn(&Sampler, &Base, V) -> Sample + Clone + 'static,
    {
        self.drawn(boundaries.into_iter().map(|value| Just(value).boxed()).collect(), any, make)
    }

    /// The same for boundaries that are drawn too. Base and value are independent, so that both
    /// shrink in few steps.
    fn drawn<V, S, T>(&self, boundaries: Vec<BoxedStrategy<V>>, any: S, make: T) -> Vec<BoxedStrategy<Sample>>
    where
        V: std::fmt::Debug + 'static,
        S: Strategy<Value = V> + 'static,
        T: Fn(&Sampler, &Base, V) -> Sample + Clone + 'static,
    {
        let sampler = Arc::new(self.clone());
        let simplest = Arc::new(self.calls.base(0, Naming::Id));
        let mut strategies: Vec<_> = boundaries
            .into_iter()
            .map(|boundary| {
                let (sampler, simplest, make) = (Arc::clone(&sampler), Arc::clone(&simplest), make.clone());
                boundary.prop_map(move |value| make(&sampler, &simplest, value)).boxed()
            })
            .collect();
        let any = (self.calls.bases(), any).prop_map(move |(base, value)| make(&sampler, &base, value));
        strategies.push(any.boxed());
        strategies
    }

    fn nominal(&self, base: &Base) -> Sample {
        let steps = self.valid(base, 1);
        Sample::plain(self.about_last(steps))
    }

    /// The steps of `calls` valid calls in a row.
    fn valid(&self, base: &Base, calls: usize) -> Vec<Step> {
        let Some(mut sequence) = Sequence::new(&self.calls) else {
            let call = || self.calls.call(&self.calls.operation, base);
            return (0..calls)
                .map(|_| Step::new(call(), requirement::accepts(&self.calls.operation)))
                .collect();
        };
        let session = sequence.start(base);
        (0..calls).for_each(|_| sequence.call(session));
        sequence.steps
    }

    /// The last step is what the case is about: its status speaks of the case's requirement.
    fn about_last(&self, mut steps: Vec<Step>) -> Vec<Step> {
        if let Some(last) = steps.last_mut() {
            last.requirement = self.requirement.clone();
        }
        steps
    }

    fn changed(&self, base: &Base, member: &str, change: &Change) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            match change {
                Change::Set(arg) => last.call.set(member, arg.clone()),
                Change::Wrap(before, behind) => {
                    if let Some(text) = self.wrapped(base, member, before, behind) {
                        last.call.set(member, Some(Arg::Text(text)));
                    }
                }
                Change::Alter(alteration) => {
                    if let Some(Arg::Output(output)) = last.call.arg(member) {
                        let altered = Arg::Output(output.altered(*alteration));
                        last.call.set(member, Some(altered));
                    }
                }
                Change::Join(joining) => {
                    if let Some(Arg::Output(output)) = last.call.arg(member) {
                        let joined = Arg::Joined(joining.of(output));
                        last.call.set(member, Some(joined));
                    }
                }
                Change::Rename(other) => {
                    let args = last.call.args.iter_mut();
                    args.filter(|(name, _)| name == member).for_each(|(name, _)| name.clone_from(other));
                }
                Change::Add(name, arg) => last.call.set(name, Some(arg.clone())),
            }
        }
        Sample::beside(without_idle_setup(steps), twin)
    }

    /// The text of a member between two others: the name or id that the base has, or the id where
    /// the name is too long for that.
    fn wrapped(&self, base: &Base, member: &str, before: &str, behind: &str) -> Option<String> {
        let wrap = |base: &Base| match self.calls.call(&self.calls.operation, base).arg(member) {
            Some(Arg::Text(text)) => Some(format!("{before}{text}{behind}")),
            _ => None,
        };
        let longest = self
            .calls
            .operation
            .input
            .iter()
            .find(|input| input.name == member)
            .and_then(|input| input.constraints.length?.max);
        wrap(base)
            .filter(|text| longest.is_none_or(|longest| text.chars().count() <= longest))
            .or_else(|| wrap(&self.calls.base(base.fixture, Naming::Id)))
    }

    fn spoilt(&self, base: &Base, fault: BodyFault) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut()
            && let Ok(request) =
                last.call.request(&self.calls.world.contract, |output| Some(output.placeholder()))
        {
            last.call.body = Some((fault.apply)(&String::from_utf8_lossy(&request.body)));
        }
        Sample::beside(steps, twin)
    }

    fn formed(&self, base: &Base, form: Form) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            last.call.form = form;
        }
        Sample::beside(steps, twin)
    }

    fn doubled(&self, base: &Base, twice: Twice) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        let mut alone = Vec::new();
        if let Some(last) = steps.last_mut() {
            let valid = last.call.arg(&twice.member).cloned();
            let member = self.calls.operation.input.iter().find(|member| member.name == twice.member);
            // What either value does by itself is no matter of there being two.
            for value in [&twice.first, &twice.second].into_iter().flatten() {
                let Some(member) = member else { continue };
                let mut step = last.clone();
                step.call.set(&twice.member, Some(value.clone()));
                step.requirement = requirement::of_member(&self.calls.operation, member, "type");
                alone.push(vec![step]);
            }
            let second = twice.second.or_else(|| valid.clone());
            last.call.set(&twice.member, twice.first.or(valid));
            last.call.args.extend(second.map(|arg| (twice.member, arg)));
        }
        Sample { alone, ..Sample::beside(without_idle_setup(steps), twin) }
    }

    fn chain(&self, base: &Base, calls: usize) -> Sample {
        Sample::plain(self.valid(base, calls))
    }

    /// The valid call for one fixture, but for a member that nearly names its resource.
    fn near(&self, member: &str, miss: NearMiss) -> Sample {
        let mut base = self.calls.base(miss.fixture, Naming::Id);
        let identifiers = self.calls.operation.input.iter().filter(|input| input.rules.identifies.is_some());
        let own = base.naming.iter_mut().zip(identifiers).filter(|(_, input)| input.name == member);
        own.for_each(|(naming, _)| *naming = miss.naming);
        let twin = self.valid(&base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            last.call.set(member, Some(Arg::Text(miss.text)));
        }
        Sample::beside(steps, twin)
    }

    /// A call with a value of two halves, which were issued in two sessions, or one after the other in
    /// the same one.
    fn spliced(&self, base: &Base, in_one: bool) -> Sample {
        self.sequence(base, if in_one { 2 } else { 1 }, |sequence| {
            let session = sequence.start(base);
            if in_one {
                sequence.call(session);
                sequence.spliced((session, 1), (session, 0));
            } else {
                let other = sequence.start(base);
                sequence.spliced((session, 0), (other, 0));
            }
        })
    }

    /// The valid call for one fixture, but for a member that names the resource of another.
    fn foreign(&self, member: &str, fixture: usize, other: usize) -> Sample {
        let twin = self.valid(&self.calls.base(fixture, Naming::Id), 1);
        let donor = self.calls.call(&self.calls.operation, &self.calls.base(other, Naming::Id));
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            last.call.set(member, donor.arg(member).cloned());
        }
        Sample::beside(steps, twin)
    }

    fn timed(&self, base: &Base, member: &str, seconds: i64, calls: &[Duration]) -> Sample {
        let twin = self.valid(base, calls.len());
        let mut steps = self.about_last(twin.clone());
        if let Some(first) = steps.first_mut() {
            first.call.set(member, Some(Arg::Json(seconds.to_string())));
            // To refuse an interval that may be asked for breaks its range.
            let asks = self.calls.setup().input.iter().find(|input| input.name == member);
            if let Some(asks) = asks.filter(|asks| asks.constraints.range.is_some()) {
                first.requirement = requirement::range(self.calls.setup(), asks);
            }
        }
        let interval = Duration::from_secs(seconds.unsigned_abs());
        for (call, (step, after)) in steps.iter_mut().skip(1).zip(calls).enumerate() {
            step.after = *after;
            // The first call of a session has no call before it that it could follow too soon.
            step.early = call > 0 && *after < interval;
        }
        Sample::beside(steps, twin)
    }

    fn expired(&self, base: &Base, after: Duration) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            last.after = after;
        }
        Sample::beside(steps, twin)
    }

    fn reuse(&self, base: &Base, value: usize, later: usize, times: usize) -> Sample {
        self.session(base, value + 2 + later, |sequence, session| {
            (0..=value + later).for_each(|_| sequence.call(session));
            (0..times).for_each(|_| sequence.again(session, value));
        })
    }

    fn each_again(&self, base: &Base, calls: usize) -> Sample {
        self.session(base, calls, |sequence, session| {
            for call in 0..calls {
                sequence.call(session);
                (0..=call).for_each(|value| sequence.again(session, value));
            }
        })
    }

    fn race(&self, base: &Base, value: usize, calls: usize) -> Sample {
        self.session(base, value + 1, |sequence, session| {
            (0..=value).for_each(|_| sequence.call(session));
            for _ in 1..calls {
                sequence.again(session, value);
                sequence.at_once();
            }
        })
    }

    fn turns(&self, base: &Base, sessions: usize, calls: usize) -> Sample {
        self.side_by_side(base, |sequence| {
            let sessions: Vec<usize> = (0..sessions)
                .map(|session| {
                    // Two for each resource.
                    let fixture = (base.fixture + session / 2) % self.calls.world.fixtures.len();
                    sequence.start(&Base { fixture, ..base.clone() })
                })
                .collect();
            // Each goes first in turn.
            for call in 0..calls {
                for turn in 0..sessions.len() {
                    let last = sessions.len() - 1;
                    sequence.call(sessions[if call % 2 == 0 { last - turn } else { turn }]);
                }
            }
        })
    }

    fn isolated(&self, one: usize, other: usize) -> Sample {
        let [known, also_known] =
            [one, other].map(|index| !self.calls.world.fixtures[index].contents.is_empty());
        self.side_by_side(&self.calls.base(one, Naming::Id), |sequence| {
            let base = |fixture| self.calls.base(fixture, Naming::Id);
            let sessions = [one, other].map(|fixture| sequence.start(&base(fixture)));
            for session in sessions {
                sequence.call(session);
            }
            // What a resource serves is seen in a session that no other one is beside.
            for fixture in [one, other].into_iter().filter(|_| !(known && also_known)) {
                let alone = sequence.start(&base(fixture));
                sequence.call(alone);
            }
        })
    }

    /// Two sessions beside each other, and one behind them that names the resource otherwise. They come without
    /// a session before them, which might leave something behind for them.
    fn paired(&self, fixture: usize) -> Sample {
        let base = self.calls.base(fixture, Naming::Id);
        let sample = self.side_by_side(&base, |sequence| {
            let sessions = [(); 2].map(|()| sequence.start(&base));
            for session in sessions {
                sequence.call(session);
            }
            let last = sequence.start(&self.calls.base(fixture, Naming::Name));
            sequence.call(last);
        });
        Sample { twin: Vec::new(), ..sample }
    }

    fn walk(&self, base: &Base, moves: &[sequence::Move], too_long: Option<usize>) -> Sample {
        self.side_by_side(base, |sequence| sequence.walk(base, moves, too_long))
    }

    /// The steps of several sessions. A good call that fails breaks the requirement of the case,
    /// unless it fails in a session that has the target for itself.
    fn side_by_side(&self, base: &Base, make: impl FnOnce(&mut Sequence<'_>)) -> Sample {
        let mut sample = self.sequence(base, 1, make);
        let accepts = requirement::accepts(&self.calls.operation);
        let good = sample.steps.iter_mut().filter(|step| step.requirement == accepts);
        let calls = good.map(|step| step.requirement = self.requirement.clone()).count();
        sample.alone.push(self.valid(base, calls));
        sample
    }

    /// The steps that `make` adds to a session, beside a session of `calls` valid calls.
    fn session(&self, base: &Base, calls: usize, make: impl FnOnce(&mut Sequence<'_>, usize)) -> Sample {
        self.sequence(base, calls, |sequence| {
            let session = sequence.start(base);
            make(sequence, session);
        })
    }

    /// The steps that `make` makes, beside a session of `calls` valid calls.
    fn sequence(&self, base: &Base, calls: usize, make: impl FnOnce(&mut Sequence<'_>)) -> Sample {
        let mut steps = Vec::new();
        if let Some(mut sequence) = Sequence::new(&self.calls) {
            make(&mut sequence);
            steps = sequence.steps;
        }
        Sample::beside(steps, self.valid(base, calls))
    }

    fn combined(&self, base: &Base, row: &Row) -> Sample {
        let base = row.base(&self.calls, base);
        let with = |row: &Row, base: &Base, requirement: &RequirementId| {
            let mut call = self.calls.call(&self.calls.operation, base);
            row.apply(&mut call);
            vec![Step::new(call, requirement.clone())]
        };
        let accepts = requirement::accepts(&self.calls.operation);
        let requirement = if row.deviates() { &self.requirement } else { &accepts };
        let twin = if row.deviates() { self.valid(&base, 1) } else { Vec::new() };
        let simplest = self.calls.base(0, Naming::Id);
        let alone = row.alone().map(|(alone, requirement)| with(&alone, &simplest, requirement)).collect();
        Sample { alone, ..Sample::beside(with(row, &base, requirement), twin) }
    }

    /// A valid call after the steps of another sample, and after those of its twin.
    fn then(&self, first: Sample) -> Sample {
        let valid = self.valid(&self.calls.base(0, Naming::Id), 1);
        let behind = |steps: Vec<Step>, requirement: Option<&RequirementId>| -> Vec<Step> {
            let before = steps.len();
            let shifted = valid.iter().cloned().map(|mut step| {
                step.call.shift(before);
                step.requirement = requirement.cloned().unwrap_or(step.requirement);
                step
            });
            steps.into_iter().chain(shifted).collect()
        };
        let twin = behind(first.twin, None);
        let steps = behind(first.steps, Some(&self.requirement));
        Sample { one_connection: true, ..Sample::beside(steps, twin) }
    }
}

/// Drops the steps before the last one if it takes nothing from them.
fn without_idle_setup(mut steps: Vec<Step>) -> Vec<Step> {
    if let Some(last) = steps.pop() {
        if last.call.uses().next().is_none() {
            steps.clear();
        }
        steps.push(last);
    }
    steps
}
