//! Compares an outcome with the snapshot and with what the contract accepts. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cases::contract::{Contract, Operation};
use cases::id::RequirementId;
use cases::oracle::{ABSENT, Field, Outcome, UNREAD};
use cases::oracle::{Expectation, ExpectedResponse, Status, Timing};
use cases::protocol::Json;
use cases::protocol::Response;
use serde::{Deserialize, Serialize};

use crate::client::response::{error_type, is_unavailable};
use crate::limits::Stop;

/// Differences that kept something from being tested.
pub type Blockers = BTreeSet<Difference>;

/// Differences that one of several deviations shows by itself too, with what it shows.
pub type Explained = BTreeMap<Difference, Blockers>;

/// One field of an outcome that is not as the contract has it. Two requests show the same fault if
/// their differences are equal; while a request shrinks, its difference stays the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Difference {
    /// The requirement that is broken.
    pub requirement: RequirementId,
    /// Where the outcome differs.
    pub field: Field,
    /// What it ought to be.
    pub expected: String,
    /// What it is.
    pub actual: String,
}

/// Stands for the values of a field that is another one in each answer.
pub const VARYING: &str = "<varying>";

impl Difference {
    /// Whether there was no answer at all.
    pub fn is_fault(&self) -> bool {
        is_fault(&self.field, &self.actual)
    }

    /// The same for any value that is not expected.
    #[must_use]
    pub fn varying(self) -> Self {
        Self { actual: VARYING.to_owned(), ..self }
    }

    /// Whether the two differ in the value alone.
    pub fn is_beside(&self, other: &Self) -> bool {
        (&self.requirement, &self.field, &self.expected)
            == (&other.requirement, &other.field, &other.expected)
    }

    /// Whether the two are of one kind. What is expected of another field than the status may be said
    /// in another way, if the one was held to a snapshot and the other one was not.
    pub fn is_like(&self, other: &Self) -> bool {
        let varies =
            [self, other].iter().any(|it| it.actual == VARYING) && !self.is_fault() && !other.is_fault();
        (&self.requirement, &self.field) == (&other.requirement, &other.field)
            && (self.actual == other.actual || varies)
            && (self.field != Field::Status || self.expected == other.expected)
    }
}

/// Whether the value of a field stands for there being no answer.
pub(crate) fn is_fault(field: &Field, value: &str) -> bool {
    *field == Field::Status && value != VARYING && value.parse::<u16>().is_err()
}

/// Why errors show nothing of what their types are like.
const UNTOLD: &str = "no error had a type that tells its cause";

/// What an answer says about the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It was compared, field by field.
    Judged {
        /// Every field that differs.
        differences: Vec<Difference>,
        /// The requirements that it could have broken, whether or not it did.
        tested: BTreeSet<RequirementId>,
        /// The requirements that it could have tested, and why it did not.
        silent: Vec<(RequirementId, &'static str)>,
    },
    /// It says nothing about this request.
    Excused(Excuse),
}

/// Why an answer says nothing about the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Excuse {
    /// Refused for the number of requests.
    #[error("the target throttled")]
    Throttled,
    /// Refused for another reason than the contract's, such as missing credentials.
    #[error("refused with {0}, which says nothing about the request")]
    Platform(String),
    /// Not sent, like everything after it.
    #[error("{0}")]
    GivenUp(Stop),
    /// Not sent, since nobody took it.
    #[error("no connection to the target was made")]
    Unreached,
    /// Refused after an earlier sending was lost, which may have spent the value that serves once.
    #[error("it was lost on its way once, and what serves once may have been spent by it")]
    Spent,
    /// Refused because the interval between calls was not over.
    #[error("the target enforces its poll interval, and the call came too early")]
    TooEarly,
}

/// Judges the outcome of one exchange. `requirement` is what a wrong status breaks, unless the
/// expectation knows better, and an error type that does not say the cause; `snapshot` is the reviewed
/// outcome of this step, if there is one.
pub fn judge(
    contract: &Contract,
    requirement: &RequirementId,
    expectation: &Expectation,
    snapshot: Option<&Outcome>,
    actual: &Outcome,
) -> Judgement {
    let mut differences = Vec::new();
    let mut tested = BTreeSet::new();
    let mut silent = Vec::new();
    // What was reviewed says what is wanted, as far as the contract asks for just this.
    let wanted = |field: &Field| {
        let reviewed = snapshot.map(|snapshot| snapshot.get(field)).filter(|value| match field {
            Field::Status => {
                matches!(expectation.primary().status, Status::Code(code) if code.to_string() == *value)
            }
            field => expectation.primary().fields.get(field).is_some_and(|accept| accept.accepts(value)),
        });
        reviewed.map_or_else(|| expectation.outcome().get(field).to_owned(), ToOwned::to_owned)
    };
    let status = actual.status().unwrap_or_default();
    let accepted = expectation.response(status);
    let named = actual.get(&Field::ErrorType);
    // A type that the contract does not have is odd, and no other reason, where any refusal will do.
    let is_odd = expectation.accepts_any(status) && !contract.has_other_use(named, status);
    if expectation.identifies_cause(status) || is_odd || !is_refused_otherwise(accepted, actual) {
        tested.insert(requirement.clone());
    }
    if accepted.is_none() {
        differences.push(Difference {
            requirement: expectation.broken_by(status).unwrap_or(requirement).clone(),
            field: Field::Status,
            expected: wanted(&Field::Status),
            actual: actual.get(&Field::Status).to_owned(),
        });
    }
    for answer in expectation.responses() {
        let Some(requirement) = &answer.breaks else { continue };
        tested.insert(requirement.clone());
        if accepted.is_some_and(|accepted| std::ptr::eq(accepted, answer)) {
            differences.push(Difference {
                requirement: requirement.clone(),
                field: Field::Status,
                expected: wanted(&Field::Status),
                actual: actual.get(&Field::Status).to_owned(),
            });
        }
    }
    // A success with the wrong status still has to carry what a success carries. A wrong error has
    // a wrong type too, which would only say the same again.
    let both_succeed = expectation.is_success() && (200..300).contains(&status);
    let answer: Option<&ExpectedResponse> = accepted.or_else(|| both_succeed.then(|| expectation.primary()));
    let is_primary = answer.is_some_and(|answer| std::ptr::eq(answer, expectation.primary()));
    for (field, accept) in answer.iter().flat_map(|answer| &answer.fields) {
        let value = actual.get(field);
        if value == UNREAD {
            // That nobody can read it is told of another field.
            continue;
        }
        if let Some(reason) = accept.inconclusive_reason(value) {
            silent.push((accept.requirement.clone(), reason));
            continue;
        }
        let tells_cause = *field == Field::ErrorType && answer.is_some_and(|answer| answer.identifies_cause);
        let hides_cause = tells_cause && !accept.accepts(value) && hides_cause(contract, status, value);
        if hides_cause {
            silent.push((accept.requirement.clone(), UNTOLD));
        }
        if hides_cause && value == ABSENT && !expectation.identifies_cause(status) {
            // It may have been refused before it came to the operation.
            continue;
        }
        let broken = if hides_cause { requirement } else { &accept.requirement };
        // A body that is not coded keeps a requirement which is about what it holds.
        let is_aside = *field == Field::ContentEncoding && accept.accepts(value);
        if !hides_cause && !is_aside && accept.is_tested_by(value) {
            tested.insert(broken.clone());
        }
        if !accept.accepts(value) {
            // A member that may be absent is wanted as the contract has it, if it is there.
            let expected = Some(wanted(field)).filter(|value| is_primary && value != ABSENT);
            let expected = expected.unwrap_or_else(|| accept.values[0].clone());
            differences.push(Difference {
                requirement: broken.clone(),
                field: field.clone(),
                expected,
                actual: value.to_owned(),
            });
        }
    }
    Judgement::Judged { differences, tested, silent }
}

/// Whether an error of this type leaves a client without the cause, or tells it another one: it has no type,
/// or one that the contract has for something else. One that the contract does not have at all is odd, and
/// no more than that.
fn hides_cause(contract: &Contract, status: u16, error_type: &str) -> bool {
    error_type == ABSENT || contract.has_other_use(error_type, status)
}

/// Whether a request was refused for another reason than the one that the requirement names, though with
/// the right status.
fn is_refused_otherwise(accepted: Option<&ExpectedResponse>, actual: &Outcome) -> bool {
    let accept = accepted.and_then(|answer| answer.fields.get(&Field::ErrorType));
    let named = actual.get(&Field::ErrorType);
    named != ABSENT && accept.is_some_and(|accept| !accept.accepts(named))
}

/// Whether an answer says nothing about the request, and why.
pub fn excuse(
    contract: &Contract,
    operation: &Operation,
    expectation: &Expectation,
    response: &Response,
) -> Option<Excuse> {
    if response.is_success() {
        return None;
    }
    if response.status == 429 {
        return Some(Excuse::Throttled);
    }
    if is_unavailable(response) {
        return Some(Excuse::Platform("503 and Retry-After".to_owned()));
    }
    let body = Json::parse(&response.body).ok();
    if expectation.is_success() && expectation.timing() == Timing::Immediate {
        let mut early = operation.output.iter().filter_map(|member| member.rules.interval.as_ref());
        if early.any(|rule| body.as_ref().is_some_and(|body| says(body, &rule.problem))) {
            return Some(Excuse::TooEarly);
        }
    }
    let error_type = error_type(response, body.as_ref())?;
    // Where any error will do, its type makes no difference.
    let named = expectation.response(response.status).is_some_and(|answer| {
        answer.fields.get(&Field::ErrorType).is_none_or(|accept| accept.accepts(&error_type))
    });
    // An internal failure is no excuse: the request has a right answer.
    let may_excuse = response.status < 500 || response.status == 503;
    if named || !may_excuse || !contract.is_common_error(&error_type, response.status) {
        return None;
    }
    Some(Excuse::Platform(format!("{} {error_type}", response.status)))
}

/// Whether a JSON value holds a string somewhere.
pub(crate) fn says(json: &Json, text: &str) -> bool {
    match json {
        Json::String(value) => value == text,
        Json::Array(items) => items.iter().any(|item| says(item, text)),
        Json::Object(members) => members.iter().any(|(_, value)| says(value, text)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cases::oracle::{InconclusiveValues, MemberValues};

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
            Judgement::Judged { differences, .. } => differences
                .iter()
                .map(|d| format!("{} {}: {} -> {}", d.requirement, d.field, d.expected, d.actual))
                .collect(),
            Judgement::Excused(excuse) => vec![excuse.to_string()],
        }
    }

    #[test]
    fn what_varies_is_like_any_value_but_no_answer_and_like_nothing_of_another_field() {
        let of = |field: Field, expected: &str, actual: &str| Difference {
            requirement: requirement(),
            field,
            expected: expected.to_owned(),
            actual: actual.to_owned(),
        };
        let named = |actual: &str| of(Field::ErrorType, "A", actual);
        let status = |expected: &str, actual: &str| of(Field::Status, expected, actual);
        // Equal, and each way round.
        let alike = |one: &Difference, other: &Difference| {
            assert_eq!(one.is_like(other), other.is_like(one));
            one.is_like(other)
        };
        assert!(alike(&named("B"), &named("B")) && !alike(&named("B"), &named("C")));
        assert!(alike(&named("B"), &named(VARYING)) && alike(&status("400", "500"), &status("400", VARYING)));
        assert!(!alike(&named(VARYING), &status("A", VARYING)));
        // A status that is expected otherwise is another difference; of other fields it is said otherwise.
        assert!(!alike(&status("400", "500"), &status("404", "500")));
        assert!(alike(&named("B"), &of(Field::ErrorType, "Z", "B")));
        let lost = status("400", "<no answer>");
        assert!(lost.is_fault() && !status("400", VARYING).is_fault() && !named("B").is_fault());
        assert!(alike(&lost, &lost) && !alike(&lost, &status("400", VARYING)));
        let other = Difference { requirement: RequirementId::new(["other"]), ..named("B") };
        assert!(!alike(&named("B"), &other) && !named("B").is_beside(&other));
        assert!(named("B").is_beside(&named("C")));
        assert!(!named("B").is_beside(&of(Field::ErrorType, "Z", "B")));
        assert!(!named("B").is_beside(&of(Field::ContentType, "A", "B")));
    }

    #[test]
    fn a_response_tests_what_it_could_have_broken() {
        let contract = contract();
        let tested = |expectation: &Expectation, actual: &str| -> Vec<String> {
            match judge(&contract, &requirement(), expectation, None, &outcome(actual)) {
                Judgement::Judged { tested, .. } => tested.iter().map(ToString::to_string).collect(),
                Judgement::Excused(excuse) => vec![excuse.to_string()],
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
        // A wrong status says nothing of what the right answer carries.
        assert_eq!(tested(&refusal, "status: 404\nerror type: ResourceNotFoundException"), all(&[]));
        // The type of something else breaks the requirement under test, and says nothing of what types are like.
        let other = tested(&refusal, "status: 400\nerror type: ThrottlingException");
        assert_eq!(other, all(&["content-type", "members", "message", "type-header"]));
        // One that the contract does not have is odd.
        assert_eq!(tested(&refusal, "status: 400\nerror type: OddException"), all(&aspects));
        // What need not be there and is not tests nothing.
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let success = |content: &[&str], silent: &[&str]| {
            let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
            let silence = (!silent.is_empty())
                .then(|| InconclusiveValues { values: texts(silent), reason: "not known" });
            let values = MemberValues { accepted: texts(content), inconclusive: silence };
            let content = BTreeMap::from([("Configuration".to_owned(), values)]);
            Expectation::of(ExpectedResponse::success(&contract, operation, &content))
        };
        let response = "get-latest-configuration/response";
        let carried = |expectation: &Expectation, actual: &str, member: &str| {
            tested(expectation, actual).contains(&format!("{response}/{member}"))
        };
        let known = success(&["<empty>"], &[]);
        assert!(carried(&known, "status: 200\nConfiguration: <other bytes>", "configuration"));
        let unknown = success(&["<other bytes>"], &["<other bytes>"]);
        assert!(!carried(&unknown, "status: 200\nConfiguration: <other bytes>", "configuration"));
        let of_tokens = tested(&known, "status: 200").into_iter().filter(|it| !it.starts_with(response));
        assert_eq!(of_tokens.collect::<Vec<_>>(), [own.as_str()], "no value was issued");
    }

    #[test]
    fn a_conformant_answer_has_no_difference() {
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

    /// What an error of this status and type breaks; none of the rest is wrong with it.
    fn broken_by(expectation: &Expectation, status: u16, error_type: &str) -> Vec<String> {
        let rest = "content-type: application/json\nerror type header: <present>\nMessage: <string>";
        differences(expectation, &format!("status: {status}\nerror type: {error_type}\n{rest}"))
    }

    #[test]
    fn an_error_type_that_hides_the_cause_breaks_what_is_tested() {
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
    fn an_error_type_that_the_contract_does_not_have_is_no_more_than_odd() {
        let contract = contract();
        let convention = "start-configuration-session/errors/type";
        // The last one speaks of a broken constraint, in words that are not the contract's.
        for error_type in ["InvalidParameterException", "NotFoundException", "ValidationError"] {
            assert_eq!(
                broken_by(&refusal(&contract), 400, error_type),
                [format!("{convention} error type: BadRequestException -> {error_type}")]
            );
        }
        assert_eq!(broken_by(&refusal(&contract), 400, "ValidationException"), [""; 0]);
    }

    #[test]
    fn what_may_be_refused_before_the_operation_needs_no_type() {
        let contract = contract();
        let large = refusal(&contract).or(ExpectedResponse::any(Status::ClientError));
        for error_type in [ABSENT, "ResourceNotFoundException"] {
            assert_eq!(broken_by(&large, 413, error_type), [""; 0]);
        }
        assert_eq!(broken_by(&large, 400, ABSENT), [""; 0]);
        // With a type it was the operation that refused it, for another cause than it says.
        assert_eq!(
            broken_by(&large, 400, "ResourceNotFoundException"),
            [format!("{LENGTH} error type: BadRequestException -> ResourceNotFoundException")]
        );
        // That a type says what is wrong with a signature is a convention.
        let signed = Expectation::of(refusal(&contract).primary().clone().by_convention());
        assert_eq!(
            broken_by(&signed, 400, ABSENT),
            ["start-configuration-session/errors/type error type: BadRequestException -> <absent>"]
        );
    }

    #[test]
    fn the_status_is_one_difference_whatever_the_type() {
        let contract = contract();
        for (status, error_type) in
            [(404, "BadRequestException"), (500, "BadRequestException"), (422, ABSENT)]
        {
            assert_eq!(
                broken_by(&refusal(&contract), status, error_type),
                [format!("{LENGTH} status: 400 -> {status}")]
            );
        }
    }

    #[test]
    fn what_shows_nothing_is_no_test() {
        let contract = contract();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        let expectation = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
        let judged = |content_type: &str| {
            let actual = format!("status: 201\n{content_type}InitialConfigurationToken: <string>");
            match judge(&contract, &requirement(), &expectation, None, &outcome(&actual)) {
                Judgement::Judged { differences, tested, silent } => {
                    let of = |id: &RequirementId| id.as_str().ends_with("/content-type");
                    (differences.len(), tested.iter().any(of), silent.iter().any(|(id, _)| of(id)))
                }
                Judgement::Excused(excuse) => panic!("{excuse}"),
            }
        };
        assert_eq!(judged("content-type: application/json\n"), (0, true, false));
        assert_eq!(judged("content-type: <no body>\n"), (0, false, true));
        assert_eq!(judged(""), (1, true, false));
    }

    #[test]
    fn a_coded_body_is_one_difference() {
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
    fn a_wrong_status_is_one_difference() {
        let contract = contract();
        assert_eq!(
            differences(&refusal(&contract), "status: 404\nerror type: ResourceNotFoundException"),
            ["start-configuration-session/application-identifier/length status: 400 -> 404"]
        );
    }

    #[test]
    fn a_success_with_another_success_status_is_still_read() {
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
    fn a_snapshot_of_another_way_is_not_what_was_expected() {
        let contract = contract();
        let expected = |snapshot: &str| {
            let (snapshot, actual) = (outcome(snapshot), outcome("status: 201"));
            match judge(&contract, &requirement(), &refusal(&contract), Some(&snapshot), &actual) {
                Judgement::Judged { differences, .. } => differences[0].expected.clone(),
                Judgement::Excused(excuse) => excuse.to_string(),
            }
        };
        assert_eq!(expected("status: 201"), "400");
        assert_eq!(expected("status: 400"), "400");
    }

    #[test]
    fn a_success_breaks_what_the_expectation_names() {
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
    fn what_is_accepted_as_well_is_no_difference() {
        let contract = contract();
        let either = refusal(&contract).or(ExpectedResponse::any(Status::ClientError));
        assert_eq!(differences(&either, "status: 413"), [""; 0]);
        assert_eq!(differences(&either, "status: 500").len(), 1);
    }

    #[test]
    fn a_text_is_found_in_values_wherever_they_stand() {
        let holds = |json: &str| says(&Json::parse(json.as_bytes()).unwrap(), "it");
        for json in [r#""it""#, r#"["a", "it"]"#, r#"{"a": {"b": [["it"]]}}"#] {
            assert!(holds(json), "{json}");
        }
        for json in [r#""its""#, r#"{"it": 1}"#, r#"["a", [null]]"#, "5", "{}"] {
            assert!(!holds(json), "{json}");
        }
    }

    #[test]
    fn an_answer_about_something_else_is_excused() {
        let contract = contract();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        let expectation = refusal(&contract);
        let answer = |status, error_type: &str, body: &str| Response {
            status,
            headers: vec![("x-amzn-errortype".to_owned(), error_type.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let excused = |response: &Response| excuse(&contract, operation, &expectation, response);
        assert_eq!(excused(&answer(429, "", "")), Some(Excuse::Throttled));
        let mut later = answer(503, "", "");
        assert_eq!(excused(&later), None);
        later.headers.push(("Retry-After".to_owned(), "2".to_owned()));
        assert_eq!(excused(&later), Some(Excuse::Platform("503 and Retry-After".to_owned())));
        assert_eq!(
            excused(&answer(403, "UnrecognizedClientException", "")),
            Some(Excuse::Platform("403 UnrecognizedClientException".to_owned()))
        );
        assert_eq!(excused(&answer(500, "InternalFailure", "")), None);
        // A wrong status is no error of the platform, and this one speaks of the request.
        assert_eq!(excused(&answer(404, "AccessDeniedException", "")), None);
        assert_eq!(excused(&answer(400, "ValidationError", "")), None);
        assert_eq!(excused(&answer(400, "BadRequestException", "{}")), None);
        let early = r#"{"Details":{"InvalidParameters":{"x":{"Problem":"PollIntervalNotSatisfied"}}}}"#;
        // The request would be refused in any case.
        assert_eq!(excused(&answer(400, "BadRequestException", early)), None);
        let success = Expectation::of(ExpectedResponse::success(&contract, operation, &BTreeMap::new()));
        let response = answer(400, "BadRequestException", early);
        assert_eq!(excuse(&contract, operation, &success, &response), Some(Excuse::TooEarly));
        let due = success.timed(Timing::Due);
        assert_eq!(excuse(&contract, operation, &due, &response), None);
    }
}
