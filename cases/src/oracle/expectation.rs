//! What the contract demands of one answer, with everything that it accepts.

use std::collections::BTreeMap;
use std::fmt;

use super::outcome::{ABSENT, Field, NO_BODY, Outcome};
use crate::contract::{Contract, ErrorShape, Location, Member, Operation, Shape};
use crate::id::RequirementId;
use crate::protocol::describes_body;
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

/// Why a field that describes a body may show nothing.
const BODILESS: &str = "no answer had a body that it would describe";

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
    /// Whether its error type has to say its cause: none, and one that the contract has for something else,
    /// breaks what the request is to test.
    pub tells_cause: bool,
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
    /// Values that are no difference and no test either.
    pub silence: Option<Silence>,
    /// The requirement that another value breaks.
    pub requirement: RequirementId,
}

/// Values that show nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The values.
    pub values: Vec<String>,
    /// Why they do not, as a report says it of a requirement that nothing else has tested.
    pub reason: &'static str,
}

/// The values of a member whose content may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The value that is asked for, then those that are accepted as well.
    pub accepted: Vec<String>,
    /// Those that show nothing.
    pub silence: Option<Silence>,
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

    /// Whether the error type of an answer with this status has to say its cause. Where any refusal with the
    /// status will do, its type makes no difference.
    pub fn tells_cause(&self, status: u16) -> bool {
        let mut accepted = self.answers.iter().filter(|answer| answer.status.holds(status)).peekable();
        accepted.peek().is_some() && accepted.all(|answer| answer.tells_cause)
    }

    /// Whether anything with this status will do, such as what refuses a request for its size before it comes
    /// to the operation.
    pub fn takes_any(&self, status: u16) -> bool {
        self.answers.iter().any(|answer| answer.status.holds(status) && answer.fields.is_empty())
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
    /// A success of `operation`. `content` holds the acceptable values of members whose content is
    /// known, by member.
    pub fn success(contract: &Contract, operation: &Operation, content: &BTreeMap<String, Values>) -> Self {
        let field = |values: Vec<String>, silence: Option<Silence>, aspect: &str| Accept {
            values,
            silence,
            requirement: requirement::response(operation, aspect),
        };
        let mut fields = BTreeMap::new();
        if operation.output_payload().is_none() {
            let json = vec!["application/json".to_owned()];
            fields.insert(Field::ContentType, field(json, Some(bodiless()), "content-type"));
        }
        fields.insert(Field::ContentEncoding, uncoded(requirement::success_body(operation)));
        for member in &operation.output {
            let describes = matches!(&member.location, Location::Header(name) if describes_body(name));
            let Values { accepted, silence } = content.get(&member.name).cloned().unwrap_or_else(|| Values {
                accepted: member_values(contract, member, member.presence().is_none()),
                silence: describes.then(bodiless),
            });
            fields.insert(Field::Member(member.name.clone()), field(accepted, silence, &member.name));
        }
        // A success that names an error leaves the client to guess which of the two it is.
        fields.insert(Field::ErrorTypeHeader, field(vec![ABSENT.to_owned()], None, "error-type"));
        if let Some((user, member)) = contract.consumer_of(operation) {
            // An outcome has these fields only where they are not as they should be.
            let mut insert = |field, value: &str, requirement| {
                let values = vec![value.to_owned(), ABSENT.to_owned()];
                fields.insert(field, Accept { values, silence: None, requirement });
            };
            insert(Field::Freshness, "<new>", requirement::unique(user, member));
            insert(Field::Opacity, "<nothing>", requirement::opaque(user, member));
            insert(Field::Succession, "<unrelated>", requirement::unpredictable(user, member));
        }
        Self { status: Status::Is(operation.success), fields, breaks: None, tells_cause: false }
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
            silence: None,
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
        if let Some(member) = contract.issued_member(operation) {
            // Nothing that a success issues comes with an error.
            let absent = || field(vec![ABSENT.to_owned()], "members");
            fields.entry(Field::Member(member.name.clone())).or_insert_with(absent);
        }
        Self { status: Status::Is(error.status), fields, breaks: None, tells_cause: true }
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

    /// The same error where its type is a convention.
    #[must_use]
    pub fn by_convention(self) -> Self {
        Self { tells_cause: false, ..self }
    }

    /// Any answer with a status of this class.
    pub fn any(status: Status) -> Self {
        Self { status, fields: BTreeMap::new(), breaks: None, tells_cause: false }
    }
}

/// A body that is as it is: each request asks for that (RFC 9110, 12.5.3).
fn uncoded(requirement: RequirementId) -> Accept {
    Accept { values: vec![ABSENT.to_owned()], silence: None, requirement }
}

/// What a field that describes a body shows where there is none.
fn bodiless() -> Silence {
    Silence { values: vec![NO_BODY.to_owned()], reason: BODILESS }
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
        self.values.iter().any(|accepted| accepted == value) || self.silent(value).is_some()
    }

    /// Why this value shows nothing, if it does not.
    pub fn silent(&self, value: &str) -> Option<&'static str> {
        let silence = self.silence.as_ref()?;
        silence.values.iter().any(|silent| silent == value).then_some(silence.reason)
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
            silence: None,
            requirement: RequirementId::new(["x"]),
        };
        let optional = accept(&["<string>", ABSENT]);
        assert!(optional.is_tested_by("<string>") && optional.is_tested_by("<integer instead of string>"));
        assert!(!optional.is_tested_by(ABSENT));
        // That it is absent is what these are about.
        assert!(accept(&["<string>"]).is_tested_by(ABSENT) && accept(&[ABSENT]).is_tested_by(ABSENT));
    }

    #[test]
    fn an_error_type_tells_the_cause_unless_any_refusal_of_its_status_will_do() {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let error = contract.error("BadRequestException").unwrap();
        let of = || Answer::error(&contract, operation, error, &[]);
        let refusal = Expectation::of(of());
        assert!(refusal.tells_cause(400) && !refusal.tells_cause(404));
        let large = refusal.clone().or(Answer::any(Status::Refusal));
        assert!(!large.tells_cause(400) && !large.tells_cause(413));
        assert!(large.takes_any(400) && large.takes_any(413) && !large.takes_any(500));
        assert!(!refusal.takes_any(400));
        assert!(refusal.or(Answer::any(Status::Is(411))).tells_cause(400));
        assert!(!Expectation::of(of().by_convention()).tells_cause(400));
    }

    #[test]
    fn what_describes_a_body_is_no_test_without_one() {
        let contract = Contract::model().unwrap();
        for (operation, field) in [
            ("StartConfigurationSession", Field::ContentType),
            ("GetLatestConfiguration", Field::Member("ContentType".to_owned())),
        ] {
            let operation = contract.operation(operation).unwrap();
            let success = Answer::success(&contract, operation, &BTreeMap::new());
            let accept = &success.fields[&field];
            assert!(accept.holds(NO_BODY) && accept.silent(NO_BODY).is_some());
            assert!(!accept.holds(ABSENT) && accept.silent(&accept.values[0]).is_none());
            // Nothing else may be left out with the body.
            let others = success.fields.iter().filter(|(other, _)| **other != field);
            assert!(others.into_iter().all(|(_, accept)| !accept.holds(NO_BODY)));
        }
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
