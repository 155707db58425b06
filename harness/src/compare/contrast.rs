//! Where two targets respond differently to the same sequence. Pure.
//!
//! Responses are compared as outcomes (see [`normalize`](crate::judge::normalize)), so that values that
//! always differ, such as tokens, dates and request ids, are no difference. The comparison adds what an
//! outcome leaves out because the contract does not fix it, but a client may rely on: numbers of a success,
//! and content that no fixture names.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation, Shape};
use cases::id::RequirementId;
use cases::oracle::{ContentState, Field, Outcome, Value, shape_placeholder};
use cases::protocol::Response;

use crate::execute::executed::{Executed, ExecutedStep};
use crate::judge::judgement::{Difference, Judgement};
use crate::results::occurrence::{MAX_VALUES, Occurrence, record};

/// One field in which two responses differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Contrast {
    /// The requirement on the field.
    pub(crate) requirement: RequirementId,
    /// The field.
    pub(crate) field: Field,
    /// The value of the first endpoint.
    pub(crate) a: Value,
    /// The value of the second endpoint.
    pub(crate) b: Value,
}

impl Contrast {
    /// Whether both are the same contrast. A varying value equals any other.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let alike = |one: &Value, other: &Value| one == other || [one, other].contains(&&Value::Varying);
        (&self.requirement, &self.field) == (&other.requirement, &other.field)
            && alike(&self.a, &other.a)
            && alike(&self.b, &other.b)
    }

    /// Whether one endpoint did not respond.
    fn has_transport_failure(&self) -> bool {
        self.a.is_no_response() || self.b.is_no_response()
    }
}

/// Makes one contrast of those that differ only in too many values. `seen` says of a place which endpoint
/// conforms to the contract there; contrasts are only collapsed if the same endpoint does.
pub(crate) fn collapse_varying<P: Copy>(
    contrasts: BTreeMap<Contrast, Occurrence<P>>,
    seen: impl Fn(&P) -> StepRef,
) -> BTreeMap<Contrast, Occurrence<P>> {
    let (failures, others): (Vec<_>, Vec<_>) =
        contrasts.into_iter().partition(|(it, _)| it.has_transport_failure());
    let mut folded: BTreeMap<_, _> = failures.into_iter().collect();
    let mut groups: BTreeMap<_, Vec<(Contrast, Occurrence<P>)>> = BTreeMap::new();
    for (contrast, occurrence) in others {
        let StepRef { a_conforms, b_conforms, step: _ } = seen(&occurrence.place);
        let key = (contrast.requirement.clone(), contrast.field.clone(), a_conforms, b_conforms);
        groups.entry(key).or_default().push((contrast, occurrence));
    }
    for group in groups.into_values() {
        let are_many = |of: fn(&Contrast) -> &Value| {
            group.iter().map(|(contrast, _)| of(contrast)).collect::<BTreeSet<_>>().len() > MAX_VALUES
        };
        let (a, b) = (are_many(|contrast| &contrast.a), are_many(|contrast| &contrast.b));
        for (mut contrast, occurrence) in group {
            if a {
                contrast.a = Value::Varying;
            }
            if b {
                contrast.b = Value::Varying;
            }
            record(&mut folded, contrast, occurrence);
        }
    }
    folded
}

/// Where a contrast was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepRef {
    /// The index of the step.
    pub(crate) step: usize,
    /// Whether the first endpoint conforms to the contract in this.
    pub(crate) a_conforms: bool,
    /// Whether the second endpoint does.
    pub(crate) b_conforms: bool,
}

/// Every contrast of one sequence that was sent to both endpoints, each where it is first seen. Once one
/// endpoint succeeds and the other one does not, later responses would only repeat that.
///
/// `same_content` says that both serve the same content for the same resource.
pub(crate) fn contrasts(
    contract: &Contract,
    a: &Executed,
    b: &Executed,
    same_content: bool,
) -> Vec<(Contrast, StepRef)> {
    let mut all: Vec<(Contrast, StepRef)> = Vec::new();
    for (step, (one, other)) in a.steps.iter().zip(&b.steps).enumerate() {
        for field in differing(contract, one, other, same_content) {
            let contrast = Contrast {
                requirement: requirement(one, other, &field.0),
                field: field.0,
                a: field.1,
                b: field.2,
            };
            if all.iter().all(|(known, _)| *known != contrast) {
                let conforms = |step: &ExecutedStep| difference_in(step, &contrast.field).is_none();
                let seen = StepRef { step, a_conforms: conforms(one), b_conforms: conforms(other) };
                all.push((contrast, seen));
            }
        }
        if success(one).is_some() != success(other).is_some() {
            break;
        }
    }
    all
}

/// The fields in which two responses differ, with both values. If the statuses differ, the other fields would
/// only repeat that, unless both are successes.
fn differing(
    contract: &Contract,
    a: &ExecutedStep,
    b: &ExecutedStep,
    same_content: bool,
) -> Vec<(Field, Value, Value)> {
    let (one, other) = (shown(contract, a), shown(contract, b));
    let is_read =
        |field: &Field| [one.get(field), other.get(field)].iter().all(|value| **value != Value::Unread);
    let differs = |field: &Field| one.get(field) != other.get(field) && is_read(field);
    let both_succeed = success(a).is_some() && success(b).is_some();
    let fields: BTreeSet<&Field> = if differs(&Field::Status) && !both_succeed {
        [&Field::Status].into()
    } else {
        one.iter().chain(other.iter()).map(|(field, _)| field).collect()
    };
    let mut all: Vec<_> = fields
        .into_iter()
        .filter(|field| differs(field))
        .map(|field| (field.clone(), one.get(field).clone(), other.get(field).clone()))
        .collect();
    all.extend(content(contract, a, b).filter(|_| same_content));
    all
}

/// The outcome, with the numbers and Booleans of a success as they came.
fn shown(contract: &Contract, step: &ExecutedStep) -> Outcome {
    let mut outcome = step.outcome.clone();
    let (Some(response), Some(operation)) = (success(step), operation(contract, step)) else {
        return outcome;
    };
    let values = cases::protocol::outputs(operation, response);
    for member in operation.output.iter().filter(|member| !member.sensitive) {
        let shape = contract.shape(member);
        let field = Field::Member(member.name.clone());
        let is_plain = matches!(shape, Shape::Integer(_) | Shape::Number | Shape::Boolean);
        if let Some(value) = values
            .get(&member.name)
            .filter(|_| is_plain && outcome.get(&field) == &Value::fixed(shape_placeholder(shape)))
        {
            outcome.set(field, Value::text(value.trim()));
        }
    }
    outcome
}

/// The content of two successes, if it differs and no fixture says what it should be.
fn content(contract: &Contract, a: &ExecutedStep, b: &ExecutedStep) -> Option<(Field, Value, Value)> {
    let (one, other) = (success(a)?, success(b)?);
    let field = Field::Member(operation(contract, a)?.output_payload()?.name.clone());
    let is_other = |step: &ExecutedStep| *step.outcome.get(&field) == Value::from(ContentState::Other);
    if !is_other(a) || !is_other(b) || (&one.body, a.truncated) == (&other.body, b.truncated) {
        return None;
    }
    // The bytes themselves may be private.
    let of =
        |step: &ExecutedStep| format!("{}, {} bytes", Value::from(ContentState::Other), step.body_length());
    let unlike = if a.body_length() == b.body_length() { ", unlike those of A" } else { "" };
    Some((field, Value::text(&of(a)), Value::text(&format!("{}{unlike}", of(b)))))
}

fn operation<'c>(contract: &'c Contract, step: &ExecutedStep) -> Option<&'c Operation> {
    contract.operation(&step.step.call.operation)
}

/// The response, if it is a success.
fn success(step: &ExecutedStep) -> Option<&Response> {
    step.exchange.observed.as_ref().ok().filter(|response| response.is_success())
}

/// The difference from the contract in a field of a response.
fn difference_in<'s>(step: &'s ExecutedStep, field: &Field) -> Option<&'s Difference> {
    match &step.judgement {
        Judgement::Compared { differences, .. } => differences.iter().find(|other| other.field == *field),
        Judgement::NotAttributable(_) => None,
    }
}

/// The requirement on a field: the one that a response fails in it, or the one that the contract has for it,
/// or that of the step.
fn requirement(a: &ExecutedStep, b: &ExecutedStep, field: &Field) -> RequirementId {
    let failed = [a, b].into_iter().find_map(|step| difference_in(step, field)).map(|it| &it.requirement);
    let expected = || {
        [a, b].into_iter().find_map(|step| {
            let response = step.expectation.response(step.outcome.status()?)?;
            Some(&response.fields.get(field)?.requirement)
        })
    };
    failed.or_else(expected).unwrap_or(&a.step.requirement).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::occurrence::Size;

    #[test]
    fn many_values_of_a_field_become_one_contrast() {
        let contrast = |field: Field, b: &str| Contrast {
            requirement: RequirementId::new(["errors", "type"]),
            a: Value::code(200),
            b: Value::read(&field, b),
            field,
        };
        let place = StepRef { step: 0, a_conforms: true, b_conforms: false };
        let of = |values: usize| {
            let types = (0..values).map(|n| contrast(Field::ErrorType, &format!("B{n}")));
            let all = types.chain([contrast(Field::Status, "400")]);
            let size = Size::of(&[]);
            let all = all.map(|it| (it, Occurrence { place, size, count: 2 })).collect();
            let folded = collapse_varying(all, |place| *place);
            folded
                .into_iter()
                .map(|(it, occurrence)| (it.field, it.a, it.b, occurrence.count))
                .collect::<Vec<_>>()
        };
        let expected = |field: Field, b: &str, count| {
            let value = Value::read(&field, b);
            (field, Value::code(200), value, count)
        };
        assert_eq!(of(MAX_VALUES).len(), MAX_VALUES + 1);
        let folded = [expected(Field::Status, "400", 2), expected(Field::ErrorType, "<varying>", 2 * 9)];
        assert_eq!(of(MAX_VALUES + 1), folded);
        // Contrasts of another endpoint, and transport failures, stay apart.
        let size = Size::of(&[]);
        let a_fails = StepRef { step: 0, a_conforms: false, b_conforms: true };
        let made_up = (0..9).map(|n| (contrast(Field::Status, &format!("43{n}")), place));
        let others =
            [(contrast(Field::Status, "400"), a_fails), (contrast(Field::Status, "<closed>"), place)];
        let all = made_up.chain(others).map(|(it, place)| (it, Occurrence { place, size, count: 1 }));
        let collapsed: Vec<_> = collapse_varying(all.collect(), |place| *place).into_iter().collect();
        let counts: Vec<_> =
            collapsed.iter().map(|(it, occurrence)| (it.b.to_string(), occurrence.count)).collect();
        assert_eq!(
            counts,
            [("400", 1), ("<closed>", 1), ("<varying>", 9)].map(|(b, count)| (b.to_owned(), count))
        );
        let varying = contrast(Field::ErrorType, "<varying>");
        assert!(contrast(Field::ErrorType, "B").is_like(&varying) && varying.is_like(&varying));
        assert!(!contrast(Field::Status, "B").is_like(&varying));
        assert!(!Contrast { a: Value::text("B"), ..contrast(Field::ErrorType, "B") }.is_like(&varying));
    }
}
