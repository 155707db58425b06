//! One response that the contract accepts.

use std::collections::BTreeMap;

use super::accepted_values::{
    AcceptedValues, InconclusiveValues, MemberValues, inner_enum_values, member_values,
    shape_placeholder_with,
};
use super::outcome::{Field, Status, TokenState, Value};
use crate::contract::{Contract, ErrorShape, Location, Member, Operation};
use crate::id::RequirementId;
use crate::protocol::describes_body;
use crate::requirement;

/// One response that the contract accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedResponse {
    /// Its status.
    pub status: Status,
    /// Its other fields.
    pub fields: BTreeMap<Field, AcceptedValues>,
    /// The requirement of a lower level that a response with this status breaks, although it is accepted.
    pub breaks: Option<RequirementId>,
    /// Whether its error type has to identify its cause. A response without a type, or with the type for another
    /// cause, then breaks the requirement that the request tests.
    pub identifies_cause: bool,
    /// A requirement that a response with this status does not test.
    pub untested: Option<RequirementId>,
}

impl ExpectedResponse {
    /// A success of `operation`. `content` has the values of members whose content may be known.
    pub fn success(
        contract: &Contract,
        operation: &Operation,
        content: &BTreeMap<String, MemberValues>,
    ) -> Self {
        let response = |aspect: &str| requirement::response(operation, aspect);
        let mut fields = BTreeMap::new();
        if operation.output_payload().is_none() {
            let mut values = vec![Value::fixed("application/json")];
            if operation.output.iter().all(|member| member.location != Location::Body) {
                // restJson1 › RestJsonNoInputAndNoOutput
                values.push(Value::Absent);
            }
            let accepted = AcceptedValues {
                values,
                inconclusive: Some(InconclusiveValues::without_body()),
                requirement: response("content-type"),
            };
            fields.insert(Field::ContentType, accepted);
        }
        fields.insert(Field::ContentEncoding, absent(requirement::success_body(operation)));
        let is_shown = |member: &&Member| {
            !matches!(member.location, Location::ResponseCode | Location::PrefixHeaders(_))
        };
        for member in operation.output.iter().filter(is_shown) {
            let is_about_body = matches!(&member.location, Location::Header(name) if describes_body(name));
            let values = content.get(&member.name).cloned();
            let MemberValues { accepted, inconclusive } = values.unwrap_or_else(|| MemberValues {
                accepted: member_values(contract, member, member.presence().is_none()),
                inconclusive: is_about_body.then(InconclusiveValues::without_body),
            });
            let requirement = requirement::output(operation, &member.name);
            fields.insert(
                Field::Member(member.name.clone()),
                AcceptedValues { values: accepted, inconclusive, requirement },
            );
        }
        // A success that names an error leaves the client to guess which of the two it is.
        fields.insert(Field::ErrorTypeHeader, absent(response("error-type")));
        fields.extend(issued_value_fields(contract, operation));
        let status =
            if operation.chooses_status() { Status::Success } else { Status::Code(operation.success) };
        Self { status, fields, breaks: None, identifies_cause: false, untested: None }
    }

    /// A modelled error of `operation`, or one of the types that are accepted in its place.
    pub fn error(
        contract: &Contract,
        operation: &Operation,
        error: &ErrorShape,
        alternatives: &[String],
    ) -> Self {
        let accepted = |values: Vec<Value>, aspect: &str| {
            AcceptedValues::only(values, requirement::errors(operation, aspect))
        };
        let types = [&error.name].into_iter().chain(alternatives).map(|name| Value::text(name)).collect();
        let mut fields = BTreeMap::from([
            (Field::ErrorType, accepted(types, "type")),
            (Field::ErrorTypeHeader, accepted(vec![Value::Present], "type-header")),
            (Field::ContentType, accepted(vec![Value::fixed("application/json")], "content-type")),
            (Field::ContentEncoding, absent(requirement::errors(operation, "content-type"))),
        ]);
        for member in &error.members {
            let is_message = member.name.eq_ignore_ascii_case("message");
            let aspect = if is_message { "message" } else { "members" };
            let mut values = member_values(contract, member, !is_message);
            let inner = inner_enum_values(contract, member);
            values.extend(inner.into_iter().map(|value| shape_placeholder_with(contract, member, value)));
            fields.insert(Field::Member(member.name.clone()), accepted(values, aspect));
        }
        if let Some(member) = contract.issued_member(operation) {
            // An error issues nothing that a success issues.
            let absent = || accepted(vec![Value::Absent], "members");
            fields.entry(Field::Member(member.name.clone())).or_insert_with(absent);
        }
        Self {
            status: Status::Code(error.status),
            fields,
            breaks: None,
            identifies_cause: true,
            untested: None,
        }
    }

    /// The same error, whose members have to name one of `causes`: those that are enums are present, and those that
    /// have one of the causes somewhere within have it.
    #[must_use]
    pub fn with_causes(mut self, contract: &Contract, error: &ErrorShape, causes: &[String]) -> Self {
        for member in &error.members {
            let Some(accepted) = self.fields.get_mut(&Field::Member(member.name.clone())) else { continue };
            let named: Vec<Value> = inner_enum_values(contract, member)
                .into_iter()
                .filter(|value| causes.contains(value))
                .map(|value| shape_placeholder_with(contract, member, value))
                .collect();
            if !named.is_empty() {
                accepted.values = named;
            } else if !causes.is_empty() && member.constraints.one_of.is_some() {
                accepted.values.retain(|value| *value != Value::Absent);
            }
        }
        self
    }

    /// The same response, which is accepted but breaks a requirement of a lower level.
    #[must_use]
    pub fn breaking(self, requirement: RequirementId) -> Self {
        Self { breaks: Some(requirement), ..self }
    }

    /// The same response, which does not test a requirement.
    #[must_use]
    pub fn not_testing(self, requirement: RequirementId) -> Self {
        Self { untested: Some(requirement), ..self }
    }

    /// The same error, whose type is a convention.
    #[must_use]
    pub fn by_convention(self) -> Self {
        Self { identifies_cause: false, ..self }
    }

    /// Any response with a status of this class.
    pub fn any(status: Status) -> Self {
        Self { status, fields: BTreeMap::new(), breaks: None, identifies_cause: false, untested: None }
    }
}

/// A field that has to be absent.
fn absent(requirement: RequirementId) -> AcceptedValues {
    AcceptedValues::only(vec![Value::Absent], requirement)
}

/// The fields about the single-use value that a success issues. An outcome has them only if something is wrong.
fn issued_value_fields(contract: &Contract, operation: &Operation) -> Vec<(Field, AcceptedValues)> {
    let Some((user, member)) = contract.consumer_of(operation) else { return Vec::new() };
    let accepted =
        |state: TokenState, requirement| AcceptedValues::only(vec![state.into(), Value::Absent], requirement);
    vec![
        (Field::Freshness, accepted(TokenState::New, requirement::unique(user, member))),
        (Field::Opacity, accepted(TokenState::ShowsNothing, requirement::opaque(user, member))),
        (Field::Succession, accepted(TokenState::Unrelated, requirement::unpredictable(user, member))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_about_a_body_are_inconclusive_without_one() {
        let contract = Contract::model().unwrap();
        for (operation, field) in [
            ("StartConfigurationSession", Field::ContentType),
            ("GetLatestConfiguration", Field::Member("ContentType".to_owned())),
        ] {
            let operation = contract.operation(operation).unwrap();
            let success = ExpectedResponse::success(&contract, operation, &BTreeMap::new());
            let accepted = &success.fields[&field];
            assert!(accepted.inconclusive_reason(&Value::NoBody).is_some());
            assert!(accepted.inconclusive_reason(&accepted.values[0]).is_none());
            assert!(!accepted.accepts(&Value::Absent));
            // No other field may be missing with the body.
            let without_body = success.fields.iter().filter(|(_, accepted)| accepted.accepts(&Value::NoBody));
            assert_eq!(without_body.map(|(field, _)| field).collect::<Vec<_>>(), [&field]);
        }
    }

    #[test]
    fn error_members_name_the_causes() {
        let contract = Contract::model().unwrap();
        let error = contract.error("BadRequestException").unwrap();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let plain = ExpectedResponse::error(&contract, operation, error, &[]);
        let values = |response: &ExpectedResponse, member: &str| {
            let accepted = &response.fields[&Field::Member(member.to_owned())];
            accepted.values.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(values(&plain, "Message"), ["<string>"]);
        assert_eq!(values(&plain, "Reason"), ["InvalidParameters", "<absent>"]);
        let details = ["", ": Corrupted", ": Expired", ": PollIntervalNotSatisfied"];
        let mut open: Vec<_> = details.iter().map(|cause| format!("<union{cause}>")).collect();
        open.insert(1, "<absent>".to_owned());
        assert_eq!(values(&plain, "Details"), open);
        // With a cause both are present, and name it; without one nothing changes.
        let causes = ["Expired".to_owned()];
        let expired = plain.clone().with_causes(&contract, error, &causes);
        assert_eq!(values(&expired, "Reason"), ["InvalidParameters"]);
        assert_eq!(values(&expired, "Details"), ["<union: Expired>"]);
        assert_eq!(values(&expired, "Message"), ["<string>"]);
        assert_eq!(plain.clone().with_causes(&contract, error, &[]), plain);
    }
}
