//! What could not be tested because a response was wrong: which differences kept a case, a requirement
//! on every response, or the calls of an operation from being put to the test. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::generate::Step;
use cases::id::RequirementId;
use cases::oracle::{Accept, Field, UNREAD};
use serde::{Deserialize, Serialize};

use crate::execute::executed::{Executed, ExecutedStep};
use crate::judge::judgement::{Blockers, Difference, Explained, Judgement};

/// More differences are no help to who wants to know why something was not tested.
const MAX_DIFFERENCES: usize = 32;

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
    pub fn note(&mut self, played: &Executed, explained: &Explained) {
        for step in &played.steps {
            let Judgement::Compared { differences, tested, .. } = &step.judgement else { continue };
            self.uncarried.extend(uncarried(step));
            let coded: Blockers =
                differences.iter().filter(|it| it.field == Field::ContentEncoding).cloned().collect();
            if !coded.is_empty() {
                let coded = explain(coded, explained);
                for requirement in hidden(step).filter(|it| !tested.contains(it)) {
                    extend(self.requirements.entry(requirement).or_default(), &coded);
                }
            }
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

    /// Puts another difference in the place of each.
    pub(crate) fn replace_each(&mut self, other: impl Fn(Difference) -> Difference) {
        let of_requirements = self.requirements.values_mut().chain(self.calls.values_mut());
        for blockers in of_requirements.chain([&mut self.samples]) {
            *blockers = std::mem::take(blockers).into_iter().map(&other).collect();
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
fn uncarried(step: &ExecutedStep) -> impl Iterator<Item = RequirementId> {
    let absent = |(field, accept): &(&Field, &Accept)| {
        matches!(field, Field::Member(_)) && !accept.is_tested_by(step.outcome.get(field))
    };
    accepted(step).filter(absent).map(|(_, accept)| accept.requirement.clone())
}

/// The requirements on what nobody could read in a response, as its body is coded.
fn hidden(step: &ExecutedStep) -> impl Iterator<Item = RequirementId> {
    let is_hidden = |(field, _): &(&Field, &Accept)| step.outcome.get(field) == UNREAD;
    accepted(step).filter(is_hidden).map(|(_, accept)| accept.requirement.clone())
}

/// What is accepted in the fields of a response with the status that it has.
fn accepted(step: &ExecutedStep) -> impl Iterator<Item = (&Field, &Accept)> {
    let answer = step.outcome.status().and_then(|status| step.expectation.answer(status));
    answer.into_iter().flat_map(|answer| &answer.fields)
}

fn extend(all: &mut Blockers, by: &Blockers) {
    let room = MAX_DIFFERENCES.saturating_sub(all.len());
    all.extend(by.iter().take(room).cloned());
}

/// The differences for which a sequence proves nothing that was not sent to its end, or whose last
/// request was refused otherwise than it should be; none if something else is to blame.
pub fn blockers(played: &Executed) -> Option<Blockers> {
    if played.withheld || played.not_attributable().next().is_some() {
        return None;
    }
    let step = match &played.missing {
        Some(missing) => played.steps.get(missing.step),
        None => played.steps.last(),
    };
    let all = differences(step?);
    let of = |field: &Field| -> Blockers { all.iter().filter(|it| it.field == *field).cloned().collect() };
    let by = if let Some(missing) = &played.missing {
        let own = of(&Field::Member(missing.member.clone()));
        if own.is_empty() { all.iter().cloned().collect() } else { own }
    } else if played.refused_for_other_reason(&Explained::new()).is_some() {
        of(&Field::ErrorType)
    } else {
        of(&Field::Status)
    };
    let by = if by.is_empty() { earlier(played) } else { by };
    (!by.is_empty()).then_some(by)
}

/// The differences before the last step. Where it got what is right, and yet the sequence cannot go on, an
/// earlier response gave it what cannot be used: one of those whose values it takes, or any.
fn earlier(played: &Executed) -> Blockers {
    let Some((last, before)) = played.steps.split_last() else { return Blockers::new() };
    let used = last.step.call.uses().filter_map(|output| Some((before.get(output.step)?, &output.member)));
    let of_value = |field: &Field, member: &String| match field {
        Field::Member(name) => name == member,
        Field::Freshness => true,
        _ => false,
    };
    let of = |(step, member)| differences(step).iter().filter(move |it| of_value(&it.field, member));
    let by: Blockers = used.flat_map(of).cloned().collect();
    if by.is_empty() { before.iter().flat_map(differences).cloned().collect() } else { by }
}

fn differences(step: &ExecutedStep) -> &[Difference] {
    match &step.judgement {
        Judgement::Compared { differences, .. } => differences,
        Judgement::NotAttributable(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cases::contract::Contract;
    use cases::oracle::{Answer, Expectation, Outcome};
    use cases::protocol::{Arg, Call, Form, MissingOutput, Output, Request, Response};

    use super::*;
    use crate::client::exchange::Exchange;
    use crate::judge::judgement::{NotAttributable, judge};

    const OPERATION: &str = "GetLatestConfiguration";

    fn own() -> RequirementId {
        RequirementId::new(["get-latest-configuration", "accepts"])
    }

    fn call() -> Step {
        let call = Call { operation: OPERATION.to_owned(), args: Vec::new(), body: None, form: Form::Plain };
        Step::new(call, own())
    }

    /// A call that has to succeed, answered so.
    fn step(outcome: &str) -> ExecutedStep {
        let contract = Contract::model().unwrap();
        let operation = contract.operation(OPERATION).unwrap();
        let expectation = Expectation::of(Answer::success(&contract, operation, &BTreeMap::new()));
        let outcome: Outcome = outcome.parse().unwrap();
        let response = Response { status: outcome.status().unwrap(), headers: Vec::new(), body: Vec::new() };
        ExecutedStep {
            judgement: judge(&contract, &own(), &expectation, None, &outcome),
            step: call(),
            placeholders: None,
            exchange: Exchange::new(Request::default(), Ok(response), Duration::ZERO),
            expectation,
            outcome,
            issued: None,
            truncated: None,
        }
    }

    fn played(steps: Vec<ExecutedStep>) -> Executed {
        Executed { steps, withheld: false, ..Executed::withheld() }
    }

    const RIGHT: &str = "status: 200\nConfiguration: <bytes>\nContentType: <string>\nNextPollConfigurationToken: <string>\n\
                         NextPollIntervalInSeconds: <integer>";

    fn fields(by: Option<Blockers>) -> Vec<String> {
        by.unwrap_or_default().iter().map(|it| format!("{}: {}", it.field, it.actual)).collect()
    }

    #[test]
    fn a_wrong_status_ends_a_sequence_and_an_excuse_is_no_failure() {
        let wrong = || step("status: 404");
        assert_eq!(fields(blockers(&played(vec![step(RIGHT), wrong()]))), ["status: 404"]);
        assert_eq!(fields(blockers(&played(vec![step(RIGHT)]))), [""; 0]);
        let mut excused = wrong();
        excused.judgement = Judgement::NotAttributable(NotAttributable::Throttled);
        assert_eq!(blockers(&played(vec![excused])), None);
        assert_eq!(blockers(&Executed { withheld: true, ..played(vec![wrong()]) }), None);
    }

    #[test]
    fn what_an_answer_lacks_is_what_ends_a_sequence() {
        let lacking = step(
            "status: 200\nConfiguration: <bytes>\nContentType: <string>\nNextPollIntervalInSeconds: <integer>",
        );
        let missing = Some(MissingOutput { step: 0, member: "NextPollConfigurationToken".to_owned() });
        let ended = Executed { missing, ..played(vec![lacking]) };
        assert_eq!(fields(blockers(&ended)), ["NextPollConfigurationToken: <absent>"]);
    }

    #[test]
    fn a_refusal_that_is_right_is_due_to_what_came_before() {
        let bad =
            step(&RIGHT.replace("NextPollConfigurationToken: <string>", "NextPollConfigurationToken: <bad>"));
        let mut last = step("status: 200");
        last.judgement =
            Judgement::Compared { differences: Vec::new(), tested: BTreeSet::new(), silent: Vec::new() };
        let by = |steps| fields(blockers(&played(steps)));
        assert_eq!(by(vec![bad.clone(), last.clone()]), ["NextPollConfigurationToken: <bad>"]);
        let output = Output { step: 1, member: "NextPollConfigurationToken".to_owned(), alter: None };
        last.step.call.args.push(("ConfigurationToken".to_owned(), Arg::Output(output)));
        let other = step(&RIGHT.replace("<integer>", "<bad>"));
        assert_eq!(by(vec![other, bad, last]), ["NextPollConfigurationToken: <bad>"]);
    }

    #[test]
    fn what_was_not_tested_is_noted_with_what_was_answered_instead() {
        let response = |aspect: &str| RequirementId::new(["get-latest-configuration", "response", aspect]);
        let noted = |outcome: &str| {
            let mut blocked = Blocked::default();
            blocked.note(&played(vec![step(outcome)]), &Explained::new());
            let of = |id: &RequirementId| fields(blocked.requirements.get(id).cloned());
            let unique = RequirementId::new(["get-latest-configuration", "configuration-token", "unique"]);
            (of(&response("configuration")), of(&unique), blocked.uncarried)
        };
        let none: Vec<String> = Vec::new();
        let refused = vec!["status: 500".to_owned()];
        assert_eq!(noted("status: 500"), (refused.clone(), refused, BTreeSet::new()));
        let label = BTreeSet::from([response("version-label")]);
        let (content, unique, uncarried) = noted(RIGHT);
        assert_eq!((content, unique), (none.clone(), none.clone()));
        assert!(uncarried.is_superset(&label), "{uncarried:?}");
        // Of a value that was not issued nothing can be said, but of all else.
        let (content, unique, _) = noted(&RIGHT.replace("NextPollConfigurationToken: <string>\n", ""));
        assert_eq!((content, unique), (none, vec!["NextPollConfigurationToken: <absent>".to_owned()]));
    }

    #[test]
    fn what_comes_after_is_not_sent() {
        let by = blockers(&played(vec![step("status: 404")]));
        let calls = |sent: usize| {
            let mut blocked = Blocked::default();
            blocked.sample(&[call(), call()], sent, by.as_ref());
            assert_eq!((blocked.samples.len(), blocked.otherwise), (1, false));
            fields(blocked.calls.get(OPERATION).cloned())
        };
        assert_eq!(calls(1), ["status: 404"]);
        assert_eq!(calls(2), [""; 0]);
        let mut blocked = Blocked::default();
        blocked.sample(&[call()], 0, None);
        assert!(blocked.otherwise && blocked.samples.is_empty() && blocked.calls.is_empty());
    }

    #[test]
    fn explained_differences_stand_for_others_and_few_are_kept() {
        let difference = |name: &str| Difference {
            requirement: RequirementId::new([name]),
            field: Field::Status,
            expected: "200".to_owned(),
            actual: "500".to_owned(),
        };
        let of = |names: &[&str]| -> Blockers { names.iter().map(|name| difference(name)).collect() };
        let explained = Explained::from([(difference("b"), of(&["x", "y"]))]);
        assert_eq!(explain(of(&["a", "b"]), &explained), of(&["a", "x", "y"]));
        let mut all = Blockers::new();
        for number in 0..2 * MAX_DIFFERENCES {
            extend(&mut all, &of(&[&number.to_string()]));
        }
        assert_eq!(all.len(), MAX_DIFFERENCES);
    }
}
