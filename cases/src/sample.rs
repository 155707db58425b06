//! Samples: requests of a case, made from a valid base and one deviation.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use crate::call::{Arg, Call, Step};
use crate::combination::Row;
use crate::contract::{Contract, Member, Operation, Shape};
use crate::fixture::{Fixture, Naming};
use crate::form::Form;
use crate::id::RequirementId;
use crate::near::{Near, NearMiss};
use crate::requirement;
use crate::sequence::{self, Sequence};
use crate::value::{Change, Value};

/// Pairs of fixtures beyond these would tell nothing new.
const MOST_PAIRS: usize = 8;

/// One member of a partition, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The requests in order; the last one is what the case is about.
    pub steps: Vec<Step>,
    /// The valid twin: the same without the one deviation. It has to succeed.
    pub twin: Vec<Step>,
    /// The same with one of several deviations each. What one of these shows too is a fault of that
    /// deviation and not of their combination.
    pub alone: Vec<Vec<Step>>,
    /// Whether all steps go over one connection.
    pub one_connection: bool,
}

impl Sample {
    /// A sample without a twin.
    fn plain(steps: Vec<Step>) -> Self {
        Self::beside(steps, Vec::new())
    }

    /// A sample with its twin.
    fn beside(steps: Vec<Step>, twin: Vec<Step>) -> Self {
        Self { steps, twin, alone: Vec::new(), one_connection: false }
    }
}

/// What a case sends: a valid call of an operation with one deviation.
#[expect(clippy::large_enum_variant, reason = "there is one of them for each case")]
#[derive(Debug, Clone)]
pub enum Deviation {
    /// None: resources named by id, by name, or each in either way.
    Naming(Option<Naming>),
    /// A member has a value of a class.
    Member {
        /// The member's name; one that the model does not know is added.
        name: String,
        /// Its values.
        value: Value,
    },
    /// The body is spoilt.
    Body(&'static [BodyFault]),
    /// The message is written in one of these forms.
    Form(Vec<Form>),
    /// A member stands there twice.
    Twice(Vec<Twice>),
    /// No deviation, but the operation is called this many times in a row, each time with the
    /// value that the answer before has issued.
    Chain {
        /// The number of calls to begin with.
        boundaries: &'static [usize],
        /// The least and the greatest number.
        calls: (usize, usize),
    },
    /// A member is nearly the identifier of a resource that exists.
    Near(Near),
    /// A single-use value is the first half of one that was issued and the second half of another.
    Spliced,
    /// A member names a resource that lies within another one than the rest of the request names.
    Foreign {
        /// The member's name.
        member: String,
    },
    /// The session asks for an interval between calls.
    Timed {
        /// The member that asks for it.
        member: String,
        /// The interval in seconds.
        seconds: i64,
        /// The time that passes before each call.
        calls: Vec<Duration>,
    },
    /// A single-use value is used when its lifetime is over.
    Expired {
        /// How long after it was issued.
        after: Duration,
    },
    /// A single-use value is used again.
    Reuse {
        /// Which of the values issued in the session, 0 being the first.
        value: usize,
        /// How many calls with newer values come between its use and its reuse.
        later: usize,
        /// How often it is used again.
        times: usize,
    },
    /// Every used value of a session is used again after each of so many calls.
    EachAgain {
        /// The number of calls.
        calls: usize,
    },
    /// A single-use value is used by several calls at the same time.
    Race {
        /// Which of the values issued in the session, 0 being the first.
        value: usize,
        /// The number of calls.
        calls: usize,
    },
    /// No deviation, but sessions that take turns.
    Turns {
        /// The number of sessions and the calls of each, to begin with.
        boundaries: &'static [(usize, usize)],
    },
    /// No deviation, but two sessions for resources that serve different content, or may.
    Isolated,
    /// No deviation, but several sessions for one resource.
    Paired,
    /// Any sequence of sessions, good calls and bad ones.
    Walk {
        /// The length of a value that is too long, if one can be.
        too_long: Option<usize>,
    },
    /// Several members deviate together.
    Combination(Arc<[Row]>),
    /// After a request that is refused comes a valid one, over the same connection.
    Then {
        /// How the first request deviates.
        first: Box<Deviation>,
        /// The requirement that it puts to the test.
        requirement: RequirementId,
    },
}

/// A member that stands there twice: first in its place, then behind all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twice {
    /// The member's name.
    pub member: String,
    /// What stands in its place; the valid argument if `None`.
    pub first: Option<Arg>,
    /// What stands behind all others; the valid argument if `None`.
    pub second: Option<Arg>,
}

/// Makes a whole body from a valid one.
#[derive(Debug, Clone, Copy)]
pub struct BodyFault {
    /// Its name, for people.
    pub name: &'static str,
    /// The body, given the valid one.
    pub apply: fn(&str) -> Vec<u8>,
}

/// Which fixture a call names, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Base {
    /// The index of the fixture.
    pub(crate) fixture: usize,
    /// How each identifier names its part.
    pub(crate) naming: Vec<Naming>,
}

/// What requests are made from.
#[derive(Debug, Clone)]
pub struct World {
    /// The contract.
    pub contract: Contract,
    /// The resources that exist on the target.
    pub fixtures: Vec<Fixture>,
}

/// Makes the samples of one case.
#[derive(Debug, Clone)]
pub(crate) struct Sampler {
    pub(crate) world: Arc<World>,
    /// The operation that the case is about.
    pub(crate) operation: Operation,
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
                let bases = [Some(self.base(0, Naming::Id)), self.beyond_bmp()].into_iter().flatten();
                let boundaries =
                    bases.flat_map(|base| forms.iter().map(move |form| (base.clone(), *form))).collect();
                let any = (self.bases(), prop::sample::select(forms.clone()));
                self.all(boundaries, any, |this, _, (base, form)| this.formed(&base, form))
            }
            Deviation::Twice(twice) => {
                self.all(twice.clone(), prop::sample::select(twice.clone()), Self::doubled)
            }
            Deviation::Chain { boundaries, calls } => {
                self.all(boundaries.to_vec(), calls.0..=calls.1, Self::chain)
            }
            Deviation::Near(near) => {
                let misses = near.misses(&self.world.fixtures);
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
                let pairs = foreign_pairs(&self.world.fixtures);
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
            Deviation::Isolated => self.each_pair(distinct_pairs(&self.world.fixtures), Self::isolated),
            Deviation::Paired => {
                let fixtures = 0..self.world.fixtures.len();
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
        let fixtures = 0..self.world.fixtures.len();
        let fixed = naming.unwrap_or(Naming::Id);
        let boundaries = fixtures.clone().map(|fixture| self.base(fixture, fixed)).collect();
        match naming {
            Some(_) => {
                let any = fixtures.prop_map({
                    let sampler = self.clone();
                    move |fixture| sampler.base(fixture, fixed)
                });
                self.all(boundaries, any, |this, _, base| this.nominal(&base))
            }
            None => self.all(boundaries, self.bases(), |this, _, base| this.nominal(&base)),
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
        let simplest = Arc::new(self.base(0, Naming::Id));
        let mut strategies: Vec<_> = boundaries
            .into_iter()
            .map(|boundary| {
                let (sampler, simplest, make) = (Arc::clone(&sampler), Arc::clone(&simplest), make.clone());
                boundary.prop_map(move |value| make(&sampler, &simplest, value)).boxed()
            })
            .collect();
        let any = (self.bases(), any).prop_map(move |(base, value)| make(&sampler, &base, value));
        strategies.push(any.boxed());
        strategies
    }

    pub(crate) fn base(&self, fixture: usize, naming: Naming) -> Base {
        Base { fixture, naming: vec![naming; self.identifiers()] }
    }

    /// Every fixture, each identifier by id or by name; the first fixture by id is the simplest.
    fn bases(&self) -> impl Strategy<Value = Base> + 'static {
        let naming = prop::sample::select(vec![Naming::Id, Naming::Name]);
        let naming = prop::collection::vec(naming, self.identifiers());
        (0..self.world.fixtures.len(), naming).prop_map(|(fixture, naming)| Base { fixture, naming })
    }

    /// The fixture with the most characters beyond the BMP in its names, by name: they are what is
    /// most often written or read wrongly.
    fn beyond_bmp(&self) -> Option<Base> {
        let count = |fixture: &Fixture| -> usize {
            let names = fixture.parts.values().filter_map(|part| part.name.as_ref());
            names.map(|name| name.chars().filter(|c| *c > '\u{ffff}').count()).sum()
        };
        let counts = self.world.fixtures.iter().map(count).enumerate();
        let (fixture, most) = counts.max_by_key(|(_, count)| *count)?;
        (most > 0).then(|| self.base(fixture, Naming::Name))
    }

    /// The number of identifiers in the calls that a base makes.
    fn identifiers(&self) -> usize {
        self.setup().input.iter().filter(|member| member.rules.identifies.is_some()).count()
    }

    /// The operation that issues the first single-use value, or the operation itself if it needs
    /// none.
    pub(crate) fn setup(&self) -> &Operation {
        self.operation
            .single_use()
            .and_then(|(_, rule)| self.world.contract.issuers(rule).next())
            .map_or(&self.operation, |issuer| issuer.operation)
    }

    fn nominal(&self, base: &Base) -> Sample {
        let steps = self.valid(base, 1);
        Sample::plain(self.about_last(steps))
    }

    /// The steps of `calls` valid calls in a row.
    fn valid(&self, base: &Base, calls: usize) -> Vec<Step> {
        let Some(mut sequence) = Sequence::new(self) else {
            let call = || self.call(&self.operation, base);
            return (0..calls).map(|_| Step::new(call(), requirement::accepts(&self.operation))).collect();
        };
        let session = sequence.start(base);
        (0..calls).for_each(|_| sequence.call(session));
        sequence.steps
    }

    /// A valid call, single-use values left out.
    pub(crate) fn call(&self, operation: &Operation, base: &Base) -> Call {
        let fixture = &self.world.fixtures[base.fixture];
        let mut naming = base.naming.iter();
        let mut args = Vec::new();
        for member in &operation.input {
            if let Some(rule) = &member.rules.identifies {
                let naming = naming.next().copied().unwrap_or(Naming::Id);
                if let Some(identifier) =
                    fixture.parts.get(&rule.resource).and_then(|part| part.identifier(naming))
                {
                    args.push((member.name.clone(), Arg::Text(identifier.to_owned())));
                }
            } else if member.constraints.required && member.rules.single_use.is_none() {
                args.push((member.name.clone(), nominal_value(&self.world.contract, member)));
            }
        }
        Call { operation: operation.name.clone(), args, body: None, form: Form::Plain }
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
        let wrap = |base: &Base| match self.call(&self.operation, base).arg(member) {
            Some(Arg::Text(text)) => Some(format!("{before}{text}{behind}")),
            _ => None,
        };
        let longest = self
            .operation
            .input
            .iter()
            .find(|input| input.name == member)
            .and_then(|input| input.constraints.length?.max);
        wrap(base)
            .filter(|text| longest.is_none_or(|longest| text.chars().count() <= longest))
            .or_else(|| wrap(&self.base(base.fixture, Naming::Id)))
    }

    fn spoilt(&self, base: &Base, fault: BodyFault) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut()
            && let Ok(request) = last.call.request(&self.world.contract, |output| Some(output.placeholder()))
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
            let member = self.operation.input.iter().find(|member| member.name == twice.member);
            // What either value does by itself is no matter of there being two.
            for value in [&twice.first, &twice.second].into_iter().flatten() {
                let Some(member) = member else { continue };
                let mut step = last.clone();
                step.call.set(&twice.member, Some(value.clone()));
                step.requirement = requirement::of_member(&self.operation, member, "type");
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
        let mut base = self.base(miss.fixture, Naming::Id);
        let identifiers = self.operation.input.iter().filter(|input| input.rules.identifies.is_some());
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
        let twin = self.valid(&self.base(fixture, Naming::Id), 1);
        let donor = self.call(&self.operation, &self.base(other, Naming::Id));
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
            let asks = self.setup().input.iter().find(|input| input.name == member);
            if let Some(asks) = asks.filter(|asks| asks.constraints.range.is_some()) {
                first.requirement = requirement::range(self.setup(), asks);
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
                    let fixture = (base.fixture + session / 2) % self.world.fixtures.len();
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
        let [known, also_known] = [one, other].map(|index| !self.world.fixtures[index].contents.is_empty());
        self.side_by_side(&self.base(one, Naming::Id), |sequence| {
            let base = |fixture| self.base(fixture, Naming::Id);
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
        let base = self.base(fixture, Naming::Id);
        let sample = self.side_by_side(&base, |sequence| {
            let sessions = [(); 2].map(|()| sequence.start(&base));
            for session in sessions {
                sequence.call(session);
            }
            let last = sequence.start(&self.base(fixture, Naming::Name));
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
        let accepts = requirement::accepts(&self.operation);
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
        if let Some(mut sequence) = Sequence::new(self) {
            make(&mut sequence);
            steps = sequence.steps;
        }
        Sample::beside(steps, self.valid(base, calls))
    }

    fn combined(&self, base: &Base, row: &Row) -> Sample {
        let base = row.base(self, base);
        let with = |row: &Row, base: &Base, requirement: &RequirementId| {
            let mut call = self.call(&self.operation, base);
            row.apply(&mut call);
            vec![Step::new(call, requirement.clone())]
        };
        let accepts = requirement::accepts(&self.operation);
        let requirement = if row.deviates() { &self.requirement } else { &accepts };
        let twin = if row.deviates() { self.valid(&base, 1) } else { Vec::new() };
        let simplest = self.base(0, Naming::Id);
        let alone = row.alone().map(|(alone, requirement)| with(&alone, &simplest, requirement)).collect();
        Sample { alone, ..Sample::beside(with(row, &base, requirement), twin) }
    }

    /// A valid call after the steps of another sample, and after those of its twin.
    fn then(&self, first: Sample) -> Sample {
        let valid = self.valid(&self.base(0, Naming::Id), 1);
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

/// Pairs of fixtures that serve different content: first those that are known to, then those that may.
pub(crate) fn distinct_pairs(fixtures: &[Fixture]) -> Vec<(usize, usize)> {
    let differ = |one: &Fixture, other: &Fixture| {
        one.contents
            .iter()
            .any(|(key, content)| other.contents.get(key).is_some_and(|other| other != content))
    };
    let may_differ = |one: &Fixture, other: &Fixture| one.contents.is_empty() || other.contents.is_empty();
    let mut distinct = pairs(fixtures, differ);
    distinct.extend(pairs(fixtures, may_differ).into_iter().filter(|(one, other)| one != other));
    distinct.truncate(MOST_PAIRS);
    distinct
}

/// Pairs of fixtures that stand to each other so.
fn pairs(fixtures: &[Fixture], stand: impl Fn(&Fixture, &Fixture) -> bool) -> Vec<(usize, usize)> {
    let indices = 0..fixtures.len();
    indices
        .clone()
        .flat_map(|one| indices.clone().map(move |other| (one, other)))
        .filter(|(one, other)| stand(&fixtures[*one], &fixtures[*other]))
        .collect()
}

/// Pairs of fixtures, both known by their ids, that have no part in common.
pub(crate) fn foreign_pairs(fixtures: &[Fixture]) -> Vec<(usize, usize)> {
    let apart = |one: &Fixture, other: &Fixture| {
        one.parts.iter().all(|(sort, part)| {
            other
                .parts
                .get(sort)
                .is_some_and(|other| part.id.is_some() && other.id.is_some() && part.id != other.id)
        })
    };
    pairs(fixtures, apart)
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

/// A plain value that keeps the constraints of a required member.
fn nominal_value(contract: &Contract, member: &Member) -> Arg {
    let constraints = &member.constraints;
    if let Some(value) = constraints.one_of.as_ref().and_then(|values| values.first()) {
        return Arg::Text(value.clone());
    }
    match contract.shape(member) {
        Shape::Integer(_) | Shape::Number => {
            let least = constraints.range.and_then(|range| range.min.or(range.max)).unwrap_or(1);
            Arg::Json(least.to_string())
        }
        Shape::Boolean => Arg::Json("true".to_owned()),
        Shape::Timestamp => Arg::Json("0".to_owned()),
        Shape::List(_) => Arg::Json("[]".to_owned()),
        Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) | Shape::Document => Arg::Json("{}".to_owned()),
        Shape::String | Shape::Blob => {
            let least = constraints.length.map_or(1, |length| length.min.max(1));
            Arg::Text("a".repeat(least))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Part;

    #[test]
    fn fixtures_are_distinct_if_they_are_known_to_serve_something_else_or_may() {
        let fixture = |content: Option<&[u8]>| Fixture {
            contents: content
                .map(|content| ("configuration".to_owned(), content.to_vec()))
                .into_iter()
                .collect(),
            ..Fixture::default()
        };
        let (one, other, unknown) = (fixture(Some(b"one")), fixture(Some(b"other")), fixture(None));
        assert_eq!(distinct_pairs(&[one.clone(), one.clone()]), []);
        assert_eq!(
            distinct_pairs(&[one.clone(), one.clone(), other.clone()]),
            [(0, 2), (1, 2), (2, 0), (2, 1)]
        );
        // What is known comes first.
        let all = distinct_pairs(&[unknown.clone(), one, other]);
        assert_eq!(all, [(1, 2), (2, 1), (0, 1), (0, 2), (1, 0), (2, 0)]);
        assert_eq!(distinct_pairs(&[unknown.clone(), unknown.clone()]), [(0, 1), (1, 0)]);
        assert_eq!(distinct_pairs(&[unknown]), []);
    }

    #[test]
    fn fixtures_are_foreign_to_each_other_if_they_share_no_part_and_all_ids_are_known() {
        let fixture = |ids: [Option<&str>; 2]| {
            let part = |id: Option<&str>| Part { id: id.map(str::to_owned), name: None };
            let sorts = ["application", "profile"].map(str::to_owned);
            Fixture { parts: sorts.into_iter().zip(ids.map(part)).collect(), ..Fixture::default() }
        };
        let one = fixture([Some("a"), Some("p")]);
        let sibling = fixture([Some("a"), Some("q")]);
        let other = fixture([Some("b"), Some("r")]);
        let unknown = fixture([Some("c"), None]);
        assert_eq!(foreign_pairs(&[one.clone(), sibling.clone()]), []);
        assert_eq!(foreign_pairs(&[one.clone(), unknown]), []);
        assert_eq!(foreign_pairs(&[one, sibling, other]), [(0, 2), (1, 2), (2, 0), (2, 1)]);
    }
}
