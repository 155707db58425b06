//! Looks at a contrast again, and makes the sequence smaller that shows it.

use cases::generate::{Sample, Step};
use cases::oracle::{Class, Field, classify};
use proptest::strategy::ValueTree;
use reports::history;
use reports::history::ComparedExchange;
use tokio::runtime::Handle;

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, Seen};
use crate::compare::sides::{Pair, Place, Side};
use crate::execute::executed::Played;
use crate::judge::judgement::Judgement;
use crate::reproduce::reduce::{reduce, simplify};
use crate::results::occurrence::Witness;
use crate::results::record::record;

/// Sequences that making one contrast smaller may cost at each of the two.
const MOST_PLAYED: usize = 400;

/// The trees of both endpoints, which shrink in step.
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

/// What became of a contrast when it was looked at again; by default nothing.
#[derive(Default)]
pub(crate) struct Told {
    /// Where it came again, if it did.
    last: Option<Seen>,
    /// Whether each of the two may have refused a call that came too early.
    early: [bool; 2],
    /// Why the answer of each of the two says nothing about the request.
    excuses: [Option<String>; 2],
    /// What was sent and answered.
    exchanges: Vec<ComparedExchange>,
}

impl<T: Transport + 'static> Pair<T> {
    /// What a contrast amounts to, shown by the smallest sequence if it comes again. Who may be `held`
    /// to an interval is not accused for refusing a call within a session.
    pub(crate) fn settle(
        &self,
        runtime: &Handle,
        contrast: &Contrast,
        witness: Witness<Place>,
        held: [bool; 2],
    ) -> Option<history::Contrast> {
        let case = &self.catalogue.cases[witness.place.case];
        let [a, b] = self.drawn(case);
        let mut trees = Both([a.tree(witness.place.sample)?, b.tree(witness.place.sample)?]);
        let [one, other] = trees.current();
        let one_connection = one.one_connection;
        let mut steps = [one.steps, other.steps];
        let mut best = self.play(runtime, &steps[0], &steps[1], one_connection);
        if let Some(first) = self.seen(contrast, &best) {
            let class = self.class(&best, first);
            let mut left = MOST_PLAYED;
            // Where the contrast is, if it is there; nothing if no more may be played.
            let mut shows = |a: &[Step], b: &[Step]| -> Option<Option<Seen>> {
                left = left.checked_sub(1).filter(|_| self.limits.stop().is_none())?;
                let played = self.play(runtime, a, b, one_connection);
                let seen = self.seen(contrast, &played);
                Some(seen.filter(|seen| self.class(&played, *seen) == class))
            };
            let mut last = first.step;
            simplify(&mut trees, |[one, other]| {
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
                let smallest = reduce(one, given, |steps| shows(steps, steps).flatten().is_some());
                steps = [smallest.clone(), smallest];
            }
            best = self.play(runtime, &steps[0], &steps[1], one_connection);
        }
        let last = self.seen(contrast, &best);
        let seen = last.unwrap_or(witness.place.seen);
        let both = shown(&self.a, &best.0, seen).into_iter().zip(shown(&self.b, &best.1, seen));
        let in_session =
            best.0.steps.get(seen.step).is_some_and(|step| step.step.call.uses().next().is_some());
        let early = held.map(|held| held && in_session && contrast.field == Field::Status);
        let excuse = |played: &Played| match &played.steps.get(seen.step)?.judgement {
            Judgement::Excused(excuse) => Some(excuse.to_string()),
            Judgement::Judged { .. } => None,
        };
        let told = Told {
            last,
            early,
            excuses: [excuse(&best.0), excuse(&best.1)],
            exchanges: both
                .map(|(one, other)| ComparedExchange {
                    request: one.request,
                    a: one.response,
                    b: other.response,
                })
                .collect(),
        };
        self.told(contrast, witness, told)
    }

    /// A contrast as a report has it.
    pub(crate) fn told(
        &self,
        contrast: &Contrast,
        witness: Witness<Place>,
        told: Told,
    ) -> Option<history::Contrast> {
        let requirement = self.catalogue.requirement(&contrast.requirement)?;
        let seen = told.last.unwrap_or(witness.place.seen);
        let [a_early, b_early] = told.early;
        let [a_excuse, b_excuse] = told.excuses;
        Some(history::Contrast {
            requirement: requirement.id.clone(),
            level: requirement.level,
            text: requirement.text.clone(),
            case: self.catalogue.cases[witness.place.case].id.clone(),
            field: contrast.field.to_string(),
            a: contrast.a.clone(),
            b: contrast.b.clone(),
            a_keeps: seen.a_keeps || a_early,
            b_keeps: seen.b_keeps || b_early,
            a_excuse,
            b_excuse,
            count: witness.count,
            stable: told.last.is_some(),
            exchanges: told.exchanges,
        })
    }

    fn seen(&self, contrast: &Contrast, played: &(Played, Played)) -> Option<Seen> {
        self.contrasts(played).into_iter().find(|(other, _)| other.is_like(contrast)).map(|(_, seen)| seen)
    }

    /// The class of the request that shows a contrast: one of another class is another contrast.
    fn class(&self, played: &(Played, Played), seen: Seen) -> Option<Class> {
        let request = &played.0.steps.get(seen.step)?.exchange.request;
        Some(classify(&self.a.world.contract, request).class)
    }
}

/// The exchanges up to where a contrast is seen, as reports show them.
fn shown<T>(side: &Side<T>, played: &Played, seen: Seen) -> Vec<reports::model::RecordedExchange> {
    let end = played.steps.len().min(seen.step + 1);
    record(&side.world, &played.steps[..end], &side.secrets, side.signs)
}
