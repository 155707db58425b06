//! Why nothing tests a trait.

use super::traits::caused_by;
use crate::contract::{AppliedTrait, Contract, Location, MessageKind, Operation, Position, TraitSite};

const CLIENTS: &str = "affects clients and their tools only";
const DOCUMENTATION: &str = "documentation: demands nothing";
const NOTATION: &str = "says how the model is written, and nothing about what is sent";
const OTHER_PROTOCOL: &str = "counts in other protocols than restJson1";
const PLATFORM: &str =
    "excuses responses that depend on credentials, load or the state of the platform, not on the request";
const SECRET: &str =
    "binds everyone who stores the value: boundstone leaves it out of its reports, as its own tests check";
const SIGNATURE: &str =
    "signatures are checked before the request reaches the service, and a target need not demand one";
/// For a default in a response.
const FILLED_IN: &str = "clients fill it in if a response does not have the member";

/// Reasons for all sites of a trait. A name that ends in `#` means the whole namespace.
const ANYWHERE: [(&str, &[&str]); 7] = [
    (
        DOCUMENTATION,
        &[
            "smithy.api#deprecated",
            "smithy.api#documentation",
            "smithy.api#examples",
            "smithy.api#externalDocumentation",
            "smithy.api#internal",
            "smithy.api#recommended",
            "smithy.api#since",
            "smithy.api#tags",
            "smithy.api#title",
            "smithy.api#flaky",
        ],
    ),
    (
        CLIENTS,
        &[
            "aws.api#",
            "aws.cloudformation#",
            "aws.customizations#",
            "aws.endpoints#",
            "aws.iam#",
            "smithy.api#box",
            "smithy.api#clientOptional",
            "smithy.api#endpoint",
            "smithy.api#hostLabel",
            "smithy.api#idempotencyToken",
            "smithy.api#idempotent",
            "smithy.api#paginated",
            "smithy.api#readonly",
            "smithy.api#retryable",
            "smithy.rules#",
            "smithy.test#",
            "smithy.waiters#",
        ],
    ),
    (
        NOTATION,
        &[
            "smithy.api#input",
            "smithy.api#mixin",
            "smithy.api#output",
            "smithy.api#private",
            "smithy.api#references",
            "smithy.api#suppress",
        ],
    ),
    (
        OTHER_PROTOCOL,
        &[
            "aws.protocols#awsQueryError",
            "smithy.api#xmlAttribute",
            "smithy.api#xmlFlattened",
            "smithy.api#xmlName",
            "smithy.api#xmlNamespace",
        ],
    ),
    (PLATFORM, &["boundstone#commonErrors"]),
    (SECRET, &["smithy.api#sensitive"]),
    (SIGNATURE, &["aws.auth#", "smithy.api#auth", "smithy.api#optionalAuth"]),
];

/// Why no requirement tests a trait at its site, if there is a reason.
pub(super) fn reason(contract: &Contract, applied: &AppliedTrait) -> Option<&'static str> {
    anywhere(&applied.name).or_else(|| match &applied.site {
        TraitSite::Service | TraitSite::Operation(_) => None,
        TraitSite::Message { operation, message, position } => {
            let operation = contract.operation(operation)?;
            match message {
                MessageKind::Input => of_input(operation, position, applied),
                MessageKind::Output => of_output(applied),
                MessageKind::Error(error) => of_error(contract, operation, error, applied),
            }
        }
    })
}

fn anywhere(name: &str) -> Option<&'static str> {
    let listed = ANYWHERE.iter().find(|(_, names)| names.iter().any(|listed| is_of(name, listed)));
    listed.map(|(reason, _)| *reason)
}

fn of_input(operation: &Operation, position: &Position, applied: &AppliedTrait) -> Option<&'static str> {
    let Position::Member(name) = position else { return None };
    let is_label = operation.input.iter().any(|it| it.name == *name && it.location == Location::Label);
    (is_label && applied.name == "smithy.api#required").then_some("a path without it is another path")
}

fn of_output(applied: &AppliedTrait) -> Option<&'static str> {
    match applied.name.as_str() {
        "smithy.api#httpHeader" if applied.kind == "string" => Some("any value is valid, and so is none"),
        "smithy.api#default" | "smithy.api#addedDefault" => Some(FILLED_IN),
        _ => None,
    }
}

fn of_error(
    contract: &Contract,
    operation: &Operation,
    error: &str,
    applied: &AppliedTrait,
) -> Option<&'static str> {
    if matches!(applied.name.as_str(), "smithy.api#default" | "smithy.api#addedDefault") {
        return Some(FILLED_IN);
    }
    if !caused_by(contract, operation, error).is_empty() {
        return None;
    }
    let is_failure = contract.error(error).is_some_and(|error| error.status >= 500);
    Some(if is_failure {
        "no request makes a conformant server fail"
    } else {
        "the contract does not say which request of the operation causes it"
    })
}

/// Whether a trait has this name, or is of the namespace that ends in `#`.
fn is_of(name: &str, listed: &str) -> bool {
    name == listed || (listed.ends_with('#') && name.starts_with(listed))
}
