//! What all kinds of mutation share: strategies over resources, and samples around a valid call.

use std::fmt;
use std::sync::Arc;

use proptest::prelude::*;

use super::call_factory::{Base, CallFactory};
use super::sample::{Sample, Step};
use super::session_sequence::SessionSequence;
use crate::fixture::{Fixture, Naming};
use crate::id::RequirementId;
use crate::requirement;

/// More resources, or pairs of them, would show nothing new.
pub(super) const MAX_RESOURCES: usize = 8;

/// Makes the samples of one case.
#[derive(Debug, Clone)]
pub(crate) struct Sampler {
    /// Makes the valid calls.
    pub(crate) calls: CallFactory,
    /// The requirement that the case tests.
    pub(crate) requirement: RequirementId,
}

/// Strategies: for each boundary on the simplest base, then for any value on any base.
impl Sampler {
    /// Strategies for fixed boundaries.
    pub(super) fn strategies<V, S, M>(
        &self,
        boundaries: Vec<V>,
        any: S,
        make: M,
    ) -> Vec<BoxedStrategy<Sample>>
    where
        V: Clone + fmt::Debug + 'static,
        S: Strategy<Value = V> + 'static,
        M: Fn(&Sampler, &Base, V) -> Sample + Clone + 'static,
    {
        self.drawn_strategies(boundaries.into_iter().map(|value| Just(value).boxed()).collect(), any, make)
    }

    /// Strategies for boundaries that are drawn too. Base and value are independent, so that both
    /// shrink in few steps.
    pub(super) fn drawn_strategies<V, S, M>(
        &self,
        boundaries: Vec<BoxedStrategy<V>>,
        any: S,
        make: M,
    ) -> Vec<BoxedStrategy<Sample>>
    where
        V: fmt::Debug + 'static,
        S: Strategy<Value = V> + 'static,
        M: Fn(&Sampler, &Base, V) -> Sample + Clone + 'static,
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

    /// Strategies where only the base differs.
    pub(super) fn base_strategies(
        &self,
        make: impl Fn(&Sampler, &Base) -> Sample + Clone + 'static,
    ) -> Vec<BoxedStrategy<Sample>> {
        self.strategies(vec![()], Just(()), move |sampler, base, ()| make(sampler, base))
    }

    /// Strategies for each of these pairs of fixtures; none if there are none.
    pub(super) fn pair_strategies(
        &self,
        pairs: Vec<(usize, usize)>,
        make: impl Fn(&Sampler, usize, usize) -> Sample + Clone + 'static,
    ) -> Vec<BoxedStrategy<Sample>> {
        if pairs.is_empty() {
            return Vec::new();
        }
        let any = prop::sample::select(pairs.clone());
        self.strategies(pairs, any, move |sampler, _, (one, other)| make(sampler, one, other))
    }
}

/// Samples around valid calls.
impl Sampler {
    /// The steps of this many valid calls in a row.
    pub(super) fn valid_steps(&self, base: &Base, calls: usize) -> Vec<Step> {
        let Some(mut sequence) = SessionSequence::new(&self.calls) else {
            let operation = &self.calls.operation;
            let step = || Step::new(self.calls.call(operation, base), requirement::accepts(operation));
            return std::iter::repeat_with(step).take(calls).collect();
        };
        let session = sequence.start(base);
        (0..calls).for_each(|_| sequence.call(session));
        sequence.steps
    }

    /// The same steps, whose the last one tests the requirement of the case.
    pub(super) fn testing_last(&self, mut steps: Vec<Step>) -> Vec<Step> {
        if let Some(last) = steps.last_mut() {
            last.requirement = self.requirement.clone();
        }
        steps
    }

    /// A valid call that `mutate` changes. The valid call is its control.
    pub(super) fn mutated(&self, base: &Base, mutate: impl FnOnce(&mut Step)) -> Sample {
        let control = self.valid_steps(base, 1);
        let mut steps = self.testing_last(control.clone());
        if let Some(last) = steps.last_mut() {
            mutate(last);
        }
        Sample::new(steps, control)
    }

    /// The steps that `make` adds. The control is a session of `calls` valid calls.
    pub(super) fn sequence(
        &self,
        base: &Base,
        calls: usize,
        make: impl FnOnce(&mut SessionSequence<'_>),
    ) -> Sample {
        let mut steps = Vec::new();
        if let Some(mut sequence) = SessionSequence::new(&self.calls) {
            make(&mut sequence);
            steps = sequence.steps;
        }
        Sample::new(steps, self.valid_steps(base, calls))
    }

    /// The steps that `make` adds to one session. The control is a session of `calls` valid calls.
    pub(super) fn session(
        &self,
        base: &Base,
        calls: usize,
        make: impl FnOnce(&mut SessionSequence<'_>, usize),
    ) -> Sample {
        self.sequence(base, calls, |sequence| {
            let session = sequence.start(base);
            make(sequence, session);
        })
    }

    /// The steps that `make` adds to several sessions. A valid call that fails breaks the requirement of the case,
    /// unless it fails in a single session too.
    pub(super) fn several_sessions(
        &self,
        base: &Base,
        make: impl FnOnce(&mut SessionSequence<'_>),
    ) -> Sample {
        let mut sample = self.sequence(base, 1, make);
        let accepts = requirement::accepts(&self.calls.operation);
        let valid = sample.steps.iter_mut().filter(|step| step.requirement == accepts);
        let calls = valid.map(|step| step.requirement = self.requirement.clone()).count();
        sample.isolated.push(self.valid_steps(base, calls));
        sample
    }
}

/// Removes the steps before the last one if it takes no value from them.
pub(super) fn without_unused_setup(mut sample: Sample) -> Sample {
    if sample.steps.last().is_some_and(|last| last.call.uses().next().is_none()) {
        sample.steps.drain(..sample.steps.len() - 1);
    }
    sample
}

/// The ordered pairs of fixtures that are `related`, by their indices.
pub(super) fn pairs(
    fixtures: &[Fixture],
    related: impl Fn(&Fixture, &Fixture) -> bool,
) -> Vec<(usize, usize)> {
    let indices = 0..fixtures.len();
    indices
        .clone()
        .flat_map(|one| indices.clone().map(move |other| (one, other)))
        .filter(|(one, other)| related(&fixtures[*one], &fixtures[*other]))
        .collect()
}
