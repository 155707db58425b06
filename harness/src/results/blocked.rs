//! What could not be tested because a response was wrong: which differences kept a case, a requirement
//! on every response, or the calls of an operation from being tested. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::generate::Step;
use cases::id::RequirementId;
use cases::oracle::{AcceptedValues, Field, Value};
use serde::{Deserialize, Serialize};

use crate::execute::executed::{Executed, ExecutedStep};
use crate::judge::judgement::{Blockers, Difference, Explained, Judgement};

/// The maximum number of differences that a report names as the reason why something was not tested.
const MAX_DIFFERENCES: usize = 32;

/// Replaces the differences that others explain by those others.
pub fn explain(differences: Blockers, explained: &Explained) -> Blockers {
    let replacement = |difference: Difference| match explained.get(&difference) {
        Some(by) => by.clone(),
        None => Blockers::from([difference]),
    };
    differences.into_iter().flat_map(replacement).collect()
}

/// What a case did not test, and the differences that are the reason.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Blocked {
    /// What ended samples early, or kept them from being sent.
    pub samples: Blockers,
    /// Whether something other than a wrong response did so too.
    pub otherwise: bool,
    /// What came instead of the responses that would have tested a requirement.
    pub requirements: BTreeMap<RequirementId, Blockers>,
    /// What kept calls of an operation from being sent.
    pub calls: BTreeMap<String, Blockers>,
    /// Requirements on optional parts of a response that were absent.
    pub uncarried: BTreeSet<RequirementId>,
}

impl Blocked {
    /// Records what the responses of a sequence did not test because they were wrong. Differences in
    /// `explained` are replaced by those that explain them.
    pub fn record_sequence(&mut self, executed: &Executed, explained: &Explained) {
        for step in &executed.steps {
            let Judgement::Compared { differences, tested, .. } = &step.judgement else { continue };
            self.uncarried.extend(uncarried(step));
            self.record_unread(step, differences, tested, explained);
            self.record_wrong(step, differences, tested, explained);
        }
    }

    /// Records what could not be read since the body of a response is encoded.
    fn record_unread(
        &mut self,
        step: &ExecutedStep,
        differences: &[Difference],
        tested: &BTreeSet<RequirementId>,
        explained: &Explained,
    ) {
        let encoded: Blockers =
            differences.iter().filter(|it| it.field == Field::ContentEncoding).cloned().collect();
        if encoded.is_empty() {
            return;
        }
        let encoded = explain(encoded, explained);
        for requirement in unread(step).filter(|it| !tested.contains(it)) {
            extend(self.requirements.entry(requirement).or_default(), &encoded);
        }
    }

    /// Records what a response with a wrong status or a wrong member did not test.
    fn record_wrong(
        &mut self,
        step: &ExecutedStep,
        differences: &[Difference],
        tested: &BTreeSet<RequirementId>,
        explained: &Explained,
    ) {
        let has_wrong_status = differences.iter().any(|it| it.field == Field::Status);
        let by: Blockers = differences
            .iter()
            .filter(|it| match it.field {
                Field::Status => has_wrong_status,
                Field::Member(_) => !has_wrong_status,
                _ => false,
            })
            .cloned()
            .collect();
        if by.is_empty() {
            return;
        }
        // Nothing can be said of a value that a response should have issued and did not.
        let depends_on_value =
            |field: &Field| matches!(field, Field::Freshness | Field::Opacity | Field::Succession);
        let untested = step.expectation.primary().fields.iter().filter(|(field, accept)| {
            !tested.contains(&accept.requirement)
                && (has_wrong_status || step.issued.is_none() && depends_on_value(field))
        });
        let by = explain(by, explained);
        for (_, accept) in untested {
            extend(self.requirements.entry(accept.requirement.clone()).or_default(), &by);
        }
    }

    /// Records that a sample of these steps proves nothing. `by` are the wrong responses that are the
    /// reason; without them it is another one. Steps from `sent` on were not sent.
    pub fn record_sample(&mut self, steps: &[Step], sent: usize, by: Option<&Blockers>) {
        let Some(by) = by else {
            self.otherwise = true;
            return;
        };
        extend(&mut self.samples, by);
        for step in steps.iter().skip(sent) {
            extend(self.calls.entry(step.call.operation.clone()).or_default(), by);
        }
    }

    /// Replaces each difference by another one.
    pub(crate) fn replace_each(&mut self, other: impl Fn(Difference) -> Difference) {
        let of_requirements = self.requirements.values_mut().chain(self.calls.values_mut());
        for blockers in of_requirements.chain([&mut self.samples]) {
            *blockers = std::mem::take(blockers).into_iter().map(&other).collect();
        }
    }

    /// Adds what blocked the same case before, except the samples: they were sent again.
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

/// The requirements on optional members that a response does not carry.
fn uncarried(step: &ExecutedStep) -> impl Iterator<Item = RequirementId> {
    let absent = |(field, accept): &(&Field, &AcceptedValues)| {
        matches!(field, Field::Member(_)) && !accept.is_tested_by(step.outcome.get(field))
    };
    accepted(step).filter(absent).map(|(_, accept)| accept.requirement.clone())
}

/// The requirements on what could not be read in a response, since its body is encoded.
fn unread(step: &ExecutedStep) -> impl Iterator<Item = RequirementId> {
    let is_unread = |(field, _): &(&Field, &AcceptedValues)| *step.outcome.get(field) == Value::Unread;
    accepted(step).filter(is_unread).map(|(_, accept)| accept.requirement.clone())
}

/// What the contract accepts in each field of a response with the status that it has.
fn accepted(step: &ExecutedStep) -> impl Iterator<Item = (&Field, &AcceptedValues)> {
    let expected = step.outcome.status().and_then(|status| step.expectation.response(status));
    expected.into_iter().flat_map(|expected| &expected.fields)
}

fn extend(all: &mut Blockers, by: &Blockers) {
    let room = MAX_DIFFERENCES.saturating_sub(all.len());
    all.extend(by.iter().take(room).cloned());
}

/// The differences that are the reason why a sequence proves nothing: it was not sent to its end, or its last
/// request was rejected in a wrong way. `None` if something else is the reason.
pub fn blockers(executed: &Executed) -> Option<Blockers> {
    if executed.withheld || executed.not_attributable().next().is_some() {
        return None;
    }
    let step = match &executed.missing {
        Some(missing) => executed.steps.get(missing.step),
        None => executed.steps.last(),
    };
    let all = differences(step?);
    let of = |field: &Field| -> Blockers { all.iter().filter(|it| it.field == *field).cloned().collect() };
    let by = if let Some(missing) = &executed.missing {
        let own = of(&Field::Member(missing.member.clone()));
        if own.is_empty() { all.iter().cloned().collect() } else { own }
    } else if executed.refused_for_other_reason(&Explained::new()).is_some() {
        of(&Field::ErrorType)
    } else {
        of(&Field::Status)
    };
    let by = if by.is_empty() { earlier(executed) } else { by };
    (!by.is_empty()).then_some(by)
}

/// The differences before the last step. If its response is right and the sequence still cannot continue,
/// an earlier response issued an unusable value: one whose values the step takes, or any other.
fn earlier(executed: &Executed) -> Blockers {
    let Some((last, before)) = executed.steps.split_last() else { return Blockers::new() };
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
    use cases::oracle::{Expectation, ExpectedResponse, Outcome};
    use cases::protocol::{Arg, Call, MessageForm, MissingOutput, Output, Request, Response};

    use super::*;
    use crate::client::exchange::Exchange;
    use crate::judge::judgement::{NotAttributable, judge};

    const OPERATION: &str = "GetLatestConfiguration";

    fn own() -> RequirementId {
        RequirementId::new(["get-latest-configuration", "accepts"])
    }

    fn call() -> Step {
        let call = Call {
            operation: OPERATION.to_owned(),
            args: Vec::new(),
            body: None,
            form: MessageForm::Standard,
        };
        Step::new(call, own())
    }

    /// A call that has to succeed, with this outcome.
    fn step(outcome: &str) -> ExecutedStep {
        let contract = Contract::model().unwrap();
        let operation = contract.operation(OPERATION).unwrap();
        let expectation = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
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

    fn executed(steps: Vec<ExecutedStep>) -> Executed {
        Executed { steps, withheld: false, ..Executed::withheld() }
    }

    const RIGHT: &str = "status: 200\nConfiguration: <bytes>\nContentType: <string>\nNextPollConfigurationToken: <string>\n\
                         NextPollIntervalInSeconds: <integer>";

    fn fields(by: Option<Blockers>) -> Vec<String> {
        by.unwrap_or_default().iter().map(|it| format!("{}: {}", it.field, it.actual)).collect()
    }

    #[test]
    fn wrong_status_blocks_and_excuse_does_not() {
        let wrong = || step("status: 404");
        assert_eq!(fields(blockers(&executed(vec![step(RIGHT), wrong()]))), ["status: 404"]);
        assert_eq!(fields(blockers(&executed(vec![step(RIGHT)]))), [""; 0]);
        let mut excused = wrong();
        excused.judgement = Judgement::NotAttributable(NotAttributable::Throttled);
        assert_eq!(blockers(&executed(vec![excused])), None);
        assert_eq!(blockers(&Executed { withheld: true, ..executed(vec![wrong()]) }), None);
    }

    #[test]
    fn missing_output_blocks_sequence() {
        let incomplete = step(
            "status: 200\nConfiguration: <bytes>\nContentType: <string>\nNextPollIntervalInSeconds: <integer>",
        );
        let missing = Some(MissingOutput { step: 0, member: "NextPollConfigurationToken".to_owned() });
        let ended = Executed { missing, ..executed(vec![incomplete]) };
        assert_eq!(fields(blockers(&ended)), ["NextPollConfigurationToken: <absent>"]);
    }

    #[test]
    fn right_rejection_is_blocked_by_earlier_response() {
        let bad =
            step(&RIGHT.replace("NextPollConfigurationToken: <string>", "NextPollConfigurationToken: <bad>"));
        let mut last = step("status: 200");
        last.judgement =
            Judgement::Compared { differences: Vec::new(), tested: BTreeSet::new(), silent: Vec::new() };
        let by = |steps| fields(blockers(&executed(steps)));
        assert_eq!(by(vec![bad.clone(), last.clone()]), ["NextPollConfigurationToken: <bad>"]);
        let output = Output { step: 1, member: "NextPollConfigurationToken".to_owned(), alter: None };
        last.step.call.args.push(("ConfigurationToken".to_owned(), Arg::Output(output)));
        let other = step(&RIGHT.replace("<integer>", "<bad>"));
        assert_eq!(by(vec![other, bad, last]), ["NextPollConfigurationToken: <bad>"]);
    }

    #[test]
    fn untested_requirements_name_what_came_instead() {
        let response = |aspect: &str| RequirementId::new(["get-latest-configuration", "response", aspect]);
        let record = |outcome: &str| {
            let mut blocked = Blocked::default();
            blocked.record_sequence(&executed(vec![step(outcome)]), &Explained::new());
            let of = |id: &RequirementId| fields(blocked.requirements.get(id).cloned());
            let unique = RequirementId::new(["get-latest-configuration", "configuration-token", "unique"]);
            (of(&response("configuration")), of(&unique), blocked.uncarried)
        };
        let none: Vec<String> = Vec::new();
        let rejected = vec!["status: 500".to_owned()];
        assert_eq!(record("status: 500"), (rejected.clone(), rejected, BTreeSet::new()));
        let label = BTreeSet::from([response("version-label")]);
        let (content, unique, uncarried) = record(RIGHT);
        assert_eq!((content, unique), (none.clone(), none.clone()));
        assert!(uncarried.is_superset(&label), "{uncarried:?}");
        // Nothing can be said of a value that was not issued; all else is tested.
        let (content, unique, _) = record(&RIGHT.replace("NextPollConfigurationToken: <string>\n", ""));
        assert_eq!((content, unique), (none, vec!["NextPollConfigurationToken: <absent>".to_owned()]));
    }

    #[test]
    fn later_steps_are_not_sent() {
        let by = blockers(&executed(vec![step("status: 404")]));
        let calls = |sent: usize| {
            let mut blocked = Blocked::default();
            blocked.record_sample(&[call(), call()], sent, by.as_ref());
            assert_eq!((blocked.samples.len(), blocked.otherwise), (1, false));
            fields(blocked.calls.get(OPERATION).cloned())
        };
        assert_eq!(calls(1), ["status: 404"]);
        assert_eq!(calls(2), [""; 0]);
        let mut blocked = Blocked::default();
        blocked.record_sample(&[call()], 0, None);
        assert!(blocked.otherwise);
        assert!(blocked.samples.is_empty());
        assert!(blocked.calls.is_empty());
    }

    #[test]
    fn explained_differences_are_replaced_and_few_are_kept() {
        let difference = |name: &str| Difference {
            requirement: RequirementId::new([name]),
            field: Field::Status,
            expected: Value::code(200),
            actual: Value::code(500),
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
