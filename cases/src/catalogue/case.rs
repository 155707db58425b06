//! A case: a partition made runnable.

use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::BoxedStrategy;
use sha2::{Digest, Sha256};

use crate::fixture::{Fixture, Naming};
use crate::generate::{CallFactory, Deviation, Sample, Sampler, Value, World, distinct_pairs, foreign_pairs};
use crate::id::{CaseId, RequirementId};
use crate::protocol::Form;
use crate::signing::Signing;

/// Random samples of a case whose values are not random.
const FEW: usize = 4;
/// The same where it hardly matters which resource a request is for.
const FEWEST: usize = 2;

/// A partition made runnable.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its stable id.
    pub id: CaseId,
    /// The requirement it tests.
    pub requirement: RequirementId,
    /// The operation it calls.
    pub operation: String,
    /// What its requests have in common, as a phrase.
    pub about: String,
    /// How its requests differ from a valid call.
    pub deviation: Deviation,
}

/// The seed of one case: whatever else runs, the case draws the same data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseSeed(pub [u8; 32]);

impl Case {
    /// The strategies of the case: one for each boundary, then the one for everything.
    pub fn strategies(&self, world: &Arc<World>) -> Vec<BoxedStrategy<Sample>> {
        let Some(operation) = world.contract.operation(&self.operation) else { return Vec::new() };
        let operation = operation.clone();
        let sampler = Sampler {
            calls: CallFactory { world: Arc::clone(world), operation },
            requirement: self.requirement.clone(),
        };
        sampler.strategies(&self.deviation)
    }

    /// Whether its requests have a form that HTTP/1.1 alone has.
    pub fn needs_http1(&self) -> bool {
        let Deviation::Form(forms) = &self.deviation else { return false };
        forms.iter().all(|form| matches!(form, Form::Chunked | Form::TitleCase))
    }

    /// What the fixtures lack to run the case, if they lack anything.
    pub fn lacks(&self, fixtures: &[Fixture]) -> Option<String> {
        if fixtures.is_empty() {
            return Some("needs a resource that exists on the target".to_owned());
        }
        if let Deviation::Foreign { .. } = self.deviation {
            let none = foreign_pairs(fixtures).is_empty();
            return none.then(|| {
                "needs two fixtures, known by their ids, that lie within different resources".to_owned()
            });
        }
        if let Deviation::Isolated = self.deviation {
            let none = distinct_pairs(fixtures).is_empty();
            return none.then(|| "needs two fixtures that do not say that they serve the same".to_owned());
        }
        if let Deviation::Near(near) = &self.deviation {
            return near.lack(fixtures);
        }
        let Deviation::Naming(Some(naming)) = self.deviation else { return None };
        let complete = |fixture: &&Fixture| {
            fixture.parts.values().all(|part| match naming {
                Naming::Id => part.id.is_some(),
                Naming::Name => part.name.is_some(),
            })
        };
        let form = match naming {
            Naming::Id => "id",
            Naming::Name => "name",
        };
        fixtures
            .iter()
            .find(complete)
            .is_none()
            .then(|| format!("needs a fixture that gives the {form} of each part"))
    }

    /// How many random samples tell something new, of so many that are asked for. Where all values
    /// are boundaries, only the resource and the way to name it are left to chance.
    pub fn random_samples(&self, asked: usize) -> usize {
        match &self.deviation {
            Deviation::Naming(_)
            | Deviation::Chain { .. }
            | Deviation::Race { .. }
            | Deviation::Walk { .. }
            | Deviation::Combination(_) => asked,
            Deviation::Paired => 0,
            Deviation::Member { value, .. } if value.is_random() => asked,
            Deviation::Member { value: Value::Altered(_) | Value::Joined(_), .. }
            | Deviation::Spliced
            | Deviation::Near(_) => asked.min(FEWEST),
            _ => asked.min(FEW),
        }
    }

    /// The time that has to pass within a sample.
    pub fn waits(&self) -> Duration {
        match &self.deviation {
            Deviation::Timed { calls, .. } => calls.iter().sum(),
            Deviation::Expired { after } => *after,
            _ => Duration::ZERO,
        }
    }

    /// How the requests that the case is about are signed.
    pub fn signing(&self) -> Signing {
        match &self.deviation {
            Deviation::Form(forms) => forms.first().map(|form| form.signing()).unwrap_or_default(),
            _ => Signing::Valid,
        }
    }

    /// Whether the case asks how sessions bear on each other, so that no others may be under way.
    pub fn wants_quiet(&self) -> bool {
        matches!(self.deviation, Deviation::Isolated | Deviation::Paired | Deviation::Turns { .. })
    }

    /// Whether the case comes before all others. Where nobody says what a resource serves, what its first
    /// session has spoilt for good shows once, in the sessions right after that.
    pub fn comes_first(&self, fixtures: &[Fixture]) -> bool {
        matches!(self.deviation, Deviation::Paired) && fixtures.iter().any(|it| it.contents.is_empty())
    }

    /// Whether what the samples are about is of one class, as [classified](crate::classify).
    pub fn is_uniform(&self) -> bool {
        !matches!(self.deviation, Deviation::Walk { .. } | Deviation::Combination(_))
    }

    /// The seed of the case in a run: hashed from the run's seed and the case id, so that
    /// filtering, sharding and reordering change no other case's data.
    pub fn seed(&self, run: u64) -> CaseSeed {
        CaseSeed(
            Sha256::new().chain_update(run.to_be_bytes()).chain_update(self.id.as_str()).finalize().into(),
        )
    }
}
