//! Reproduces a contrast, and shrinks the sequence that shows it.

use cases::generate::{Sample, Step};
use cases::oracle::{Class, Field, classify};
use proptest::strategy::ValueTree;
use reports::comparison;
use reports::comparison::Contrasted;
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
    exchanges: Vec<Contrasted>,
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
    ) -> Option<comparison::Contrast> {
        let case = &self.catalogue.cases[occurrence.place.case];
        let [a, b] = self.samples_of(case);
        let mut trees = Both([a.tree(occurrence.place.sample)?, b.tree(occurrence.place.sample)?]);
        let [one, other] = trees.current();
        let one_connection = one.one_connection;
        let mut steps = [one.steps, other.steps];
        let mut best = self.send(runtime, &steps[0], &steps[1], one_connection);
        if let Some(first) = self.seen(contrast, &best) {
            let class = self.class(&best, first);
            let mut left = MAX_SEQUENCES;
            // Where the contrast is, if it shows; `None` if no more may be sent.
            let mut shows = |a: &[Step], b: &[Step]| -> Option<Option<StepRef>> {
                left = left.checked_sub(1).filter(|_| self.limits.stop().is_none())?;
                let played = self.send(runtime, a, b, one_connection);
                let seen = self.seen(contrast, &played);
                Some(seen.filter(|seen| self.class(&played, *seen) == class))
            };
            let mut last = first.step;
            shrink_sample(&mut trees, |[one, other]| {
                let seen = shows(&one.steps, &other.steps)?;
                if let Some(seen) = seen {
                    steps = [one.steps.clone(), other.steps.clone()];
                    last = seen.step;
                }
                Some(seen.is_some())
            });
            for steps in &mut steps {
                steps.truncate(last + 1);
            }
            if self.share_fixtures() {
                let parts = || self.a.world.fixtures.iter().flat_map(|fixture| fixture.parts.values());
                let given = |text: &str| parts().any(|part| part.is(text));
                let [one, _] = steps;
                let smallest = minimize_sequence(one, given, |steps| shows(steps, steps).flatten().is_some());
                steps = [smallest.clone(), smallest];
            }
            best = self.send(runtime, &steps[0], &steps[1], one_connection);
        }
        let last = self.seen(contrast, &best);
        let seen = last.unwrap_or(occurrence.place.seen);
        let both = shown(&self.a, &best.0, seen).into_iter().zip(shown(&self.b, &best.1, seen));
        let in_session =
            best.0.steps.get(seen.step).is_some_and(|step| step.step.call.uses().next().is_some());
        let early = enforcing.map(|enforces| enforces && in_session && contrast.field == Field::Status);
        let excuse = |played: &Executed| match &played.steps.get(seen.step)?.judgement {
            Judgement::NotAttributable(excuse) => Some(excuse.to_string()),
            Judgement::Compared { .. } => None,
        };
        let reproduced = ReproducedContrast {
            last,
            early,
            excuses: [excuse(&best.0), excuse(&best.1)],
            exchanges: both
                .map(|(one, other)| Contrasted { request: one.request, a: one.response, b: other.response })
                .collect(),
        };
        self.report(contrast, occurrence, reproduced)
    }

    /// A contrast as the report shows it.
    pub(crate) fn report(
        &self,
        contrast: &Contrast,
        occurrence: Occurrence<ContrastRef>,
        reproduced: ReproducedContrast,
    ) -> Option<comparison::Contrast> {
        let requirement = self.catalogue.requirement(&contrast.requirement)?;
        let seen = reproduced.last.unwrap_or(occurrence.place.seen);
        let [a_early, b_early] = reproduced.early;
        let [a_excuse, b_excuse] = reproduced.excuses;
        Some(comparison::Contrast {
            requirement: requirement.id.clone(),
            level: requirement.level,
            text: requirement.text.clone(),
            case: self.catalogue.cases[occurrence.place.case].id.clone(),
            field: contrast.field.to_string(),
            a: contrast.a.clone(),
            b: contrast.b.clone(),
            a_keeps: seen.a_keeps || a_early,
            b_keeps: seen.b_keeps || b_early,
            a_excuse,
            b_excuse,
            count: occurrence.count,
            stable: reproduced.last.is_some(),
            exchanges: reproduced.exchanges,
        })
    }

    fn seen(&self, contrast: &Contrast, played: &(Executed, Executed)) -> Option<StepRef> {
        self.contrasts(played).into_iter().find(|(other, _)| other.is_like(contrast)).map(|(_, seen)| seen)
    }

    /// The class of the request that shows a contrast. Another class would be another contrast.
    fn class(&self, played: &(Executed, Executed), seen: StepRef) -> Option<Class> {
        let request = &played.0.steps.get(seen.step)?.exchange.request;
        Some(classify(&self.a.world.contract, request).class)
    }
}

/// The exchanges up to the contrast, as reports show them.
fn shown<T>(side: &Side<T>, played: &Executed, seen: StepRef) -> Vec<reports::report::RecordedExchange> {
    let end = played.steps.len().min(seen.step + 1);
    record(&side.world, &played.steps[..end], &side.secrets, side.signs)
}
