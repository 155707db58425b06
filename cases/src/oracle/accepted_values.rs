//! The values that the contract accepts for one field of a response.

use super::outcome::Value;
use crate::contract::{Contract, Member, Shape};
use crate::id::RequirementId;

/// Why a field that describes a body shows nothing without one.
const NO_BODY_REASON: &str = "no response had a body that it would describe";

/// How deep the enums of a member are looked for: a shape may contain itself.
const MAX_ENUM_DEPTH: usize = 8;

/// The values that a field may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedValues {
    /// The value that the contract demands, then those that it accepts too.
    pub values: Vec<Value>,
    /// Values that are neither a difference nor a test.
    pub inconclusive: Option<InconclusiveValues>,
    /// The requirement that any other value breaks.
    pub requirement: RequirementId,
}

/// Values that show nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InconclusiveValues {
    /// The values.
    pub values: Vec<Value>,
    /// Why they show nothing, for the report of a requirement that nothing else has tested.
    pub reason: &'static str,
}

/// The values of a member whose content may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberValues {
    /// The value that the contract demands, then those that it accepts too.
    pub accepted: Vec<Value>,
    /// Those that show nothing.
    pub inconclusive: Option<InconclusiveValues>,
}

impl AcceptedValues {
    /// These values and no others.
    pub(super) fn only(values: Vec<Value>, requirement: RequirementId) -> Self {
        Self { values, inconclusive: None, requirement }
    }

    /// Whether a field may have this value.
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.iter().any(|accepted| accepted == value) || self.inconclusive_reason(value).is_some()
    }

    /// Why this value shows nothing, if it does not.
    pub fn inconclusive_reason(&self, value: &Value) -> Option<&'static str> {
        let inconclusive = self.inconclusive.as_ref()?;
        inconclusive.values.iter().any(|other| other == value).then_some(inconclusive.reason)
    }

    /// Whether a response with this value tests the requirement. A response without an optional field does not
    /// test it.
    pub fn is_tested_by(&self, value: &Value) -> bool {
        *value != Value::Absent || !self.accepts(&Value::Absent) || self.values.len() == 1
    }
}

impl InconclusiveValues {
    /// For a field that describes a body, in a response without one.
    pub(super) fn without_body() -> Self {
        Self { values: vec![Value::NoBody], reason: NO_BODY_REASON }
    }
}

/// The placeholders of a member that satisfies its constraints.
pub(super) fn member_values(contract: &Contract, member: &Member, is_optional: bool) -> Vec<Value> {
    let mut values = match &member.constraints.one_of {
        Some(values) => values.iter().map(|value| Value::text(value)).collect(),
        None => vec![Value::fixed(shape_placeholder(contract.shape(member)))],
    };
    if is_optional {
        values.push(Value::Absent);
    }
    values
}

/// The values of the enums within a member that is not an enum itself.
pub(super) fn inner_enum_values<'a>(contract: &'a Contract, member: &'a Member) -> Vec<&'a String> {
    let mut values = Vec::new();
    if member.constraints.one_of.is_none() {
        collect_enum_values(contract, member, MAX_ENUM_DEPTH, &mut values);
    }
    values
}

fn collect_enum_values<'a>(
    contract: &'a Contract,
    member: &'a Member,
    depth: usize,
    values: &mut Vec<&'a String>,
) {
    if depth == 0 {
        return;
    }
    values.extend(member.constraints.one_of.iter().flatten());
    match contract.shape(member) {
        Shape::List(inner) => collect_enum_values(contract, inner, depth - 1, values),
        Shape::Map(entry) => collect_enum_values(contract, &entry.value, depth - 1, values),
        Shape::Structure(members) | Shape::Union(members) => {
            for inner in members {
                collect_enum_values(contract, inner, depth - 1, values);
            }
        }
        _ => {}
    }
}

/// The placeholder of a value that satisfies the constraints of its shape.
pub fn shape_placeholder(shape: &Shape) -> &'static str {
    match shape {
        Shape::String => "<string>",
        Shape::Integer(_) => "<integer>",
        Shape::Number => "<number>",
        Shape::Boolean => "<boolean>",
        Shape::Blob => "<bytes>",
        Shape::Timestamp => "<timestamp>",
        Shape::Document => "<document>",
        Shape::List(_) => "<list>",
        Shape::Map(_) => "<map>",
        Shape::Structure(_) => "<structure>",
        Shape::Union(_) => "<union>",
    }
}

/// The placeholder of a member that has this value of an enum, and no other, somewhere within.
pub fn shape_placeholder_with(contract: &Contract, member: &Member, value: &str) -> Value {
    Value::text(&format!("{}: {value}>", shape_placeholder(contract.shape(member)).trim_end_matches('>')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_field_is_tested_only_if_present() {
        let accepting = |values: &[Value]| AcceptedValues::only(values.to_vec(), RequirementId::new(["x"]));
        let (string, other) = (Value::text("<string>"), Value::text("<integer instead of string>"));
        let optional = [string.clone(), Value::Absent];
        for (values, value, expected) in [
            (&optional[..], &string, true),
            (&optional, &other, true),
            (&optional, &Value::Absent, false),
            // These requirements are about the absence.
            (&optional[..1], &Value::Absent, true),
            (&optional[1..], &Value::Absent, true),
        ] {
            assert_eq!(accepting(values).is_tested_by(value), expected, "{value} for {values:?}");
        }
    }
}
