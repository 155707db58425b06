//! A single-use value is used by several calls at the same time.

use proptest::strategy::BoxedStrategy;

use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::generate::session_sequence::IssuedValue;

/// One value of a session is used by several calls at the same time.
#[derive(Debug)]
pub(crate) struct TokenRace {
    /// Which of the values issued in the session, 0 being the first.
    pub(crate) position: usize,
    /// The number of calls.
    pub(crate) calls: usize,
}

impl Mutation for TokenRace {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let Self { position, calls } = *self;
        sampler.base_strategies(move |sampler, base| {
            sampler.session(base, position + 1, |sequence, session| {
                (0..=position).for_each(|_| sequence.call(session));
                for _ in 1..calls {
                    sequence.reuse(IssuedValue { session, position });
                    sequence.send_at_once();
                }
            })
        })
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested
    }
}
