//! What could not be tested because a response was wrong: which differences kept a case, a requirement
//! on every response, or the calls of an operation from being put to the test. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::call::Step;
use cases::expectation::Accept;
use cases::id::RequirementId;
use cases::outcome::Field;
use serde::{Deserialize, Serialize};

use crate::judge::{Difference, Judgement};
use crate::play::{Played, PlayedStep};

/// More differences are no help to who wants to know why something was not tested.
const MAX_DIFFERENCES: usize = 32;

/// Differences that kept something from being tested.
pub type Blockers = BTreeSet<Difference>;

/// Differences that one of several deviations shows by itself too, with what it shows.
pub type Explained = BTreeMap<Difference, Blockers>;

/// Differences with those in place of the ones that are explained by others.
pub fn explain(differences: Blockers, explained: &Explained) -> Blockers {
    let by = |difference: Difference| match explained.get(&difference) {
        Some(by) => by.clone(),
        None => Blockers::from([difference]),
    };
    differences.into_iter().flat_map(by).collect()
}

/// What of a case was not tested, and because of what.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Blocked {
    /// What ended samples early, or kept them from being sent.
    pub samples: Blockers,
    /// Whether something else than a wrong response did so too.
    pub otherwise: bool,
    /// What was answered instead of what would have tested a requirement.
    pub requirements: BTreeMap<RequirementId, Blockers>,
    /// What kept calls of an operation from being sent.
    pub calls: BTreeMap<String, Blockers>,
    /// Requirements on what a response need not carry, and did not.
    pub uncarried: BTreeSet<RequirementId>,
}

impl Blocked {
    /// Takes note of what the answers of a sequence did not test since they were wrong. Differences that
    /// are `explained` stand for others.
    pub fn note(&mut self, played: &Played, explained: &Explained) {
        for step in &played.steps {
            let Judgement::Judged { differences, tested, .. } = &step.judgement else { continue };
            self.uncarried.extend(uncarried(step));
            let of_status = |it: &&Difference| it.field == Field::Status;
            let of_value = |it: &&Difference| matches!(it.field, Field::Member(_));
            let by: Blockers = if differences.iter().any(|it| of_status(&it)) {
                differences.iter().filter(of_status).cloned().collect()
            } else {
                differences.iter().filter(of_value).cloned().collect()
            };
            if by.is_empty() {
                continue;
            }
            // Without the value that a response issues, nothing can be said of it.
            let is_of_value =
                |field: &Field| matches!(field, Field::Freshness | Field::Opacity | Field::Succession);
            let is_refused = by.iter().any(|it| of_status(&it));
            let untested = step.expectation.primary().fields.iter().filter(|(field, accept)| {
                !tested.contains(&accept.requirement)
                    && (is_refused || step.issued.is_none() && is_of_value(field))
            });
            let by = explain(by.clone(), explained);
            for (_, accept) in untested {
                extend(self.requirements.entry(accept.requirement.clone()).or_default(), &by);
            }
        }
    }

    /// Takes note that a sample of these steps proves nothing, and why, if wrong responses are the reason.
    /// Steps from `sent` on were not sent.
    pub fn sample(&mut self, steps: &[Step], sent: usize, by: Option<&Blockers>) {
        let Some(by) = by else {
            self.otherwise = true;
            return;
        };
        extend(&mut self.samples, by);
        for step in steps.iter().skip(sent) {
            extend(self.calls.entry(step.call.operation.clone()).or_default(), by);
        }
    }

    /// Adds what kept the same case from being tested before, but for the samples: they were tried anew.
    pub fn add(&mut self, before: Blocked) {
        for (requirement, by) in before.requirements {
            extend(self.requirements.entry(requirement).or_default(), &by);
        }
        for (operation, by) in before.calls {
            extend(self.calls.entry(operation).or_default(), &by);
        }
        self.uncarried.extend(before.uncarried);
    }
}

/// The requirements on members that a response need not carry and did not.
fn uncarried(step: &PlayedStep) -> impl Iterator<Item = RequirementId> {
    let answer = step.outcome.status().and_then(|status| step.expectation.answer(status));
    let absent = |(field, accept): &(&Field, &Accept)| {
        matches!(field, Field::Member(_)) && !accept.is_tested_by(step.outcome.get(field))
    };
    let absent = answer.into_iter().flat_map(|answer| &answer.fields).filter(absent);
    absent.map(|(_, accept)| accept.requirement.clone())
}

fn extend(all: &mut Blockers, by: &Blockers) {
    let room = MAX_DIFFERENCES.saturating_sub(all.len());
    all.extend(by.iter().take(room).cloned());
}

/// The differences for which a sequence proves nothing that was not sent to its end, or whose last
/// request was refused otherwise than it should be; none if something else is to blame.
pub fn blockers(played: &Played) -> Option<Blockers> {
    if played.withheld || played.excuses().next().is_some() {
        return None;
    }
    let step = match &played.missing {
        Some(missing) => played.steps.get(missing.step),
        None => played.steps.last(),
    };
    let all = differences(step?);
    let of = |field: &Field| -> Blockers { all.iter().filter(|it| it.field == *field).cloned().collect() };
    let by = if played.missing.is_some() {
        all.iter().cloned().collect()
    } else if played.other_reason(&Explained::new()).is_some() {
        of(&Field::ErrorType)
    } else {
        of(&Field::Status)
    };
    (!by.is_empty()).then_some(by)
}

fn differences(step: &PlayedStep) -> &[Difference] {
    match &step.judgement {
        Judgement::Judged { differences, .. } => differences,
        Judgement::Excused(_) => &[],
    }
}
