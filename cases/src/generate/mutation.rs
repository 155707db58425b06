//! How the requests of a case differ from a valid call.

use std::fmt;
use std::time::Duration;

use proptest::strategy::BoxedStrategy;

use super::sample::Sample;
use super::sampler::Sampler;
use crate::fixture::Fixture;
use crate::signing::Signing;

/// The most random samples of a mutation whose values are all boundaries: only the resource and the way to name it
/// are random.
pub(super) const MAX_WITHOUT_RANDOM_VALUES: usize = 4;
/// The same where it hardly matters which resource a request is for.
pub(super) const MAX_RANDOM_RESOURCES: usize = 2;

/// A kind of mutation, with its values. Each kind has a file of its own in `mutations`.
pub(crate) trait Mutation: fmt::Debug + Send + Sync {
    /// The samples: one strategy for each boundary, the simplest first, and last one for every sample. There are
    /// none if a prerequisite is missing.
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>>;

    /// What the fixtures lack, if they allow no sample. There is at least one fixture.
    fn missing_prerequisite(&self, _fixtures: &[Fixture]) -> Option<String> {
        None
    }

    /// How many random samples can show something new, if `requested` may be drawn.
    fn random_samples(&self, requested: usize) -> usize {
        requested.min(MAX_WITHOUT_RANDOM_VALUES)
    }

    /// The time that has to pass within a sample.
    fn waiting_time(&self) -> Duration {
        Duration::ZERO
    }

    /// How the mutated requests are signed.
    fn signing(&self) -> Signing {
        Signing::Valid
    }

    /// Whether the requests have a form that only HTTP/1.1 has.
    fn needs_http1(&self) -> bool {
        false
    }

    /// Whether no other case may run at the same time.
    fn is_exclusive(&self) -> bool {
        false
    }

    /// Whether the samples have to come before those of all other cases.
    fn runs_first(&self, _fixtures: &[Fixture]) -> bool {
        false
    }

    /// Whether the classifier puts the last requests of all samples into one class.
    fn is_uniform(&self) -> bool {
        true
    }

    /// Whether it is none: a sample is one valid call, after those that it depends on.
    fn is_valid_call(&self) -> bool {
        false
    }

    /// Whether it is none: a sample is several valid calls in one session.
    fn is_valid_chain(&self) -> bool {
        false
    }
}
