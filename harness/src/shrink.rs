//! Makes a finding of a difference: repeats it, shrinks the request under the difference's key, and
//! repeats the smallest one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cases::call::Step;
use cases::classify::{Class, classify};
use cases::sample::{Sample, World};
use proptest::strategy::ValueTree;
use snapshots::Document;

use crate::explore::{Part, Samples, Witness};
use crate::judge::Difference;
use crate::limits::Limits;
use crate::play::{Played, PlayedStep, play};
use crate::transport::Transport;

/// Requests that one difference may cost.
const MOST_REQUESTS: u64 = 400;
/// Time that one difference may cost.
const MOST_TIME: Duration = Duration::from_secs(5);
/// How often a difference is looked for again before it counts as unstable.
const REPEATS: usize = 3;

/// What became of a difference when it was looked at again.
#[derive(Debug)]
pub enum Confirmed {
    /// It came again; this is the smallest sequence that shows it, as last played.
    Violated(Vec<PlayedStep>),
    /// It did not come again; this is where it was looked for.
    Unstable(Vec<PlayedStep>),
    /// The target does not answer valid requests any more either.
    Inconclusive,
}

/// Looks at differences again.
pub struct Shrinker<'a, T> {
    /// Where requests go.
    pub transport: &'a T,
    /// Contract and fixtures.
    pub world: &'a Arc<World>,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// Runs the futures of this thread.
    pub runtime: &'a tokio::runtime::Handle,
}

impl<T: Transport> Shrinker<'_, T> {
    /// Repeats, shrinks and repeats. Blocks its thread: value trees cannot move between threads.
    pub fn confirm(
        &self,
        samples: &Samples,
        snapshot: Option<&Document>,
        witness: &Witness,
        difference: &Difference,
    ) -> Option<Confirmed> {
        let snapshot = snapshot.filter(|_| witness.part == Part::Steps);
        let mut tree = samples.tree(witness.sample)?;
        let mut cost = Cost { requests: 0, deadline: Instant::now() + MOST_TIME };
        let original = tree.current();
        let mut last = None;
        let mut best = None;
        for _ in 0..REPEATS {
            let played = self.play(&mut cost, snapshot, witness.part.of(&original));
            if shows(&played, difference) {
                best = Some(played);
                break;
            }
            last = Some(played);
        }
        let Some(mut best) = best else {
            return last.map(|played| Confirmed::Unstable(played.steps));
        };
        let class = self.class(&best, difference);
        let mut smallest = original;
        while !cost.spent(self.limits) && tree.simplify() {
            loop {
                let candidate = tree.current();
                let played = self.play(&mut cost, snapshot, witness.part.of(&candidate));
                // A request of another class is no counterexample to this requirement.
                if shows(&played, difference) && self.class(&played, difference) == class {
                    best = played;
                    smallest = candidate;
                    break;
                }
                if cost.spent(self.limits) || !tree.complicate() {
                    break;
                }
            }
        }
        let again = self.play(&mut cost, snapshot, witness.part.of(&smallest));
        if !shows(&again, difference) {
            return Some(Confirmed::Unstable(best.steps));
        }
        if again.steps.iter().any(|step| step.exchange.observed.is_err())
            && !self.answers(&mut cost, &smallest)
        {
            return Some(Confirmed::Inconclusive);
        }
        let steps = again.up_to(difference).map(<[PlayedStep]>::to_vec).unwrap_or_default();
        Some(Confirmed::Violated(steps))
    }

    fn play(&self, cost: &mut Cost, snapshot: Option<&Document>, steps: &[Step]) -> Played {
        let played = self.runtime.block_on(play(self.transport, self.world, snapshot, steps));
        cost.requests += played.requests();
        self.limits.count(played.requests());
        played
    }

    /// The class of the request that shows the difference.
    fn class(&self, played: &Played, difference: &Difference) -> Option<Class> {
        let shown = played.up_to(difference)?.last()?;
        Some(classify(&self.world.contract, &shown.exchange.request).class)
    }

    /// Whether the target still answers a valid request.
    fn answers(&self, cost: &mut Cost, sample: &Sample) -> bool {
        let valid = if sample.twin.is_empty() { &sample.steps[..1] } else { Part::Twin.of(sample) };
        self.play(cost, None, valid).succeeded(valid)
    }
}

struct Cost {
    requests: u64,
    deadline: Instant,
}

impl Cost {
    fn spent(&self, limits: &Limits) -> bool {
        self.requests >= MOST_REQUESTS || Instant::now() >= self.deadline || limits.stop().is_some()
    }
}

fn shows(played: &Played, difference: &Difference) -> bool {
    played.differences().any(|other| other == difference)
}
