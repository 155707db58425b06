//! Cases: partitions that can be run.

use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::BoxedStrategy;
use sha2::{Digest, Sha256};

use crate::fixture::Fixture;
use crate::generate::{CallFactory, Mutation, Sample, Sampler, World};
use crate::id::{CaseId, RequirementId};
use crate::signing::Signing;

/// A partition that can be run.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its stable id.
    pub id: CaseId,
    /// The requirement that it tests.
    pub requirement: RequirementId,
    /// The operation that it calls.
    pub operation: String,
    /// What its requests have in common, as a phrase.
    pub description: String,
    /// How its requests differ from a valid call.
    pub(super) mutation: Arc<dyn Mutation>,
}

/// The seed of one case. The case draws the same data whatever else runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseSeed(pub [u8; 32]);

impl Case {
    /// The strategies of the case: one for each boundary, then one for all samples.
    pub fn strategies(&self, world: &Arc<World>) -> Vec<BoxedStrategy<Sample>> {
        let Some(operation) = world.contract.operation(&self.operation) else { return Vec::new() };
        let calls = CallFactory { world: Arc::clone(world), operation: operation.clone() };
        self.mutation.strategies(&Sampler { calls, requirement: self.requirement.clone() })
    }

    /// The seed of the case in a run: a hash of the run's seed and the case id, so that filtering, sharding and
    /// reordering do not change the data of any case.
    pub fn seed(&self, run: u64) -> CaseSeed {
        CaseSeed(
            Sha256::new().chain_update(run.to_be_bytes()).chain_update(self.id.as_str()).finalize().into(),
        )
    }

    /// What the fixtures lack to run the case, if they lack anything.
    pub fn missing_prerequisite(&self, fixtures: &[Fixture]) -> Option<String> {
        if fixtures.is_empty() {
            return Some("needs a resource that exists on the target".to_owned());
        }
        self.mutation.missing_prerequisite(fixtures)
    }

    /// How many random samples can show something new, if `requested` may be drawn. If all values are boundaries,
    /// only the resource and the way to name it are random.
    pub fn random_samples(&self, requested: usize) -> usize {
        self.mutation.random_samples(requested)
    }

    /// The time that has to pass within a sample.
    pub fn waiting_time(&self) -> Duration {
        self.mutation.waiting_time()
    }

    /// How the requests are signed that test the requirement.
    pub fn signing(&self) -> Signing {
        self.mutation.signing()
    }

    /// Whether its requests have a form that only HTTP/1.1 has.
    pub fn needs_http1(&self) -> bool {
        self.mutation.needs_http1()
    }

    /// Whether no other case may run at the same time, since the case tests how sessions affect each other.
    pub fn is_exclusive(&self) -> bool {
        self.mutation.is_exclusive()
    }

    /// Whether the case has to run before all others.
    pub fn runs_first(&self, fixtures: &[Fixture]) -> bool {
        self.mutation.runs_first(fixtures)
    }

    /// Whether the [classifier](crate::oracle::classify) puts the last requests of all samples into one class.
    pub fn is_uniform(&self) -> bool {
        self.mutation.is_uniform()
    }

    /// Whether each sample is one valid call, after those that it depends on.
    pub fn is_valid_call(&self) -> bool {
        self.mutation.is_valid_call()
    }

    /// Whether each sample is several valid calls in one session.
    pub fn is_valid_chain(&self) -> bool {
        self.mutation.is_valid_chain()
    }
}
