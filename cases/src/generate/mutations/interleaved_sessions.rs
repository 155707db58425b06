//! Several sessions take turns.

use proptest::strategy::BoxedStrategy;

use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;

/// The most sessions of a random sample.
const MAX_SESSIONS: usize = 4;
/// The most calls of a session of a random sample.
const MAX_CALLS: usize = 6;

/// Valid sessions that take turns.
#[derive(Debug)]
pub(crate) struct InterleavedSessions {
    /// The number of sessions, and the number of calls of each.
    pub(crate) boundaries: &'static [(usize, usize)],
}

impl Mutation for InterleavedSessions {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let any = (2..=MAX_SESSIONS, 1..=MAX_CALLS);
        sampler.strategies(self.boundaries.to_vec(), any, sample)
    }

    fn is_exclusive(&self) -> bool {
        true
    }
}

fn sample(sampler: &Sampler, base: &Base, (sessions, calls): (usize, usize)) -> Sample {
    sampler.several_sessions(base, |sequence| {
        let mut sessions: Vec<usize> = (0..sessions)
            .map(|session| {
                // Two for each resource.
                let fixture = (base.fixture + session / 2) % sampler.calls.world.fixtures.len();
                sequence.start(&Base { fixture, ..base.clone() })
            })
            .collect();
        // Each round is in the opposite order of the one before.
        for _ in 0..calls {
            sessions.reverse();
            for session in &sessions {
                sequence.call(*session);
            }
        }
    })
}
