//! What the contract demands of one response, with everything that it accepts.

use super::expected_response::ExpectedResponse;
use super::outcome::{Field, Outcome, Status, Value};
use crate::id::RequirementId;

/// The responses that the contract accepts for one request. The first one is what it demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// At least one.
    responses: Vec<ExpectedResponse>,
    /// How the request relates to the interval between calls.
    timing: Timing,
    /// Whether the contract leaves the response open.
    open: bool,
    /// What a success with another status breaks, whatever the request tests.
    wrong_success: Option<RequirementId>,
}

/// How a request relates to the interval between calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Timing {
    /// It is sent immediately. A target may enforce the interval that came with the last response.
    #[default]
    Immediate,
    /// It comes before the interval that its session requested is over, and is refused for that.
    Early,
    /// It comes when every interval is over.
    Due,
}

impl Expectation {
    /// Demands `response`.
    pub fn of(response: ExpectedResponse) -> Self {
        Self { responses: vec![response], timing: Timing::Immediate, open: false, wrong_success: None }
    }

    /// Accepts `response` too.
    #[must_use]
    pub fn or(mut self, response: ExpectedResponse) -> Self {
        self.responses.push(response);
        self
    }

    /// The same for a request with this timing.
    #[must_use]
    pub fn timed(self, timing: Timing) -> Self {
        Self { timing, ..self }
    }

    /// The same where the contract leaves the response open.
    #[must_use]
    pub fn left_open(self) -> Self {
        Self { open: true, ..self }
    }

    /// The same where a success that is not accepted breaks this requirement.
    #[must_use]
    pub fn wrong_success_breaks(self, requirement: RequirementId) -> Self {
        Self { wrong_success: Some(requirement), ..self }
    }

    /// What a response with this status breaks, if it is not accepted and the oracle knows the requirement better
    /// than the step does. For example, a success shows nothing about the length of an identifier, but that a
    /// resource was found which does not exist.
    pub fn broken_by(&self, status: u16) -> Option<&RequirementId> {
        self.wrong_success.as_ref().filter(|_| (200..300).contains(&status))
    }

    /// How the request relates to the interval between calls.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Every accepted response, the demanded one first.
    pub fn responses(&self) -> &[ExpectedResponse] {
        &self.responses
    }

    /// Whether the contract leaves the response open, so that an accepted one is reported but is never a finding.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The response that the contract demands.
    pub fn primary(&self) -> &ExpectedResponse {
        // `of` is the only constructor and nothing removes responses.
        &self.responses[0]
    }

    /// The accepted response with this status, if there is one.
    pub fn response(&self, status: u16) -> Option<&ExpectedResponse> {
        self.with_status(status).next()
    }

    /// Whether the contract demands a success.
    pub fn is_success(&self) -> bool {
        matches!(self.primary().status, Status::Code(200..300) | Status::Success)
    }

    /// Whether the error type of a response with this status has to identify its cause. It has not if any refusal
    /// with the status is accepted.
    pub fn identifies_cause(&self, status: u16) -> bool {
        let mut accepted = self.with_status(status).peekable();
        accepted.peek().is_some() && accepted.all(|response| response.identifies_cause)
    }

    /// Whether any response with this status is accepted, such as one that refuses a request for its size before the
    /// operation sees it.
    pub fn accepts_any(&self, status: u16) -> bool {
        self.with_status(status).any(|response| response.fields.is_empty())
    }

    /// Whether the contract accepts a success.
    pub fn may_be_success(&self) -> bool {
        self.responses.iter().any(|response| {
            matches!(response.status, Status::Code(200..300) | Status::Success | Status::NoServerError)
        })
    }

    /// The outcome that the contract demands, in the form of a snapshot, without optional fields.
    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.set(Field::Status, Value::Status(self.primary().status));
        for (field, accepted) in &self.primary().fields {
            if !accepted.accepts(&Value::Absent) {
                outcome.set(field.clone(), accepted.values[0].clone());
            }
        }
        outcome
    }

    fn with_status(&self, status: u16) -> impl Iterator<Item = &ExpectedResponse> {
        self.responses.iter().filter(move |response| response.status.includes(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;

    #[test]
    fn success_is_possible_if_one_response_is_one() {
        let of = |status| Expectation::of(ExpectedResponse::any(status));
        for (expectation, expected) in [
            (of(Status::Code(201)), true),
            (of(Status::NoServerError), true),
            (of(Status::ClientError).or(ExpectedResponse::any(Status::Code(411))), false),
            (of(Status::Code(404)).or(ExpectedResponse::any(Status::Code(200))), true),
        ] {
            assert_eq!(expectation.may_be_success(), expected, "{expectation:?}");
        }
    }

    #[test]
    fn error_type_identifies_the_cause_unless_any_refusal_is_accepted() {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let error = contract.error("BadRequestException").unwrap();
        let response = || ExpectedResponse::error(&contract, operation, error, &[]);
        let refusal = Expectation::of(response());
        let any_refusal = refusal.clone().or(ExpectedResponse::any(Status::ClientError));
        let also_411 = refusal.clone().or(ExpectedResponse::any(Status::Code(411)));
        let by_convention = Expectation::of(response().by_convention());
        for (expectation, status, identifies_cause, accepts_any) in [
            (&refusal, 400, true, false),
            (&refusal, 404, false, false),
            (&any_refusal, 400, false, true),
            (&any_refusal, 413, false, true),
            (&any_refusal, 500, false, false),
            (&also_411, 400, true, false),
            (&by_convention, 400, false, false),
        ] {
            assert_eq!(expectation.identifies_cause(status), identifies_cause, "{status} of {expectation:?}");
            assert_eq!(expectation.accepts_any(status), accepts_any, "{status} of {expectation:?}");
        }
    }
}
