//! Samples: requests of a case, made from a valid base and one deviation.

use std::sync::Arc;

use proptest::prelude::*;

use crate::call::{Arg, Call, Output, Step};
use crate::contract::{Contract, Member, Operation, Shape};
use crate::fixture::{Fixture, Naming};
use crate::form::Form;
use crate::id::RequirementId;
use crate::requirement;
use crate::value::{Change, Value};

/// One member of a partition, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The requests in order; the last one is what the case is about.
    pub steps: Vec<Step>,
    /// The valid twin: the same without the one deviation. It has to succeed.
    pub twin: Vec<Step>,
}

/// What a case sends: a valid call of an operation with one deviation.
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
    /// A member names a resource that lies within another one than the rest of the request names.
    Foreign {
        /// The member's name.
        member: String,
    },
    /// The session asks for an interval between calls, and the second call comes at once.
    Early {
        /// The member that asks for it.
        member: String,
        /// The interval in seconds.
        seconds: i64,
    },
    /// A single-use value is used again.
    Reuse {
        /// Which of the values issued in the session, 0 being the first.
        value: usize,
        /// How many calls with newer values come between its use and its reuse.
        later: usize,
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

/// Which fixture the base call names, and how.
#[derive(Debug, Clone, PartialEq)]
struct Base {
    fixture: usize,
    naming: Vec<Naming>,
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
            Deviation::Naming(naming) => {
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
            Deviation::Foreign { member } => {
                let pairs = foreign_pairs(&self.world.fixtures);
                let any = prop::sample::select(pairs.clone());
                let member = member.clone();
                self.all(pairs, any, move |this, _, (base, other)| this.foreign(&member, base, other))
            }
            Deviation::Early { member, seconds } => {
                let (member, seconds) = (member.clone(), *seconds);
                self.all(vec![()], Just(()), move |this, base, ()| this.early(base, &member, seconds))
            }
            Deviation::Reuse { value, later } => {
                let (value, later) = (*value, *later);
                self.all(vec![()], Just(()), move |this, base, ()| this.reuse(base, value, later))
            }
        }
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

    fn base(&self, fixture: usize, naming: Naming) -> Base {
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
    fn setup(&self) -> &Operation {
        self.operation
            .single_use()
            .and_then(|(_, rule)| self.world.contract.issuers(rule).next())
            .map_or(&self.operation, |issuer| issuer.operation)
    }

    fn nominal(&self, base: &Base) -> Sample {
        let steps = self.valid(base, 1);
        Sample { steps: self.about_last(steps), twin: Vec::new() }
    }

    /// The steps of `calls` valid calls in a row.
    fn valid(&self, base: &Base, calls: usize) -> Vec<Step> {
        let step = |operation: &Operation, call| Step { call, requirement: requirement::accepts(operation) };
        let Some((member, rule)) = self.operation.single_use() else {
            return (0..calls).map(|_| step(&self.operation, self.call(&self.operation, base))).collect();
        };
        let issuers: Vec<_> = self.world.contract.issuers(rule).collect();
        let mut steps: Vec<Step> = issuers
            .first()
            .map(|issuer| step(issuer.operation, self.call(issuer.operation, base)))
            .into_iter()
            .collect();
        for index in 0..calls {
            let issuer = if index == 0 { issuers.first() } else { issuers.last() };
            let mut call = self.call(&self.operation, base);
            if let Some(issuer) = issuer {
                let output = Output { step: index, member: issuer.member.name.clone(), alter: None };
                call.set(&member.name, Some(Arg::Output(output)));
            }
            steps.push(step(&self.operation, call));
        }
        steps
    }

    /// A valid call, single-use values left out.
    fn call(&self, operation: &Operation, base: &Base) -> Call {
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
                    for (_, arg) in last.call.args.iter_mut().filter(|(name, _)| name == member) {
                        if let Arg::Output(output) = arg {
                            output.alter = Some(*alteration);
                        }
                    }
                }
            }
        }
        Sample { steps: without_idle_setup(steps), twin }
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
        Sample { steps, twin }
    }

    fn formed(&self, base: &Base, form: Form) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            last.call.form = form;
        }
        Sample { steps, twin }
    }

    fn doubled(&self, base: &Base, twice: Twice) -> Sample {
        let twin = self.valid(base, 1);
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            let valid = last.call.arg(&twice.member).cloned();
            let second = twice.second.or_else(|| valid.clone());
            last.call.set(&twice.member, twice.first.or(valid));
            last.call.args.extend(second.map(|arg| (twice.member, arg)));
        }
        Sample { steps: without_idle_setup(steps), twin }
    }

    fn chain(&self, base: &Base, calls: usize) -> Sample {
        Sample { steps: self.valid(base, calls), twin: Vec::new() }
    }

    /// The valid call for one fixture, but for a member that names the resource of another.
    fn foreign(&self, member: &str, fixture: usize, other: usize) -> Sample {
        let twin = self.valid(&self.base(fixture, Naming::Id), 1);
        let donor = self.call(&self.operation, &self.base(other, Naming::Id));
        let mut steps = self.about_last(twin.clone());
        if let Some(last) = steps.last_mut() {
            last.call.set(member, donor.arg(member).cloned());
        }
        Sample { steps, twin }
    }

    fn early(&self, base: &Base, member: &str, seconds: i64) -> Sample {
        let twin = self.valid(base, 2);
        let mut steps = self.about_last(twin.clone());
        if let Some(first) = steps.first_mut() {
            first.call.set(member, Some(Arg::Json(seconds.to_string())));
            // The session asks for the longest interval: to refuse that breaks its range.
            let asks = self.setup().input.iter().find(|input| input.name == member);
            if let Some(asks) = asks.filter(|asks| asks.constraints.range.is_some()) {
                first.requirement = requirement::range(self.setup(), asks);
            }
        }
        Sample { steps, twin }
    }

    fn reuse(&self, base: &Base, value: usize, later: usize) -> Sample {
        let mut steps = self.valid(base, value + 1 + later);
        // The first step issues value 0, so value `n` is used in step `n + 1`.
        let mut again = steps[value + 1].clone();
        again.requirement = self.requirement.clone();
        steps.push(again);
        Sample { steps, twin: self.valid(base, value + 2 + later) }
    }
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
    let indices = 0..fixtures.len();
    indices
        .clone()
        .flat_map(|one| indices.clone().map(move |other| (one, other)))
        .filter(|(one, other)| apart(&fixtures[*one], &fixtures[*other]))
        .collect()
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
