//! Reproduces a contrast, and shrinks the sequence that shows it.

use cases::generate::{Sample, Step};
use cases::oracle::{Class, Field, classify};
use proptest::strategy::ValueTree;
use reports::history;
use reports::history::ComparedExchange;
use tokio::runtime::Handle;

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, StepRef};
use crate::compare::sides::{ContrastRef, Pair, Side};
use crate::execute::executed::Executed;
use crate::judge::judgement::Judgement;
use crate::reproduce::reduce::{minimize_sequence, shrink_sample};
use crate::results::occurrence::Occurrence;
use crate::results::record::record;

/// The maximum number of sequences that shrinking one contrast sends to each endpoint.
const MAX_SEQUENCES: usize = 400;

/// The value trees of both endpoints, which shrink together.
struct Both([Box<dyn ValueTree<Value = Sample>>; 2]);

impl ValueTree for Both {
    type Value = [Sample; 2];

    fn current(&self) -> Self::Value {
        self.0.each_ref().map(ValueTree::current)
    }

    fn simplify(&mut self) -> bool {
        let [a, b] = &mut self.0;
        a.simplify() && b.simplify()
    }

    fn complicate(&mut self) -> bool {
        let [a, b] = &mut self.0;
        a.complicate() && b.complicate()
    }
}

/// The result of reproducing a contrast. By default it was not reproduced.
#[derive(Default)]
pub(crate) struct ReproducedContrast {
    /// Where it showed again, if it did.
    last: Option<StepRef>,
    /// Whether each endpoint may have rejected a call because it came too early.
    early: [bool; 2],
    /// Why the response of each endpoint says nothing about the request.
    excuses: [Option<String>; 2],
    /// The requests, and both responses to each.
    exchanges: Vec<ComparedExchange>,
}

impl<T: Transport + 'static> Pair<T> {
    /// Reproduces a contrast, and reports it with the smallest sequence found. An endpoint that may be
    /// `enforcing` a poll interval does not break the contract by rejecting a call within a session.
    pub(crate) fn resolve(
        &self,
        runtime: &Handle,
        contrast: &Contrast,
        occurrence: Occurrence<ContrastRef>,
        enforcing: [bool; 2],
    ) -> Option<history::Contrast> {
        let place = occurrence.place;
        let [a, b] = self.samples_of(self.case(place.case));
        let trees = Both([a.tree(place.sample)?, b.tree(place.sample)?]);
        let [one, other] = trees.current();
        let one_connection = one.one_connection;
        let mut shrinker =
            Shrinker { pair: self, runtime, contrast, one_connection, class: None, left: MAX_SEQUENCES };
        let steps = [one.steps, other.steps];
        let mut executed = shrinker.send([&steps[0], &steps[1]]);
        if let Some(first) = self.seen(contrast, &executed) {
            shrinker.class = self.class(&executed, first);
            let [a, b] = shrinker.shrink(trees, steps, first);
            executed = shrinker.send([&a, &b]);
        }
        let reproduced = self.reproduced(contrast, &executed, place.seen, enforcing);
        self.report(contrast, occurrence, reproduced)
    }

    /// What the last sequence showed of a contrast that was seen at `place` first.
    fn reproduced(
        &self,
        contrast: &Contrast,
        executed: &(Executed, Executed),
        place: StepRef,
        enforcing: [bool; 2],
    ) -> ReproducedContrast {
        let last = self.seen(contrast, executed);
        let seen = last.unwrap_or(place);
        let step = executed.0.steps.get(seen.step);
        let in_session = step.is_some_and(|step| step.step.call.uses().next().is_some());
        let both = shown(&self.a, &executed.0, seen).into_iter().zip(shown(&self.b, &executed.1, seen));
        let exchanges = both.map(|(one, other)| ComparedExchange {
            request: one.request,
            a: one.response,
            b: other.response,
        });
        ReproducedContrast {
            last,
            early: enforcing.map(|enforces| enforces && in_session && contrast.field == Field::Status),
            excuses: [excuse(&executed.0, seen), excuse(&executed.1, seen)],
            exchanges: exchanges.collect(),
        }
    }

    /// A contrast as the report shows it.
    pub(crate) fn report(
        &self,
        contrast: &Contrast,
        occurrence: Occurrence<ContrastRef>,
        reproduced: ReproducedContrast,
    ) -> Option<history::Contrast> {
        let requirement = self.catalogue.requirement(&contrast.requirement)?;
        let seen = reproduced.last.unwrap_or(occurrence.place.seen);
        let [a_early, b_early] = reproduced.early;
        let [a_excuse, b_excuse] = reproduced.excuses;
        Some(history::Contrast {
            requirement: requirement.id.clone(),
            level: requirement.level,
            text: requirement.text.clone(),
            case: self.case(occurrence.place.case).id.clone(),
            field: contrast.field.to_string(),
            a: contrast.a.to_string(),
            b: contrast.b.to_string(),
            a_conforms: seen.a_conforms || a_early,
            b_conforms: seen.b_conforms || b_early,
            a_excuse,
            b_excuse,
            count: occurrence.count,
            stable: reproduced.last.is_some(),
            exchanges: reproduced.exchanges,
        })
    }

    fn seen(&self, contrast: &Contrast, executed: &(Executed, Executed)) -> Option<StepRef> {
        self.contrasts(executed).into_iter().find(|(other, _)| other.is_like(contrast)).map(|(_, seen)| seen)
    }

    /// The class of the request that shows a contrast. Another class would be another contrast.
    fn class(&self, executed: &(Executed, Executed), seen: StepRef) -> Option<Class> {
        let request = &executed.0.steps.get(seen.step)?.exchange.request;
        Some(classify(&self.a.world.contract, request).class)
    }
}

/// Shrinks the sequence that shows a contrast.
struct Shrinker<'a, T> {
    pair: &'a Pair<T>,
    runtime: &'a Handle,
    contrast: &'a Contrast,
    one_connection: bool,
    /// The class of the request that shows the contrast.
    class: Option<Class>,
    /// How many sequences may still be sent to each endpoint.
    left: usize,
}

impl<T: Transport + 'static> Shrinker<'_, T> {
    /// Sends a sequence to each endpoint. Blocks its thread.
    fn send(&self, steps: [&[Step]; 2]) -> (Executed, Executed) {
        self.runtime.block_on(self.pair.send(steps, self.one_connection))
    }

    /// Shrinks the samples within their partition, then the requests if both endpoints can get the same ones.
    fn shrink(&mut self, mut trees: Both, mut steps: [Vec<Step>; 2], first: StepRef) -> [Vec<Step>; 2] {
        let mut last = first.step;
        shrink_sample(&mut trees, |[one, other]| {
            self.take_trial()?;
            let seen = self.try_smaller([&one.steps, &other.steps]);
            if let Some(seen) = seen {
                steps = [one.steps.clone(), other.steps.clone()];
                last = seen.step;
            }
            Some(seen.is_some())
        });
        for steps in &mut steps {
            steps.truncate(last + 1);
        }
        if !self.pair.share_fixtures() {
            return steps;
        }
        let fixtures = &self.pair.a.world.fixtures;
        let is_given = |text: &str| fixtures.iter().any(|fixture| fixture.has(text));
        let [one, _] = steps;
        let smallest = minimize_sequence(one, is_given, |steps| {
            self.take_trial().and_then(|()| self.try_smaller([steps, steps])).is_some()
        });
        [smallest.clone(), smallest]
    }

    /// Counts one more trial. Returns `None` if nothing more may be sent.
    fn take_trial(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1).filter(|_| self.pair.limits.stop().is_none())?;
        Some(())
    }

    /// Sends a smaller sequence, and returns where the contrast is, if it shows.
    fn try_smaller(&self, steps: [&[Step]; 2]) -> Option<StepRef> {
        let executed = self.send(steps);
        let seen = self.pair.seen(self.contrast, &executed)?;
        (self.pair.class(&executed, seen) == self.class).then_some(seen)
    }
}

/// Why the response to a step says nothing about the request, if it does not.
fn excuse(executed: &Executed, seen: StepRef) -> Option<String> {
    match &executed.steps.get(seen.step)?.judgement {
        Judgement::NotAttributable(excuse) => Some(excuse.to_string()),
        Judgement::Compared { .. } => None,
    }
}

/// The exchanges up to the contrast, as reports show them.
fn shown<T>(side: &Side<T>, executed: &Executed, seen: StepRef) -> Vec<reports::model::RecordedExchange> {
    let end = executed.steps.len().min(seen.step + 1);
    record(&side.world, &executed.steps[..end], &side.secrets, side.signs)
}
