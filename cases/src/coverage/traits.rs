//! Which requirements test a trait.

use crate::catalogue::Catalogue;
use crate::contract::{AppliedTrait, Contract, Member, MessageKind, Operation, Position, SIGV4, TraitSite};
use crate::id::RequirementId;
use crate::requirement;
use crate::signing::Signing;

/// Aspects of the requirements on an input member that follow from its type and its traits.
const CONSTRAINTS: [&str; 6] = ["required", "type", "length", "pattern", "range", "enum"];

/// Whether a trait is a note of boundstone, which demands nothing of a server.
pub(super) fn is_annotation(name: &str) -> bool {
    matches!(name, "boundstone#source" | "boundstone#statements")
}

/// The requirements that test a trait at its site, whether or not the catalogue has them.
pub(super) fn requirements(
    contract: &Contract,
    catalogue: &Catalogue,
    applied: &AppliedTrait,
) -> Vec<RequirementId> {
    let name = applied.name.as_str();
    match &applied.site {
        TraitSite::Service => of_service(contract, catalogue, name),
        TraitSite::Operation(operation) => match (name, contract.operation(operation)) {
            ("smithy.api#http", Some(operation)) => {
                let http = RequirementId::new([operation.name.as_str(), "http", ""]);
                let ids = catalogue.requirements.iter().map(|requirement| &requirement.id);
                let below = ids.filter(|id| id.as_str().starts_with(http.as_str()));
                [requirement::accepts(operation)].into_iter().chain(below.cloned()).collect()
            }
            _ => Vec::new(),
        },
        TraitSite::Message { operation, message, position } => {
            // Every operation that uses a shape is one of the contract's.
            let Some(operation) = contract.operation(operation) else { return Vec::new() };
            match message {
                MessageKind::Input => of_input(contract, operation, position, name),
                MessageKind::Output => of_output(contract, operation, position, applied),
                MessageKind::Error(error) => {
                    let causes = caused_by(contract, operation, error);
                    if causes.is_empty() {
                        Vec::new()
                    } else {
                        of_error(operation, causes, position, applied)
                    }
                }
            }
        }
    }
}

fn of_service(contract: &Contract, catalogue: &Catalogue, name: &str) -> Vec<RequirementId> {
    match name {
        // Each requirement says what it follows from.
        "aws.protocols#restJson1" => catalogue
            .requirements
            .iter()
            .filter(|requirement| requirement.source.starts_with("restJson1"))
            .map(|requirement| requirement.id.clone())
            .collect(),
        SIGV4 | "boundstone#signatureErrors" => {
            let signing = catalogue.cases.iter().filter(|case| case.signing() != Signing::Valid);
            signing.map(|case| case.requirement.clone()).collect()
        }
        "boundstone#constraintError" => contract
            .operations
            .iter()
            .flat_map(|operation| constraints(operation).chain([requirement::errors(operation, "type")]))
            .collect(),
        _ => Vec::new(),
    }
}

/// The requirements on the form of a request of an operation.
fn constraints(operation: &Operation) -> impl Iterator<Item = RequirementId> {
    let members = operation.input.iter().flat_map(|member| {
        CONSTRAINTS.map(|aspect| RequirementId::new([&operation.name, &member.name, aspect]))
    });
    let body = ["syntax", "document"].map(|aspect| RequirementId::new([&operation.name, "body", aspect]));
    members.chain(body)
}

fn of_input(
    contract: &Contract,
    operation: &Operation,
    position: &Position,
    name: &str,
) -> Vec<RequirementId> {
    // The catalogue tests no member of a member.
    let Position::Member(member) = position else { return Vec::new() };
    let Some(member) = operation.input.iter().find(|input| input.name == *member) else {
        return Vec::new();
    };
    let aspect = |aspect: &str| vec![RequirementId::new([&operation.name, &member.name, aspect])];
    match name {
        "smithy.api#required" => aspect("required"),
        "smithy.api#length" => aspect("length"),
        "smithy.api#pattern" => aspect("pattern"),
        "smithy.api#range" => aspect("range"),
        "smithy.api#enum" => aspect("enum"),
        "smithy.api#default" | "smithy.api#addedDefault" => aspect("optional"),
        // A member in another location is missing from its own.
        "smithy.api#httpQuery" | "smithy.api#httpHeader" | "smithy.api#httpLabel" => {
            [aspect("required"), vec![requirement::accepts(operation)]].concat()
        }
        "boundstone#identifies" => {
            vec![requirement::resource(operation, member), requirement::nesting(operation, member)]
        }
        "boundstone#singleUse" => {
            vec![requirement::issued(operation, member), requirement::single_use(operation, member)]
        }
        "boundstone#minimumInterval" => intervals(contract, member).collect(),
        _ => Vec::new(),
    }
}

/// The requirements that the interval which `member` requests is enforced.
fn intervals<'a>(contract: &'a Contract, member: &'a Member) -> impl Iterator<Item = RequirementId> + 'a {
    let rule = member.rules.minimum_interval.iter();
    rule.filter_map(|rule| contract.operation(rule.between.name()))
        .map(|operation| requirement::minimum_interval(operation, member))
}

fn of_output(
    contract: &Contract,
    operation: &Operation,
    position: &Position,
    applied: &AppliedTrait,
) -> Vec<RequirementId> {
    let (member, is_checked) = match position {
        // Nothing checks the keys of a map.
        Position::Whole | Position::Keys(_) => return Vec::new(),
        Position::Within(member) => (member, is_checked_value(applied)),
        Position::Member(member) => {
            let checked = ["smithy.api#required", "smithy.api#httpHeader", "smithy.api#httpPayload"];
            let rules = ["boundstone#present", "boundstone#content", "boundstone#interval"];
            let name = applied.name.as_str();
            (member, is_checked_value(applied) || checked.contains(&name) || rules.contains(&name))
        }
    };
    if !is_checked {
        return Vec::new();
    }
    let mut ids = vec![requirement::output(operation, member)];
    if applied.name == "boundstone#interval" {
        let inputs = contract.operations.iter().flat_map(|operation| &operation.input);
        ids.extend(inputs.flat_map(|member| intervals(contract, member)));
    }
    ids
}

fn of_error(
    operation: &Operation,
    causes: Vec<RequirementId>,
    position: &Position,
    applied: &AppliedTrait,
) -> Vec<RequirementId> {
    let aspect = |aspect| vec![requirement::errors(operation, aspect)];
    match (position, applied.name.as_str()) {
        (Position::Whole, "smithy.api#error" | "smithy.api#httpError") => causes,
        (Position::Member(member), "smithy.api#required") if is_message(member) => aspect("message"),
        (Position::Member(member), _) if is_checked_value(applied) && is_message(member) => aspect("message"),
        (Position::Member(_) | Position::Within(_), _) if is_checked_value(applied) => aspect("members"),
        _ => Vec::new(),
    }
}

fn is_message(member: &str) -> bool {
    member.eq_ignore_ascii_case("message")
}

/// Whether a trait is a constraint on a value that is checked everywhere in a response.
fn is_checked_value(applied: &AppliedTrait) -> bool {
    match applied.name.as_str() {
        "smithy.api#length" | "smithy.api#pattern" | "smithy.api#enum" => {
            matches!(applied.kind.as_str(), "string" | "enum")
        }
        "smithy.api#range" => {
            matches!(applied.kind.as_str(), "byte" | "short" | "integer" | "long" | "bigInteger")
        }
        _ => false,
    }
}

/// The requirements whose cases cause this error, and the one on its type; none if the contract does not say what
/// causes it.
pub(super) fn caused_by(contract: &Contract, operation: &Operation, error: &str) -> Vec<RequirementId> {
    let mut ids = Vec::new();
    if contract.constraint_error.error.name() == error {
        ids.extend(constraints(operation));
    }
    for member in &operation.input {
        if member.rules.identifies.as_ref().is_some_and(|rule| rule.error.name() == error) {
            ids.extend([requirement::resource(operation, member), requirement::nesting(operation, member)]);
        }
        if member.rules.single_use.as_ref().is_some_and(|rule| rule.error.name() == error) {
            ids.extend([requirement::issued(operation, member), requirement::single_use(operation, member)]);
        }
    }
    for member in contract.operations.iter().flat_map(|operation| &operation.input) {
        let rule = member.rules.minimum_interval.as_ref();
        if rule.is_some_and(|rule| rule.between.name() == operation.name && rule.error.name() == error) {
            ids.push(requirement::minimum_interval(operation, member));
        }
    }
    if !ids.is_empty() {
        ids.push(requirement::errors(operation, "type"));
    }
    ids
}
