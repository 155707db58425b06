//! A single-use value is used again.

use proptest::strategy::BoxedStrategy;

use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::generate::session_sequence::IssuedValue;

/// One value of a session is used again.
#[derive(Debug)]
pub(crate) struct ReusedToken {
    /// Which of the values issued in the session, 0 being the first.
    pub(crate) position: usize,
    /// How many calls with newer values come between its use and its reuse.
    pub(crate) calls_between: usize,
    /// How often it is used again.
    pub(crate) times: usize,
}

impl Mutation for ReusedToken {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let Self { position, calls_between, times } = *self;
        let calls = position + 1 + calls_between;
        sampler.base_strategies(move |sampler, base| {
            sampler.session(base, calls + 1, |sequence, session| {
                (0..calls).for_each(|_| sequence.call(session));
                (0..times).for_each(|_| sequence.reuse(IssuedValue { session, position }));
            })
        })
    }
}
