//! Requirements: the testable statements of a contract.

use crate::contract::{Contract, Member, Operation};
use crate::fixture::Fixture;
use crate::id::{Level, RequirementId, kebab};

/// One testable statement of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its stable id.
    pub id: RequirementId,
    /// The operation it belongs to.
    pub operation: String,
    /// How binding it is.
    pub level: Level,
    /// The statement in one sentence.
    pub text: String,
    /// Where the contract or a standard says so.
    pub source: String,
}

impl Requirement {
    /// What the fixtures lack for any response to test it, if they lack anything: content can be checked only if it
    /// is known.
    pub fn missing_prerequisite(&self, contract: &Contract, fixtures: &[Fixture]) -> Option<String> {
        let operation = contract.operation(&self.operation)?;
        let rule = operation
            .output
            .iter()
            .filter(|member| output(operation, &member.name) == self.id)
            .find_map(|member| member.rules.content.as_ref())?;
        let is_known = fixtures.iter().any(|fixture| fixture.contents.contains_key(&rule.of));
        (!is_known).then(|| format!("needs a fixture with `{}`", rule.of))
    }
}

/// The requirement on one aspect of every success of an operation.
pub fn response(operation: &Operation, aspect: &str) -> RequirementId {
    RequirementId::new([&operation.name, "response", aspect])
}

/// The requirement on an output member of every success of an operation. One whose name is that of an aspect of the
/// response comes below `members`.
pub fn output(operation: &Operation, member: &str) -> RequirementId {
    let is_aspect = match kebab(member).as_str() {
        "content-type" => operation.output_payload().is_none(),
        "error-type" => true,
        _ => false,
    };
    if is_aspect {
        return RequirementId::new([operation.name.as_str(), "response", "members", member]);
    }
    response(operation, member)
}

/// The requirement on the body of every success of an operation: its content type, or the member that the whole
/// body is.
pub fn success_body(operation: &Operation) -> RequirementId {
    match operation.output_payload() {
        Some(member) => output(operation, &member.name),
        None => response(operation, "content-type"),
    }
}

/// The requirement on one aspect of every error of an operation.
pub fn errors(operation: &Operation, aspect: &str) -> RequirementId {
    RequirementId::new([&operation.name, "errors", aspect])
}

/// What comes after the first segment of a requirement that is not about an input member.
const ASPECTS: [&str; 18] = [
    "accepts",
    "body",
    "combinations",
    "duplicates",
    "encoding",
    "errors",
    "http",
    "input",
    "limits",
    "open",
    "recovery",
    "response",
    "sessions",
    "signature",
    "stability",
    "unknown-members",
    "validation-first",
    "interval",
];

/// The segment of an input member. One whose name is that of an aspect comes below `input`.
pub(crate) fn input_segment(member: &Member) -> String {
    if ASPECTS.contains(&kebab(&member.name).as_str()) {
        return format!("input/{}", member.name);
    }
    member.name.clone()
}

/// The requirement that a member names an existing resource.
pub fn resource(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "resource"])
}

/// The requirement that the resource which a member names is within the one that the rest of the request names.
pub fn nesting(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "nesting"])
}

/// The requirement that a whole number is within its bounds.
pub fn range(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "range"])
}

/// The requirement that the value of a member was issued by a response.
pub fn issued(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "issued"])
}

/// The requirement that a value which differs from an issued one only in its padding is read or refused.
pub fn padding(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "padding"])
}

/// The requirement that the value of a member can be used once.
pub fn single_use(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "single-use"])
}

/// The requirement that `operation` is not called sooner than the session requested in `member`.
pub fn minimum_interval(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "observed"])
}

/// The requirement on one aspect of an input member.
pub fn of_member(operation: &Operation, member: &Member, aspect: &str) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), aspect])
}

/// The requirement that a value is refused after its lifetime.
pub fn lifetime(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "lifetime"])
}

/// The requirement that no value of a single-use member is issued twice.
pub fn unique(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "unique"])
}

/// The requirement that a value of a single-use member shows no identifier and no credential.
pub fn opaque(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "opaque"])
}

/// The requirement that the next value of a single-use member cannot be predicted from those before.
pub fn unpredictable(operation: &Operation, member: &Member) -> RequirementId {
    RequirementId::new([operation.name.as_str(), &input_segment(member), "unpredictable"])
}

/// The requirement that constraints are checked before resources are looked up.
pub fn validation_first(operation: &Operation) -> RequirementId {
    RequirementId::new([&operation.name, "validation-first"])
}

/// The requirement that the constraints of members in one request are independent of each other.
pub fn combinations(operation: &Operation) -> RequirementId {
    RequirementId::new([&operation.name, "combinations"])
}

/// The requirement that a request which is refused does not affect the next one.
pub fn recovery(operation: &Operation) -> RequirementId {
    RequirementId::new([&operation.name, "recovery"])
}

/// The requirement on one aspect of the signature of a request.
pub fn signature(operation: &Operation, aspect: &str) -> RequirementId {
    RequirementId::new([&operation.name, "signature", aspect])
}

/// The requirement that an operation gives equal responses to equal requests.
pub fn stability(operation: &str) -> RequirementId {
    RequirementId::new([operation, "stability"])
}

/// The requirement that sessions do not affect each other.
pub fn sessions(operation: &Operation) -> RequirementId {
    RequirementId::new([&operation.name, "sessions"])
}

/// The requirement that a valid call succeeds.
pub fn accepts(operation: &Operation) -> RequirementId {
    RequirementId::new([&operation.name, "accepts"])
}
