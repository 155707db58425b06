//! Compares an outcome with the snapshot and with what the contract accepts. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation};
use cases::id::RequirementId;
use cases::oracle::{Expectation, ExpectedResponse, Field, Outcome, Status, Timing, Value};
use cases::protocol::Json;
use cases::protocol::Response;
use serde::{Deserialize, Serialize};

use crate::client::response::{error_type, is_unavailable};
use crate::limits::StopReason;

/// Differences that prevented something from being tested.
pub type Blockers = BTreeSet<Difference>;

/// Differences that one of several mutations shows alone, with the differences that it shows.
pub type Explained = BTreeMap<Difference, Blockers>;

/// One field of an outcome that differs from the contract. Two requests show the same failure if their
/// differences are equal. The difference stays the same while a request shrinks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Difference {
    /// The requirement that is broken.
    pub requirement: RequirementId,
    /// The field that differs.
    pub field: Field,
    /// The expected value.
    pub expected: Value,
    /// The actual value.
    pub actual: Value,
}

impl Difference {
    /// Whether there was no response.
    pub fn is_no_response(&self) -> bool {
        self.actual.is_no_response()
    }

    /// Whether a success came that is not expected.
    pub fn is_success(&self) -> bool {
        self.actual.is_success()
    }

    /// The same difference for any value that is not expected.
    #[must_use]
    pub fn varying(self) -> Self {
        Self { actual: Value::Varying, ..self }
    }

    /// Whether the two differ only in their actual value.
    pub fn differs_in_value_only(&self, other: &Self) -> bool {
        (&self.requirement, &self.field, &self.expected)
            == (&other.requirement, &other.field, &other.expected)
    }

    /// Whether the two are of one kind. The expected values of other fields than the status may differ, if
    /// only one of the two was compared with a snapshot.
    pub fn is_like(&self, other: &Self) -> bool {
        let varies = [self, other].iter().any(|it| it.actual == Value::Varying)
            && !self.is_no_response()
            && !other.is_no_response();
        (&self.requirement, &self.field) == (&other.requirement, &other.field)
            && (self.actual == other.actual || varies)
            && (self.field != Field::Status || self.expected == other.expected)
    }
}

/// The note of a requirement about error types that no error could test.
const NO_TYPE_NAMES_CAUSE: &str = "no error had a type that names its cause";

/// The note of the requirement that a valid call succeeds, if each was refused for another reason than a constraint.
const NO_SUCCESS: &str = "each valid call was refused with an error that is not about constraints";

/// What a response says about the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It was compared, field by field.
    Compared {
        /// All fields that differ.
        differences: Vec<Difference>,
        /// The requirements that it could have broken, whether or not it did.
        tested: BTreeSet<RequirementId>,
        /// The requirements that it could have tested, and why it did not.
        silent: Vec<(RequirementId, &'static str)>,
    },
    /// It says nothing about the request.
    NotAttributable(NotAttributable),
}

/// Why a response says nothing about the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NotAttributable {
    /// Refused because of the number of requests.
    #[error("the target throttled the request")]
    Throttled,
    /// Refused by the platform, for example for missing credentials.
    #[error("refused with {0}, which says nothing about the request")]
    Platform(String),
    /// Not sent, because the run gave up.
    #[error("{0}")]
    GivenUp(StopReason),
    /// Not sent, because there was no connection.
    #[error("no connection to the target could be made")]
    Unreached,
    /// Refused after an earlier attempt was lost, which may have spent the single-use value.
    #[error("an earlier attempt was lost and may have spent the single-use value")]
    Spent,
    /// Refused because the interval between calls was not over.
    #[error("the target enforces its poll interval, and the call came too early")]
    TooEarly,
}

/// Judges the outcome of one exchange. `requirement` is broken by a wrong status, unless the expectation
/// names another one, and by an error type that does not name the cause. `snapshot` is the reviewed outcome
/// of this step, if any.
pub fn judge(
    contract: &Contract,
    requirement: &RequirementId,
    expectation: &Expectation,
    snapshot: Option<&Outcome>,
    actual: &Outcome,
) -> Judgement {
    let status = actual.status().unwrap_or_default();
    let accepted = expectation.response(status);
    let mut comparison = Comparison {
        contract,
        requirement,
        expectation,
        snapshot,
        actual,
        status,
        differences: Vec::new(),
        tested: BTreeSet::new(),
        silent: Vec::new(),
    };
    comparison.compare_status(accepted);
    // A success with the wrong status still has to carry what a success carries. A wrong error has a wrong type
    // too, which would report the same failure twice.
    let both_succeed = expectation.is_success() && (200..300).contains(&status);
    if let Some(response) = accepted.or_else(|| both_succeed.then(|| expectation.primary())) {
        comparison.compare_fields(response);
    }
    let Comparison { differences, tested, silent, .. } = comparison;
    Judgement::Compared { differences, tested, silent }
}

/// The comparison of one outcome.
struct Comparison<'a> {
    contract: &'a Contract,
    requirement: &'a RequirementId,
    expectation: &'a Expectation,
    snapshot: Option<&'a Outcome>,
    actual: &'a Outcome,
    status: u16,
    differences: Vec<Difference>,
    tested: BTreeSet<RequirementId>,
    silent: Vec<(RequirementId, &'static str)>,
}

impl Comparison<'_> {
    fn compare_status(&mut self, accepted: Option<&ExpectedResponse>) {
        let named = self.actual.get(&Field::ErrorType);
        // Where any refusal is accepted, a type that the contract does not define is unusual, but not another
        // reason.
        let is_unusual =
            self.expectation.accepts_any(self.status) && !has_other_use(self.contract, named, self.status);
        let is_untested = accepted.is_some_and(|it| it.untested.as_ref() == Some(self.requirement));
        if is_untested {
            self.silent.push((self.requirement.clone(), NO_SUCCESS));
        } else if self.expectation.identifies_cause(self.status)
            || is_unusual
            || !is_refused_otherwise(accepted, self.actual)
        {
            self.tested.insert(self.requirement.clone());
        }
        if accepted.is_none() {
            self.add_status_difference(self.expectation.broken_by(self.status).unwrap_or(self.requirement));
        }
        for response in self.expectation.responses() {
            let Some(requirement) = &response.breaks else { continue };
            self.tested.insert(requirement.clone());
            if accepted.is_some_and(|accepted| std::ptr::eq(accepted, response)) {
                self.add_status_difference(requirement);
            }
        }
    }

    fn add_status_difference(&mut self, requirement: &RequirementId) {
        self.differences.push(Difference {
            requirement: requirement.clone(),
            field: Field::Status,
            expected: self.expected_value(&Field::Status),
            actual: self.actual.get(&Field::Status).clone(),
        });
    }

    /// The expected value of a field. The reviewed value is the expected one, if the contract accepts it too.
    fn expected_value(&self, field: &Field) -> Value {
        let primary = self.expectation.primary();
        let reviewed = self.snapshot.map(|snapshot| snapshot.get(field)).filter(|value| match field {
            Field::Status => {
                matches!(primary.status, Status::Code(_)) && **value == Value::Status(primary.status)
            }
            field => primary.fields.get(field).is_some_and(|accept| accept.accepts(value)),
        });
        reviewed.map_or_else(|| self.expectation.outcome().get(field).clone(), Clone::clone)
    }

    fn compare_fields(&mut self, response: &ExpectedResponse) {
        let is_primary = std::ptr::eq(response, self.expectation.primary());
        for (field, accept) in &response.fields {
            let value = self.actual.get(field);
            if *value == Value::Unread {
                // Another field reports that the body could not be read.
                continue;
            }
            if let Some(reason) = accept.inconclusive_reason(value) {
                self.silent.push((accept.requirement.clone(), reason));
                continue;
            }
            let is_accepted = accept.accepts(value);
            let hides_cause = *field == Field::ErrorType
                && response.identifies_cause
                && !is_accepted
                && hides_cause(self.contract, self.status, value);
            if hides_cause {
                self.silent.push((accept.requirement.clone(), NO_TYPE_NAMES_CAUSE));
            }
            if hides_cause && *value == Value::Absent && !self.expectation.identifies_cause(self.status) {
                // The request may have been refused before it reached the operation.
                continue;
            }
            let broken = if hides_cause { self.requirement } else { &accept.requirement };
            // A body without a coding does not test a requirement about its content.
            let is_uncoded = *field == Field::ContentEncoding && is_accepted;
            if !hides_cause && !is_uncoded && accept.is_tested_by(value) {
                self.tested.insert(broken.clone());
            }
            if !is_accepted {
                // An optional member is expected as in the contract, if it is present.
                let expected =
                    Some(self.expected_value(field)).filter(|value| is_primary && *value != Value::Absent);
                self.differences.push(Difference {
                    requirement: broken.clone(),
                    field: field.clone(),
                    expected: expected.unwrap_or_else(|| accept.values[0].clone()),
                    actual: value.clone(),
                });
            }
        }
    }
}

/// Whether an error type hides the cause from a client or names another one: it is absent, or the contract
/// defines it for something else. A type that the contract does not define is merely unusual.
fn hides_cause(contract: &Contract, status: u16, error_type: &Value) -> bool {
    *error_type == Value::Absent || has_other_use(contract, error_type, status)
}

/// Whether the contract has an error type for something else than a response with this status.
fn has_other_use(contract: &Contract, error_type: &Value, status: u16) -> bool {
    error_type.as_text().is_some_and(|name| contract.has_other_use(name, status))
}

/// Whether a request was refused with the right status, but for another reason than the one under test.
fn is_refused_otherwise(accepted: Option<&ExpectedResponse>, actual: &Outcome) -> bool {
    let accept = accepted.and_then(|response| response.fields.get(&Field::ErrorType));
    let named = actual.get(&Field::ErrorType);
    *named != Value::Absent && accept.is_some_and(|accept| !accept.accepts(named))
}

/// Why a response says nothing about the request, if it does not.
pub fn not_attributable(
    contract: &Contract,
    operation: &Operation,
    expectation: &Expectation,
    response: &Response,
) -> Option<NotAttributable> {
    if response.is_success() {
        return None;
    }
    if response.status == 429 {
        return Some(NotAttributable::Throttled);
    }
    if is_unavailable(response) {
        return Some(NotAttributable::Platform("503 and Retry-After".to_owned()));
    }
    let body = Json::parse(&response.body).ok();
    if expectation.is_success() && expectation.timing() == Timing::Immediate {
        let mut early = operation.output.iter().filter_map(|member| member.rules.interval.as_ref());
        if early.any(|rule| body.as_ref().is_some_and(|body| contains_string(body, &rule.problem))) {
            return Some(NotAttributable::TooEarly);
        }
    }
    let error_type = error_type(response, body.as_ref())?;
    // Where any error is accepted, its type makes no difference.
    let named = expectation.response(response.status).is_some_and(|response| {
        response.fields.get(&Field::ErrorType).is_none_or(|accept| accept.accepts(&Value::text(&error_type)))
    });
    // An internal error always counts, because the request has a correct response.
    let may_be_platform = response.status < 500 || response.status == 503;
    if named || !may_be_platform || !contract.is_common_error(&error_type, response.status) {
        return None;
    }
    Some(NotAttributable::Platform(format!("{} {error_type}", response.status)))
}

/// Whether a JSON value contains a string anywhere.
pub(crate) fn contains_string(json: &Json, text: &str) -> bool {
    match json {
        Json::String(value) => value == text,
        Json::Array(items) => items.iter().any(|item| contains_string(item, text)),
        Json::Object(members) => members.iter().any(|(_, value)| contains_string(value, text)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cases::oracle::ContentState::{Empty, Other};
    use cases::oracle::{ContentState, InconclusiveValues, MemberValues};

    use super::*;

    fn contract() -> Contract {
        Contract::model().unwrap()
    }

    fn requirement() -> RequirementId {
        RequirementId::new(["start-configuration-session", "application-identifier", "length"])
    }

    fn refusal(contract: &Contract) -> Expectation {
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let error = contract.error("BadRequestException").unwrap();
        Expectation::of(ExpectedResponse::error(
            contract,
            operation,
            error,
            &["ValidationException".to_owned()],
        ))
    }

    fn outcome(text: &str) -> Outcome {
        text.parse().unwrap()
    }

    fn differences(expectation: &Expectation, actual: &str) -> Vec<String> {
        match judge(&contract(), &requirement(), expectation, None, &outcome(actual)) {
            Judgement::Compared { differences, .. } => differences
                .iter()
                .map(|d| format!("{} {}: {} -> {}", d.requirement, d.field, d.expected, d.actual))
                .collect(),
            Judgement::NotAttributable(reason) => vec![reason.to_string()],
        }
    }

    #[test]
    fn varying_matches_any_value_of_its_field() {
        let of = |field: Field, expected: &str, actual: &str| Difference {
            requirement: requirement(),
            expected: Value::read(&field, expected),
            actual: Value::read(&field, actual),
            field,
        };
        let named = |actual: &str| of(Field::ErrorType, "A", actual);
        let status = |expected: &str, actual: &str| of(Field::Status, expected, actual);
        assert!(status("400", "200").is_success() && !status("200", "400").is_success());
        // The comparison is symmetric.
        let alike = |one: &Difference, other: &Difference| {
            assert_eq!(one.is_like(other), other.is_like(one));
            one.is_like(other)
        };
        assert!(alike(&named("B"), &named("B")));
        assert!(!alike(&named("B"), &named("C")));
        assert!(alike(&named("B"), &named("<varying>")));
        assert!(alike(&status("400", "500"), &status("400", "<varying>")));
        assert!(!alike(&named("<varying>"), &status("A", "<varying>")));
        // A status with another expected value is another difference. Other fields may be expected in other
        // words.
        assert!(!alike(&status("400", "500"), &status("404", "500")));
        assert!(alike(&named("B"), &of(Field::ErrorType, "Z", "B")));
        let lost = status("400", "<timed out>");
        assert!(lost.is_no_response());
        assert!(!status("400", "<varying>").is_no_response());
        assert!(!named("B").is_no_response());
        assert!(alike(&lost, &lost));
        assert!(!alike(&lost, &status("400", "<varying>")));
        let other = Difference { requirement: RequirementId::new(["other"]), ..named("B") };
        assert!(!alike(&named("B"), &other));
        assert!(!named("B").differs_in_value_only(&other));
        assert!(named("B").differs_in_value_only(&named("C")));
        assert!(!named("B").differs_in_value_only(&of(Field::ErrorType, "Z", "B")));
        assert!(!named("B").differs_in_value_only(&of(Field::ContentType, "A", "B")));
    }

    #[test]
    fn response_tests_what_it_could_break() {
        let contract = contract();
        let tested = |expectation: &Expectation, actual: &str| -> Vec<String> {
            match judge(&contract, &requirement(), expectation, None, &outcome(actual)) {
                Judgement::Compared { tested, .. } => tested.iter().map(ToString::to_string).collect(),
                Judgement::NotAttributable(reason) => vec![reason.to_string()],
            }
        };
        let (own, errors) = (requirement().to_string(), "start-configuration-session/errors");
        let all = |aspects: &[&str]| -> Vec<String> {
            let mut all: Vec<String> = aspects.iter().map(|aspect| format!("{errors}/{aspect}")).collect();
            all.insert(0, own.clone());
            all
        };
        let refusal = refusal(&contract);
        let named = "status: 400\nerror type: BadRequestException";
        let aspects = ["content-type", "members", "message", "type", "type-header"];
        assert_eq!(tested(&refusal, named), all(&aspects));
        // A wrong status says nothing about the content of the correct response.
        assert_eq!(tested(&refusal, "status: 404\nerror type: ResourceNotFoundException"), all(&[]));
        // A type that belongs to another error breaks the requirement under test, and tests nothing about
        // types.
        let other = tested(&refusal, "status: 400\nerror type: ThrottlingException");
        assert_eq!(other, all(&["content-type", "members", "message", "type-header"]));
        // A type that the contract does not define is unusual.
        assert_eq!(tested(&refusal, "status: 400\nerror type: OddException"), all(&aspects));
        // An optional member that is absent tests nothing.
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let success = |content: &[ContentState], silent: &[ContentState]| {
            let values =
                |states: &[ContentState]| states.iter().map(|state| Value::Content(*state)).collect();
            let silence = (!silent.is_empty())
                .then(|| InconclusiveValues { values: values(silent), reason: "not known" });
            let values = MemberValues { accepted: values(content), inconclusive: silence };
            let content = BTreeMap::from([("Configuration".to_owned(), values)]);
            Expectation::of(ExpectedResponse::success(&contract, operation, &content))
        };
        let response = "get-latest-configuration/response";
        let carried = |expectation: &Expectation, actual: &str, member: &str| {
            tested(expectation, actual).contains(&format!("{response}/{member}"))
        };
        let known = success(&[Empty], &[]);
        assert!(carried(&known, "status: 200\nConfiguration: <other bytes>", "configuration"));
        let unknown = success(&[Other], &[Other]);
        assert!(!carried(&unknown, "status: 200\nConfiguration: <other bytes>", "configuration"));
        let of_tokens = tested(&known, "status: 200").into_iter().filter(|it| !it.starts_with(response));
        assert_eq!(of_tokens.collect::<Vec<_>>(), [own.as_str()], "no value was issued");
    }

    #[test]
    fn conformant_response_has_no_difference() {
        let contract = contract();
        let full = "status: 400\ncontent-type: application/json\nerror type: ValidationException\n\
                    error type header: <present>\nMessage: <string>\n";
        assert_eq!(differences(&refusal(&contract), full), [""; 0]);
    }

    #[test]
    fn every_difference_is_collected() {
        let contract = contract();
        let id = "start-configuration-session/errors";
        assert_eq!(
            differences(&refusal(&contract), "status: 400\ncontent-type: text/plain\nReason: Odd"),
            [
                format!("{id}/content-type content-type: application/json -> text/plain"),
                "start-configuration-session/application-identifier/length error type: BadRequestException -> <absent>".to_owned(),
                format!("{id}/type-header error type header: <present> -> <absent>"),
                format!("{id}/message Message: <string> -> <absent>"),
                format!("{id}/members Reason: InvalidParameters -> Odd"),
            ]
        );
    }

    const LENGTH: &str = "start-configuration-session/application-identifier/length";

    /// What an error with this status and type breaks, if the rest of it is right.
    fn broken_by(expectation: &Expectation, status: u16, error_type: &str) -> Vec<String> {
        let rest = "content-type: application/json\nerror type header: <present>\nMessage: <string>";
        differences(expectation, &format!("status: {status}\nerror type: {error_type}\n{rest}"))
    }

    #[test]
    fn error_type_that_hides_cause_breaks_requirement() {
        let contract = contract();
        let hides = ["<absent>", "ResourceNotFoundException", "InternalServerException", "InternalFailure"];
        for error_type in [&hides[..], &["InvalidClientTokenIdException", "ServiceUnavailable"]].concat() {
            assert_eq!(
                broken_by(&refusal(&contract), 400, error_type),
                [format!("{LENGTH} error type: BadRequestException -> {error_type}")]
            );
        }
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let error = contract.error("ResourceNotFoundException").unwrap();
        let not_found = Expectation::of(ExpectedResponse::error(&contract, operation, error, &[]));
        for error_type in ["BadRequestException", "AccessDeniedException", "ThrottlingException"] {
            assert_eq!(
                broken_by(&not_found, 404, error_type),
                [format!("{LENGTH} error type: ResourceNotFoundException -> {error_type}")]
            );
        }
    }

    #[test]
    fn undefined_error_type_breaks_only_the_convention() {
        let contract = contract();
        let convention = "start-configuration-session/errors/type";
        // The last one names a broken constraint, but not in the words of the contract.
        for error_type in ["InvalidParameterException", "NotFoundException", "ValidationError"] {
            assert_eq!(
                broken_by(&refusal(&contract), 400, error_type),
                [format!("{convention} error type: BadRequestException -> {error_type}")]
            );
        }
        assert_eq!(broken_by(&refusal(&contract), 400, "ValidationException"), [""; 0]);
    }

    #[test]
    fn refusal_before_operation_needs_no_type() {
        let contract = contract();
        let large = refusal(&contract).or(ExpectedResponse::any(Status::ClientError));
        for error_type in ["<absent>", "ResourceNotFoundException"] {
            assert_eq!(broken_by(&large, 413, error_type), [""; 0]);
        }
        assert_eq!(broken_by(&large, 400, "<absent>"), [""; 0]);
        // With a type, the operation itself refused it, for another cause.
        assert_eq!(
            broken_by(&large, 400, "ResourceNotFoundException"),
            [format!("{LENGTH} error type: BadRequestException -> ResourceNotFoundException")]
        );
        // That a type names what is wrong with a signature is a convention.
        let signed = Expectation::of(refusal(&contract).primary().clone().by_convention());
        assert_eq!(
            broken_by(&signed, 400, "<absent>"),
            ["start-configuration-session/errors/type error type: BadRequestException -> <absent>"]
        );
    }

    #[test]
    fn wrong_status_hides_the_error_type() {
        let contract = contract();
        for (status, error_type) in
            [(404, "BadRequestException"), (500, "BadRequestException"), (422, "<absent>")]
        {
            assert_eq!(
                broken_by(&refusal(&contract), status, error_type),
                [format!("{LENGTH} status: 400 -> {status}")]
            );
        }
    }

    #[test]
    fn uninformative_field_tests_nothing() {
        let contract = contract();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let expectation = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
        let judged = |content_type: &str| {
            let actual = format!("status: 201\n{content_type}InitialConfigurationToken: <string>");
            match judge(&contract, &requirement(), &expectation, None, &outcome(&actual)) {
                Judgement::Compared { differences, tested, silent } => {
                    let of = |id: &RequirementId| id.as_str().ends_with("/content-type");
                    (differences.len(), tested.iter().any(of), silent.iter().any(|(id, _)| of(id)))
                }
                Judgement::NotAttributable(reason) => panic!("{reason}"),
            }
        };
        assert_eq!(judged("content-type: application/json\n"), (0, true, false));
        assert_eq!(judged("content-type: <no body>\n"), (0, false, true));
        assert_eq!(judged(""), (1, true, false));
    }

    #[test]
    fn coded_body_is_one_difference() {
        let contract = contract();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let success = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
        let id = "start-configuration-session";
        let coded = "content-type: application/json\ncontent-encoding: gzip\n";
        assert_eq!(
            differences(&success, &format!("status: 201\n{coded}InitialConfigurationToken: <not read>\n")),
            [format!("{id}/response/content-type content-encoding: <absent> -> gzip")]
        );
        let named = "error type: BadRequestException\nerror type header: <present>\n";
        assert_eq!(
            differences(&refusal(&contract), &format!("status: 400\n{coded}{named}Message: <not read>\n")),
            [format!("{id}/errors/content-type content-encoding: <absent> -> gzip")]
        );
    }

    #[test]
    fn wrong_status_is_one_difference() {
        let contract = contract();
        assert_eq!(
            differences(&refusal(&contract), "status: 404\nerror type: ResourceNotFoundException"),
            ["start-configuration-session/application-identifier/length status: 400 -> 404"]
        );
    }

    #[test]
    fn success_with_wrong_success_status_is_compared() {
        let contract = contract();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let expectation = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
        assert_eq!(
            differences(&expectation, "status: 200\ncontent-type: application/json"),
            [
                "start-configuration-session/application-identifier/length status: 201 -> 200",
                "start-configuration-session/response/initial-configuration-token InitialConfigurationToken: <string> -> <absent>",
            ]
        );
    }

    #[test]
    fn snapshot_outside_contract_is_not_expected() {
        let contract = contract();
        let expected = |snapshot: &str| {
            let (snapshot, actual) = (outcome(snapshot), outcome("status: 201"));
            match judge(&contract, &requirement(), &refusal(&contract), Some(&snapshot), &actual) {
                Judgement::Compared { differences, .. } => differences[0].expected.to_string(),
                Judgement::NotAttributable(reason) => reason.to_string(),
            }
        };
        assert_eq!(expected("status: 201"), "400");
        assert_eq!(expected("status: 400"), "400");
    }

    #[test]
    fn success_breaks_the_named_requirement() {
        let contract = contract();
        let accepts = RequirementId::new(["start-configuration-session", "accepts"]);
        let expectation = refusal(&contract).wrong_success_breaks(accepts);
        assert_eq!(
            differences(&expectation, "status: 200"),
            ["start-configuration-session/accepts status: 400 -> 200"]
        );
        assert_eq!(
            differences(&expectation, "status: 500"),
            ["start-configuration-session/application-identifier/length status: 400 -> 500"]
        );
    }

    #[test]
    fn alternative_status_is_no_difference() {
        let contract = contract();
        let either = refusal(&contract).or(ExpectedResponse::any(Status::ClientError));
        assert_eq!(differences(&either, "status: 413"), [""; 0]);
        assert_eq!(differences(&either, "status: 500").len(), 1);
    }

    #[test]
    fn text_is_found_in_nested_values() {
        let holds = |json: &str| contains_string(&Json::parse(json.as_bytes()).unwrap(), "it");
        for json in [r#""it""#, r#"["a", "it"]"#, r#"{"a": {"b": [["it"]]}}"#] {
            assert!(holds(json), "{json}");
        }
        for json in [r#""its""#, r#"{"it": 1}"#, r#"["a", [null]]"#, "5", "{}"] {
            assert!(!holds(json), "{json}");
        }
    }

    #[test]
    fn platform_errors_are_not_attributable() {
        let contract = contract();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let expectation = refusal(&contract);
        let response = |status, error_type: &str, body: &str| Response {
            status,
            headers: vec![("x-amzn-errortype".to_owned(), error_type.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let reason = |response: &Response| not_attributable(&contract, operation, &expectation, response);
        assert_eq!(reason(&response(429, "", "")), Some(NotAttributable::Throttled));
        let mut later = response(503, "", "");
        assert_eq!(reason(&later), None);
        later.headers.push(("Retry-After".to_owned(), "2".to_owned()));
        assert_eq!(reason(&later), Some(NotAttributable::Platform("503 and Retry-After".to_owned())));
        assert_eq!(
            reason(&response(403, "UnrecognizedClientException", "")),
            Some(NotAttributable::Platform("403 UnrecognizedClientException".to_owned()))
        );
        assert_eq!(reason(&response(500, "InternalFailure", "")), None);
        // A wrong status is not an error of the platform. The other types are about the request.
        assert_eq!(reason(&response(404, "AccessDeniedException", "")), None);
        assert_eq!(reason(&response(400, "ValidationError", "")), None);
        assert_eq!(reason(&response(400, "BadRequestException", "{}")), None);
        let early = r#"{"Details":{"InvalidParameters":{"x":{"Problem":"PollIntervalNotSatisfied"}}}}"#;
        // The request would be refused at any time.
        assert_eq!(reason(&response(400, "BadRequestException", early)), None);
        let success = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
        let refused = response(400, "BadRequestException", early);
        assert_eq!(
            not_attributable(&contract, operation, &success, &refused),
            Some(NotAttributable::TooEarly)
        );
        let due = success.timed(Timing::Due);
        assert_eq!(not_attributable(&contract, operation, &due, &refused), None);
    }
}
