//! After each call of a session, every used value of it is used again.

use proptest::strategy::BoxedStrategy;

use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::generate::session_sequence::IssuedValue;

/// A session of this many calls, with each used value again after each of them.
#[derive(Debug)]
pub(crate) struct AllTokensReused {
    /// The number of valid calls.
    pub(crate) calls: usize,
}

impl Mutation for AllTokensReused {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let calls = self.calls;
        sampler.base_strategies(move |sampler, base| {
            sampler.session(base, calls, |sequence, session| {
                for call in 0..calls {
                    sequence.call(session);
                    (0..=call).for_each(|position| sequence.reuse(IssuedValue { session, position }));
                }
            })
        })
    }
}
