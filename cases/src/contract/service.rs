//! A service of a Smithy model with its rules, resolved and checked.
//!
//! Everything that a [`Contract`] refers to exists.

use std::collections::BTreeMap;

use super::applied_trait::{AppliedTrait, TraitSite};
use super::operation::{ErrorShape, Operation, OutputOf};
use super::rules::{CommonError, ConstraintError, SingleUse, Statement};
use super::shape::{Member, Shape};
use super::shape_id::ShapeId;
use crate::signing::Signing;

/// The trait of a service whose requests are signed by AWS Signature Version 4.
pub(crate) const SIGV4: &str = "aws.auth#sigv4";

/// A trait or a part of a model that is not understood. It has no cases, and refuses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The shape or member.
    pub place: ShapeId,
    /// What is not understood, and why.
    pub problem: String,
}

/// A service, its operations, and the rules that Smithy cannot express.
#[derive(Debug, Clone)]
pub struct Contract {
    /// `page`, `model`, or the name of the file it was read from.
    pub name: String,
    /// SHA-256 of the model's text and the rules', in hexadecimal.
    pub digest: String,
    /// The service shape.
    pub service: ShapeId,
    /// The operations in the order of the model's service shape.
    pub operations: Vec<Operation>,
    /// The error for a broken constraint.
    pub constraint_error: ConstraintError,
    /// Errors of the platform, which are not about the members of the request.
    pub common_errors: Vec<CommonError>,
    /// The name that requests are signed for, if the service uses `SigV4`.
    pub signing_name: Option<String>,
    /// The types of the common errors that refuse a request which is signed in a way, the usual one first.
    pub signature_errors: BTreeMap<Signing, Vec<String>>,
    /// What the contract's text says, in the order of the files.
    pub statements: Vec<Statement>,
    /// Every trait of the model, from the service down.
    pub traits: Vec<AppliedTrait>,
    /// What the model has that is not understood, in the order in which it was read.
    pub notes: Vec<Note>,
    pub(super) shapes: BTreeMap<ShapeId, Shape>,
}

impl Contract {
    /// The shape that a member targets.
    pub fn shape(&self, member: &Member) -> &Shape {
        // The loader refuses a model with a dangling target.
        &self.shapes[&member.target]
    }

    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Whether an operation names resources by a rule, so that valid calls need fixtures.
    pub fn names_resources(&self) -> bool {
        let mut members = self.operations.iter().flat_map(|operation| &operation.input);
        members.any(|member| member.rules.identifies.is_some())
    }

    /// Whether an error says that a constraint is broken.
    pub fn is_constraint_error(&self, name: &str) -> bool {
        let rule = &self.constraint_error;
        rule.error.name() == name || rule.alternatives.iter().any(|other| other == name)
    }

    /// The outputs that a single-use member takes its value from, in the order of the rule.
    pub fn issuers<'a>(&'a self, rule: &'a SingleUse) -> impl Iterator<Item = OutputOf<'a>> {
        rule.issued_by.iter().filter_map(|id| {
            self.operations.iter().find_map(|operation| {
                let member = operation.output.iter().find(|member| member.id == *id)?;
                Some(OutputOf { operation, member })
            })
        })
    }

    /// The operation and its member that take a single-use value from the responses of `operation`.
    pub fn consumer_of(&self, operation: &Operation) -> Option<(&Operation, &Member)> {
        self.operations.iter().find_map(|user| {
            let (member, rule) = user.single_use()?;
            self.issuers(rule).any(|issuer| issuer.operation.name == operation.name).then_some((user, member))
        })
    }

    /// The output member of `operation` that issues a single-use value.
    pub fn issued_member<'a>(&'a self, operation: &'a Operation) -> Option<&'a Member> {
        let (_, rule) = self.consumer_of(operation)?.0.single_use()?;
        self.issuers(rule).find(|issuer| issuer.operation.name == operation.name).map(|issuer| issuer.member)
    }

    /// The error structure of that name, if an operation has it.
    pub fn error(&self, name: &str) -> Option<&ErrorShape> {
        self.operations.iter().flat_map(|operation| &operation.errors).find(|error| error.name == name)
    }

    /// Whether the contract has an error type of that name, with any status.
    pub fn has_error_type(&self, name: &str) -> bool {
        let common = |error: &CommonError| error.statuses.iter().any(|status| error.matches(name, *status));
        self.error(name).is_some()
            || self.constraint_error.alternatives.iter().any(|other| other == name)
            || self.common_errors.iter().any(common)
    }

    /// Whether the contract has this error type for something else than a response with this status: for another
    /// status, or for another cause.
    pub fn has_other_use(&self, error_type: &str, status: u16) -> bool {
        if let Some(error) = self.error(error_type) {
            return error.status != status || self.has_cause(error_type);
        }
        let mut common = self.common_errors.iter().filter(|common| common.is(error_type)).peekable();
        common.peek().is_some() && !common.any(|common| common.statuses.contains(&status))
    }

    /// Whether a rule says what causes an error. For the other errors of a model that is unknown.
    fn has_cause(&self, error_type: &str) -> bool {
        let members = self.operations.iter().flat_map(|operation| &operation.input);
        let of_rules = members.flat_map(|member| member.rules.errors());
        of_rules.chain([&self.constraint_error.error]).any(|error| error.name() == error_type)
    }

    /// What to try if a valid call is refused with this error of the platform.
    pub fn advice(&self, error_type: &str) -> Option<&str> {
        self.common_errors.iter().find(|common| common.is(error_type))?.advice.as_deref()
    }

    /// Whether requests of an operation have to be signed.
    pub fn is_signed(&self, operation: &Operation) -> bool {
        let needs_none = |applied: &AppliedTrait| {
            applied.site == TraitSite::Operation(operation.name.clone())
                && match applied.name.as_str() {
                    "smithy.api#optionalAuth" => true,
                    "smithy.api#auth" => {
                        !applied.value.as_array().is_some_and(|schemes| schemes.iter().any(|it| it == SIGV4))
                    }
                    _ => false,
                }
        };
        self.signing_name.is_some() && !self.traits.iter().any(needs_none)
    }

    /// Whether an error type with this status is an error of the platform, such as missing credentials, that says
    /// nothing about the request.
    pub fn is_common_error(&self, error_type: &str, status: u16) -> bool {
        self.common_errors.iter().any(|common| common.matches(error_type, status) && !common.constraint)
    }
}
