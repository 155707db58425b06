//! What the contract demands of one answer, with everything that it accepts.

use std::collections::BTreeMap;
use std::fmt;

use crate::contract::{Contract, ErrorShape, Member, Operation, Shape};
use crate::id::RequirementId;
use crate::outcome::{ABSENT, Field, Outcome};
use crate::requirement;

/// The answers that the contract accepts to one request. The first one is what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// At least one.
    answers: Vec<Answer>,
    /// Whether the request comes before its time or after it.
    timing: Timing,
    /// Whether the contract leaves the answer open.
    open: bool,
    /// What a success with a status of none of them breaks, whatever the request is to test.
    wrong_success: Option<RequirementId>,
}

/// How a request stands to the interval between calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Timing {
    /// It is sent at once. A target may hold it to the interval that came with the last answer.
    #[default]
    AtOnce,
    /// It comes before the interval that its session asked for is over, and is refused for that.
    Early,
    /// It comes when every interval is over.
    Due,
}

/// One acceptable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: Status,
    /// Its other fields.
    pub fields: BTreeMap<Field, Accept>,
    /// The requirement, of a lower level, that an answer with this status breaks all the same.
    pub breaks: Option<RequirementId>,
}

/// A status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// This one.
    Is(u16),
    /// Any 4xx.
    Refusal,
    /// Any answer but a server error.
    Settled,
}

/// The values that a field may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The value that is asked for, then those that are accepted as well.
    pub values: Vec<String>,
    /// The requirement that another value breaks.
    pub requirement: RequirementId,
}

impl Expectation {
    /// Asks for `answer`.
    pub fn of(answer: Answer) -> Self {
        Self { answers: vec![answer], timing: Timing::AtOnce, open: false, wrong_success: None }
    }

    /// Accepts `answer` as well.
    #[must_use]
    pub fn or(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// The same for a request that is timed so.
    #[must_use]
    pub fn timed(self, timing: Timing) -> Self {
        Self { timing, ..self }
    }

    /// The same where the contract leaves the answer open.
    #[must_use]
    pub fn left_open(self) -> Self {
        Self { open: true, ..self }
    }

    /// The same where a success that is not accepted breaks this requirement.
    #[must_use]
    pub fn wrong_success_breaks(self, requirement: RequirementId) -> Self {
        Self { wrong_success: Some(requirement), ..self }
    }

    /// What an answer with this status breaks, if it is not accepted and the oracle knows better
    /// than the step which requirement that is: a success tells nothing about the length of an
    /// identifier, say, but that a resource was found which does not exist.
    pub fn broken_by(&self, status: u16) -> Option<&RequirementId> {
        self.wrong_success.as_ref().filter(|_| (200..300).contains(&status))
    }

    /// How the request stands to the interval between calls.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Every acceptable answer, the one that the contract asks for first.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Whether the contract leaves the answer open, so that what comes is worth a report and no
    /// finding, as long as it is accepted.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The answer that the contract asks for.
    pub fn primary(&self) -> &Answer {
        // `of` is the only constructor and nothing removes answers.
        &self.answers[0]
    }

    /// The acceptable answer with this status, if there is one.
    pub fn answer(&self, status: u16) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.status.holds(status))
    }

    /// Whether the contract asks for a success.
    pub fn is_success(&self) -> bool {
        matches!(self.primary().status, Status::Is(200..300))
    }

    /// Whether the contract accepts a success.
    pub fn may_be_success(&self) -> bool {
        self.answers.iter().any(|answer| matches!(answer.status, Status::Is(200..300) | Status::Settled))
    }

    /// The outcome that the contract asks for, in the form of a snapshot, without what may be absent.
    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.set(Field::Status, &self.primary().status.to_string());
        for (field, accept) in &self.primary().fields {
            if !accept.holds(ABSENT) {
                outcome.set(field.clone(), &accept.values[0]);
            }
        }
        outcome
    }
}

impl Answer {
    /// A success of `operation`. `content` holds the acceptable values of members that carry content, by
    /// member; none if any will do.
    pub fn success(
        contract: &Contract,
        operation: &Operation,
        content: &BTreeMap<String, Vec<String>>,
    ) -> Self {
        let mut fields = BTreeMap::new();
        if operation.output_payload().is_none() {
            fields.insert(
                Field::ContentType,
                Accept {
                    values: vec!["application/json".to_owned()],
                    requirement: requirement::response(operation, "content-type"),
                },
            );
        }
        fields.insert(Field::ContentEncoding, uncoded(requirement::success_body(operation)));
        for member in &operation.output {
            let values = match content.get(&member.name) {
                Some(values) if values.is_empty() => continue,
                Some(values) => values.clone(),
                None => member_values(contract, member, member.presence().is_none()),
            };
            fields.insert(
                Field::Member(member.name.clone()),
                Accept { values, requirement: requirement::response(operation, &member.name) },
            );
        }
        // A success that names an error leaves the client to guess which of the two it is.
        let error_type = Accept {
            values: vec![ABSENT.to_owned()],
            requirement: requirement::response(operation, "error-type"),
        };
        fields.insert(Field::ErrorTypeHeader, error_type);
        if let Some((user, member)) = contract.issues(operation) {
            // An outcome has these fields only where they are not as they should be.
            let mut insert = |field, value: &str, requirement| {
                fields
                    .insert(field, Accept { values: vec![value.to_owned(), ABSENT.to_owned()], requirement });
            };
            insert(Field::Freshness, "<new>", requirement::unique(user, member));
            insert(Field::Opacity, "<nothing>", requirement::opaque(user, member));
            insert(Field::Succession, "<unrelated>", requirement::unpredictable(user, member));
        }
        Self { status: Status::Is(operation.success), fields, breaks: None }
    }

    /// A modelled error of `operation`, or one of the types that are accepted in its place.
    pub fn error(
        contract: &Contract,
        operation: &Operation,
        error: &ErrorShape,
        alternatives: &[String],
    ) -> Self {
        let field = |values: Vec<String>, aspect: &str| Accept {
            values,
            requirement: requirement::errors(operation, aspect),
        };
        let types = [&error.name].into_iter().chain(alternatives).cloned().collect();
        let mut fields = BTreeMap::from([
            (Field::ErrorType, field(types, "type")),
            (Field::ErrorTypeHeader, field(vec!["<present>".to_owned()], "type-header")),
            (Field::ContentType, field(vec!["application/json".to_owned()], "content-type")),
            (Field::ContentEncoding, uncoded(requirement::errors(operation, "content-type"))),
        ]);
        for member in &error.members {
            let is_message = member.name.eq_ignore_ascii_case("message");
            let aspect = if is_message { "message" } else { "members" };
            let mut values = member_values(contract, member, !is_message);
            values.extend(problems(contract, member).map(|problem| with_problem(contract, member, problem)));
            fields.insert(Field::Member(member.name.clone()), field(values, aspect));
        }
        if let Some(member) = contract.issuing(operation) {
            // Nothing that a success issues comes with an error.
            let absent = || field(vec![ABSENT.to_owned()], "members");
            fields.entry(Field::Member(member.name.clone())).or_insert_with(absent);
        }
        Self { status: Status::Is(error.status), fields, breaks: None }
    }

    /// The same error where its members have to say why: those that are enums are there, and those
    /// that hold one of `causes` somewhere hold it.
    #[must_use]
    pub fn because(mut self, contract: &Contract, error: &ErrorShape, causes: &[String]) -> Self {
        for member in &error.members {
            let Some(accept) = self.fields.get_mut(&Field::Member(member.name.clone())) else { continue };
            let named: Vec<String> = problems(contract, member)
                .filter(|problem| causes.contains(problem))
                .map(|problem| with_problem(contract, member, problem))
                .collect();
            if !named.is_empty() {
                accept.values = named;
            } else if !causes.is_empty() && member.constraints.one_of.is_some() {
                accept.values.retain(|value| value != ABSENT);
            }
        }
        self
    }

    /// The same answer where it is accepted, but breaks a requirement of a lower level.
    #[must_use]
    pub fn breaking(self, requirement: RequirementId) -> Self {
        Self { breaks: Some(requirement), ..self }
    }

    /// Any answer with a status of this class.
    pub fn any(status: Status) -> Self {
        Self { status, fields: BTreeMap::new(), breaks: None }
    }
}

/// A body that is as it is: each request asks for that (RFC 9110, 12.5.3).
fn uncoded(requirement: RequirementId) -> Accept {
    Accept { values: vec![ABSENT.to_owned()], requirement }
}

/// The values of a member that keeps its constraints, as [`value_of`] writes them.
fn member_values(contract: &Contract, member: &Member, optional: bool) -> Vec<String> {
    let mut values = match &member.constraints.one_of {
        Some(values) => values.clone(),
        None => vec![value_of(contract.shape(member)).to_owned()],
    };
    if optional {
        values.push(ABSENT.to_owned());
    }
    values
}

/// The values of the enums within a member that is no enum itself.
fn problems<'a>(contract: &'a Contract, member: &'a Member) -> impl Iterator<Item = &'a String> {
    fn collect<'a>(contract: &'a Contract, member: &'a Member, depth: usize, values: &mut Vec<&'a String>) {
        // A shape may hold itself.
        if depth == 0 {
            return;
        }
        values.extend(member.constraints.one_of.iter().flatten());
        match contract.shape(member) {
            Shape::List(inner) | Shape::Map(inner) => collect(contract, inner, depth - 1, values),
            Shape::Structure(members) | Shape::Union(members) => {
                for inner in members {
                    collect(contract, inner, depth - 1, values);
                }
            }
            _ => {}
        }
    }
    let mut values = Vec::new();
    if member.constraints.one_of.is_none() {
        collect(contract, member, 8, &mut values);
    }
    values.into_iter()
}

/// How an outcome shows a member that holds this value of an enum, and no other, somewhere within.
pub fn with_problem(contract: &Contract, member: &Member, problem: &str) -> String {
    format!("{}: {problem}>", value_of(contract.shape(member)).trim_end_matches('>'))
}

/// How an outcome shows a value that keeps the constraints of its shape.
pub fn value_of(shape: &Shape) -> &'static str {
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

impl Status {
    /// The status or class that is shown so.
    pub fn by_name(text: &str) -> Option<Self> {
        match text {
            "4xx" => Some(Status::Refusal),
            "below 500" => Some(Status::Settled),
            code => code.parse().ok().map(Status::Is),
        }
    }

    /// Whether a status code is of this class.
    pub fn holds(self, status: u16) -> bool {
        match self {
            Status::Is(code) => status == code,
            Status::Refusal => (400..500).contains(&status),
            Status::Settled => status < 500,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Is(code) => write!(f, "{code}"),
            Status::Refusal => f.write_str("4xx"),
            Status::Settled => f.write_str("below 500"),
        }
    }
}

impl Accept {
    /// Whether a field may have this value.
    pub fn holds(&self, value: &str) -> bool {
        self.values.iter().any(|accepted| accepted == value)
    }

    /// Whether a response with this value tests the requirement. What need not be there is not tested by a
    /// response without it.
    pub fn is_tested_by(&self, value: &str) -> bool {
        value != ABSENT || !self.holds(ABSENT) || self.values.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_it_is_shown() {
        for status in [Status::Is(404), Status::Refusal, Status::Settled] {
            assert_eq!(Status::by_name(&status.to_string()), Some(status));
        }
        assert_eq!(Status::by_name("<no connection>"), None);
    }

    #[test]
    fn a_success_may_come_where_one_of_the_answers_is_one() {
        let of = |status| Expectation::of(Answer::any(status));
        assert!(of(Status::Is(201)).may_be_success() && of(Status::Settled).may_be_success());
        assert!(!of(Status::Refusal).or(Answer::any(Status::Is(411))).may_be_success());
        assert!(of(Status::Is(404)).or(Answer::any(Status::Is(200))).may_be_success());
    }

    #[test]
    fn what_need_not_be_there_is_tested_where_it_is() {
        let accept = |values: &[&str]| Accept {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            requirement: RequirementId::new(["x"]),
        };
        let optional = accept(&["<string>", ABSENT]);
        assert!(optional.is_tested_by("<string>") && optional.is_tested_by("<integer instead of string>"));
        assert!(!optional.is_tested_by(ABSENT));
        // That it is absent is what these are about.
        assert!(accept(&["<string>"]).is_tested_by(ABSENT) && accept(&[ABSENT]).is_tested_by(ABSENT));
    }

    #[test]
    fn content_that_is_not_known_is_not_asked_for() {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let member = Field::Member("Configuration".to_owned());
        let with = |values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            let content = BTreeMap::from([("Configuration".to_owned(), values)]);
            Answer::success(&contract, operation, &content).fields.contains_key(&member)
        };
        assert!(with(&["<empty>"]) && !with(&[]));
    }

    #[test]
    fn an_error_says_why_where_its_members_can() {
        let contract = Contract::model().unwrap();
        let error = contract.error("BadRequestException").unwrap();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let plain = Answer::error(&contract, operation, error, &[]);
        let values =
            |answer: &Answer, member: &str| answer.fields[&Field::Member(member.to_owned())].values.clone();
        assert_eq!(values(&plain, "Message"), ["<string>"]);
        assert_eq!(values(&plain, "Reason"), ["InvalidParameters", ABSENT]);
        let details = ["", ": Corrupted", ": Expired", ": PollIntervalNotSatisfied"];
        let mut open: Vec<_> = details.iter().map(|problem| format!("<union{problem}>")).collect();
        open.insert(1, ABSENT.to_owned());
        assert_eq!(values(&plain, "Details"), open);
        // With a cause both are there, and name it; without one nothing changes.
        let causes = ["Expired".to_owned()];
        let expired = plain.clone().because(&contract, error, &causes);
        assert_eq!(values(&expired, "Reason"), ["InvalidParameters"]);
        assert_eq!(values(&expired, "Details"), ["<union: Expired>"]);
        assert_eq!(values(&expired, "Message"), ["<string>"]);
        assert_eq!(plain.clone().because(&contract, error, &[]), plain);
    }
}
