//! Where two targets answer the same sequence differently. Pure.
//!
//! Answers are compared as outcomes (see [`normalize`](crate::judge::normalize)), so that what differs by
//! nature, such as tokens, dates and request ids, is no difference. What an outcome leaves out because
//! the contract does not fix it, and a client may rely on all the same, is added: numbers of a success,
//! and content that nobody has told beforehand.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation, Shape};
use cases::id::RequirementId;
use cases::oracle::{Field, OTHER_CONTENT, Outcome, UNREAD, value_of};
use cases::protocol::Response;

use crate::execute::executed::{Executed, ExecutedStep};
use crate::judge::judgement::{Difference, Judgement, VARYING, is_no_response};
use crate::results::occurrence::{MAX_VALUES, Witness, note};

/// One field in which two answers differ. Two sequences show the same if these are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Contrast {
    /// The requirement that speaks of the field.
    pub(crate) requirement: RequirementId,
    /// The field.
    pub(crate) field: Field,
    /// What the one answered.
    pub(crate) a: String,
    /// What the other one answered.
    pub(crate) b: String,
}

impl Contrast {
    /// Whether the two show the same, one value of what varies being as good as another.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let alike = |one: &str, other: &str| one == other || [one, other].contains(&VARYING);
        (&self.requirement, &self.field) == (&other.requirement, &other.field)
            && alike(&self.a, &other.a)
            && alike(&self.b, &other.b)
    }

    /// Whether one of the two gave no answer.
    fn has_fault(&self) -> bool {
        is_no_response(&self.field, &self.a) || is_no_response(&self.field, &self.b)
    }
}

/// Makes one contrast of those that differ in too many values alone. `seen` tells of a place which of the
/// two keeps the contract there: who errs is not mixed up.
pub(crate) fn fold<P: Copy>(
    contrasts: BTreeMap<Contrast, Witness<P>>,
    seen: impl Fn(&P) -> Seen,
) -> BTreeMap<Contrast, Witness<P>> {
    let (faults, others): (Vec<_>, Vec<_>) = contrasts.into_iter().partition(|(it, _)| it.has_fault());
    let mut folded: BTreeMap<_, _> = faults.into_iter().collect();
    let mut groups: BTreeMap<_, Vec<(Contrast, Witness<P>)>> = BTreeMap::new();
    for (contrast, witness) in others {
        let Seen { a_keeps, b_keeps, step: _ } = seen(&witness.place);
        let key = (contrast.requirement.clone(), contrast.field.clone(), a_keeps, b_keeps);
        groups.entry(key).or_default().push((contrast, witness));
    }
    for beside in groups.into_values() {
        let are_many = |of: fn(&Contrast) -> &str| {
            beside.iter().map(|(contrast, _)| of(contrast)).collect::<BTreeSet<_>>().len() > MAX_VALUES
        };
        let (a, b) = (are_many(|contrast| &contrast.a), are_many(|contrast| &contrast.b));
        for (mut contrast, witness) in beside {
            if a {
                VARYING.clone_into(&mut contrast.a);
            }
            if b {
                VARYING.clone_into(&mut contrast.b);
            }
            note(&mut folded, contrast, witness);
        }
    }
    folded
}

/// Where a contrast was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The index of the step.
    pub(crate) step: usize,
    /// Whether the one keeps the contract in this.
    pub(crate) a_keeps: bool,
    /// Whether the other one does.
    pub(crate) b_keeps: bool,
}

/// Every contrast of two plays of one sequence, each where it is first seen. Once one of the two is
/// served and the other one is not, what follows would only say so again.
///
/// `same_content` tells that both serve the same content for the same resource.
pub(crate) fn contrasts(
    contract: &Contract,
    a: &Executed,
    b: &Executed,
    same_content: bool,
) -> Vec<(Contrast, Seen)> {
    let mut all: Vec<(Contrast, Seen)> = Vec::new();
    for (step, (one, other)) in a.steps.iter().zip(&b.steps).enumerate() {
        for field in differing(contract, one, other, same_content) {
            let contrast = Contrast {
                requirement: requirement(one, other, &field.0),
                field: field.0,
                a: field.1,
                b: field.2,
            };
            if all.iter().all(|(known, _)| *known != contrast) {
                let keeps = |step: &ExecutedStep| broken(step, &contrast.field).is_none();
                let seen = Seen { step, a_keeps: keeps(one), b_keeps: keeps(other) };
                all.push((contrast, seen));
            }
        }
        if success(one).is_some() != success(other).is_some() {
            break;
        }
    }
    all
}

/// The fields in which two answers differ, with both values. Another status has another answer, which
/// would only say the same again; of two successes each is still read.
fn differing(
    contract: &Contract,
    a: &ExecutedStep,
    b: &ExecutedStep,
    same_content: bool,
) -> Vec<(Field, String, String)> {
    let (one, other) = (shown(contract, a), shown(contract, b));
    let is_read = |field: &Field| one.get(field) != UNREAD && other.get(field) != UNREAD;
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
        .map(|field| (field.clone(), one.get(field).to_owned(), other.get(field).to_owned()))
        .collect();
    all.extend(content(contract, a, b).filter(|_| same_content));
    all
}

/// The outcome, and in it the numbers and truth values of a success as they came.
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
        if let Some(value) =
            values.get(&member.name).filter(|_| is_plain && outcome.get(&field) == value_of(shape))
        {
            outcome.set(field, value.trim());
        }
    }
    outcome
}

/// Content of which neither answer shows what it ought to be, if it is not the same.
fn content(contract: &Contract, a: &ExecutedStep, b: &ExecutedStep) -> Option<(Field, String, String)> {
    let (one, other) = (success(a)?, success(b)?);
    let field = Field::Member(operation(contract, a)?.output_payload()?.name.clone());
    let is_other = |step: &ExecutedStep| step.outcome.get(&field) == OTHER_CONTENT;
    if !is_other(a) || !is_other(b) || (&one.body, a.truncated) == (&other.body, b.truncated) {
        return None;
    }
    // The bytes themselves may be nobody's business.
    let of = |step: &ExecutedStep| format!("{OTHER_CONTENT}, {} bytes", step.body_length());
    let unlike = if a.body_length() == b.body_length() { ", unlike those of A" } else { "" };
    Some((field, of(a), format!("{}{unlike}", of(b))))
}

fn operation<'c>(contract: &'c Contract, step: &ExecutedStep) -> Option<&'c Operation> {
    contract.operation(&step.step.call.operation)
}

/// The answer, if it tells success.
fn success(step: &ExecutedStep) -> Option<&Response> {
    step.exchange.observed.as_ref().ok().filter(|response| response.is_success())
}

/// How an answer breaks the contract in a field.
fn broken<'s>(step: &'s ExecutedStep, field: &Field) -> Option<&'s Difference> {
    match &step.judgement {
        Judgement::Compared { differences, .. } => differences.iter().find(|other| other.field == *field),
        Judgement::NotAttributable(_) => None,
    }
}

/// The requirement that speaks of a field: the one that an answer breaks in it, or the one that the
/// contract has for it, or what the step is about.
fn requirement(a: &ExecutedStep, b: &ExecutedStep, field: &Field) -> RequirementId {
    let broken = [a, b].into_iter().find_map(|step| broken(step, field)).map(|it| &it.requirement);
    let asked = || {
        [a, b].into_iter().find_map(|step| {
            let answer = step.expectation.answer(step.outcome.status()?)?;
            Some(&answer.fields.get(field)?.requirement)
        })
    };
    broken.or_else(asked).unwrap_or(&a.step.requirement).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::occurrence::Size;

    #[test]
    fn many_values_of_a_field_are_one_contrast() {
        let contrast = |field: Field, b: &str| Contrast {
            requirement: RequirementId::new(["errors", "type"]),
            field,
            a: "200".to_owned(),
            b: b.to_owned(),
        };
        let place = Seen { step: 0, a_keeps: true, b_keeps: false };
        let of = |values: usize| {
            let types = (0..values).map(|n| contrast(Field::ErrorType, &format!("B{n}")));
            let all = types.chain([contrast(Field::Status, "400")]);
            let size = Size::of(&[]);
            let all = all.map(|it| (it, Witness { place, size, count: 2 })).collect();
            let folded = fold(all, |place| *place);
            folded.into_iter().map(|(it, witness)| (it.field, it.a, it.b, witness.count)).collect::<Vec<_>>()
        };
        let told = |field: Field, b: &str, count| (field, "200".to_owned(), b.to_owned(), count);
        assert_eq!(of(MAX_VALUES).len(), MAX_VALUES + 1);
        let folded = [told(Field::Status, "400", 2), told(Field::ErrorType, VARYING, 2 * 9)];
        assert_eq!(of(MAX_VALUES + 1), folded);
        // Who errs in one of them is told, and so is who does not answer.
        let size = Size::of(&[]);
        let errs = Seen { step: 0, a_keeps: false, b_keeps: true };
        let made_up = (0..9).map(|n| (contrast(Field::Status, &format!("43{n}")), place));
        let others = [(contrast(Field::Status, "400"), errs), (contrast(Field::Status, "<closed>"), place)];
        let all = made_up.chain(others).map(|(it, place)| (it, Witness { place, size, count: 1 }));
        let told: Vec<_> = fold(all.collect(), |place| *place).into_iter().collect();
        let told: Vec<_> = told.iter().map(|(it, witness)| (it.b.as_str(), witness.count)).collect();
        assert_eq!(told, [("400", 1), ("<closed>", 1), (VARYING, 9)]);
        let varying = contrast(Field::ErrorType, VARYING);
        assert!(contrast(Field::ErrorType, "B").is_like(&varying) && varying.is_like(&varying));
        assert!(!contrast(Field::Status, "B").is_like(&varying));
        assert!(!Contrast { a: "B".to_owned(), ..contrast(Field::ErrorType, "B") }.is_like(&varying));
    }
}
