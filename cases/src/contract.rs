//! The contract: a service of a Smithy model with its rules, resolved and checked.
//!
//! Everything that a later stage looks up is known to exist once a [`Contract`] is made.

mod applied;
mod ast;
mod foreign;
mod load;
mod rules;
mod shape;

use std::collections::BTreeMap;
use std::fmt;

use crate::call::Outputs;
use crate::id::Level;
use crate::signing::Signing;

pub use applied::{AppliedTrait, Message, Part, Use};
pub use load::{ContractError, embedded};
pub use rules::{CommonError, ConstraintError, Identifies, MinimumInterval, SingleUse, Statement, Test};
pub use shape::{
    Constraints, IntegerWidth, Length, Location, Member, MemberRules, Pattern, Range, Shape, ShapeId,
    UriSegment,
};

/// The trait of a service whose requests are signed by AWS Signature Version 4.
pub(crate) const SIGV4: &str = "aws.auth#sigv4";

/// A service, its operations, and the rules that Smithy cannot say.
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
    /// The error that stands for a broken constraint.
    pub constraint_error: ConstraintError,
    /// Errors of the platform, which say nothing about the request's members.
    pub common_errors: Vec<CommonError>,
    /// The name that requests are signed for, if the service uses `SigV4`.
    pub signing_name: Option<String>,
    /// The types of the common errors that refuse a request which is signed so, the usual one first.
    pub signature_errors: BTreeMap<Signing, Vec<String>>,
    /// What the contract's text says, in the order of the files.
    pub statements: Vec<Statement>,
    /// Every trait of the model, from the service down.
    pub traits: Vec<AppliedTrait>,
    shapes: BTreeMap<ShapeId, Shape>,
}

/// One operation with its HTTP binding.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in the model.
    pub name: String,
    /// The HTTP method.
    pub method: String,
    /// The path pattern.
    pub path: Vec<UriSegment>,
    /// The status of a success.
    pub success: u16,
    /// Input members in the order of the model.
    pub input: Vec<Member>,
    /// Output members in the order of the model.
    pub output: Vec<Member>,
    /// The modelled errors.
    pub errors: Vec<ErrorShape>,
    /// Where the contract speaks of the operation.
    pub source: String,
}

/// An error structure with its status.
#[derive(Debug, Clone)]
pub struct ErrorShape {
    /// Its shape name without the namespace.
    pub name: String,
    /// Its status code.
    pub status: u16,
    /// Its members.
    pub members: Vec<Member>,
}

/// Names an output member of an operation.
#[derive(Debug, Clone, Copy)]
pub struct OutputOf<'a> {
    /// The operation whose answer carries it.
    pub operation: &'a Operation,
    /// The member.
    pub member: &'a Member,
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

    /// The outputs that a single-use member takes its value from, in the order of the rule.
    pub fn issuers<'a>(&'a self, rule: &'a SingleUse) -> impl Iterator<Item = OutputOf<'a>> {
        rule.issued_by.iter().filter_map(|id| {
            self.operations.iter().find_map(|operation| {
                let member = operation.output.iter().find(|member| member.id == *id)?;
                Some(OutputOf { operation, member })
            })
        })
    }

    /// The operation and its member that take a single-use value from the answers of `operation`.
    pub fn issues(&self, operation: &Operation) -> Option<(&Operation, &Member)> {
        self.operations.iter().find_map(|user| {
            let (member, rule) = user.single_use()?;
            self.issuers(rule).any(|issuer| issuer.operation.name == operation.name).then_some((user, member))
        })
    }

    /// The output member of `operation` that issues a single-use value.
    pub fn issuing<'a>(&'a self, operation: &'a Operation) -> Option<&'a Member> {
        let (_, rule) = self.issues(operation)?.0.single_use()?;
        self.issuers(rule).find(|issuer| issuer.operation.name == operation.name).map(|issuer| issuer.member)
    }

    /// The single-use value that an answer of `operation` issues, given its outputs. The empty text is
    /// none.
    pub fn issued<'v>(&self, operation: &Operation, outputs: &'v Outputs) -> Option<&'v str> {
        let member = self.issuing(operation)?;
        outputs.get(&member.name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The error structure of that name, if an operation has it.
    pub fn error(&self, name: &str) -> Option<&ErrorShape> {
        self.operations.iter().flat_map(|operation| &operation.errors).find(|error| error.name == name)
    }

    /// Whether the contract has an error type of that name, whatever the status.
    pub fn names_error(&self, name: &str) -> bool {
        let common = |error: &CommonError| error.statuses.iter().any(|status| error.matches(name, *status));
        self.error(name).is_some()
            || self.constraint_error.alternatives.iter().any(|other| other == name)
            || self.common_errors.iter().any(common)
    }

    /// Whether the contract has this error type for something else than what an answer with this status is
    /// to say with another type: with another status, or for another cause.
    pub fn has_elsewhere(&self, error_type: &str, status: u16) -> bool {
        if let Some(error) = self.error(error_type) {
            return error.status != status || self.has_cause(error_type);
        }
        let mut common = self.common_errors.iter().filter(|common| common.is(error_type)).peekable();
        common.peek().is_some() && !common.any(|common| common.statuses.contains(&status))
    }

    /// Whether a rule says what an error is for. What the other errors of a model are for is not known.
    fn has_cause(&self, error_type: &str) -> bool {
        let of_rules = self.operations.iter().flat_map(|operation| &operation.input).flat_map(|member| {
            let rules = &member.rules;
            let identifies = rules.identifies.as_ref().map(|rule| &rule.error);
            let single_use = rules.single_use.as_ref().map(|rule| &rule.error);
            let interval = rules.minimum_interval.as_ref().map(|rule| &rule.error);
            [identifies, single_use, interval].into_iter().flatten()
        });
        of_rules.chain([&self.constraint_error.error]).any(|error| error.name() == error_type)
    }

    /// What to try if a valid call is refused with this error of the platform.
    pub fn advice(&self, error_type: &str) -> Option<&str> {
        self.common_errors.iter().find(|common| common.is(error_type))?.advice.as_deref()
    }

    /// Whether requests of an operation have to be signed.
    pub fn is_signed(&self, operation: &Operation) -> bool {
        let says_otherwise = |applied: &AppliedTrait| {
            applied.used == Use::Operation(operation.name.clone())
                && match applied.name.as_str() {
                    "smithy.api#optionalAuth" => true,
                    "smithy.api#auth" => {
                        !applied.value.as_array().is_some_and(|schemes| schemes.iter().any(|it| it == SIGV4))
                    }
                    _ => false,
                }
        };
        self.signing_name.is_some() && !self.traits.iter().any(says_otherwise)
    }

    /// Whether `(error type, status)` is an error of the platform, such as missing credentials, that says
    /// nothing of the request.
    pub fn is_common_error(&self, error_type: &str, status: u16) -> bool {
        self.common_errors.iter().any(|common| common.matches(error_type, status) && !common.constraint)
    }
}

impl Operation {
    /// The path with no label, as sent; `None` if the pattern has labels.
    pub fn static_path(&self) -> Option<String> {
        let mut path = String::new();
        for segment in &self.path {
            match segment {
                UriSegment::Literal(text) => {
                    path.push('/');
                    path.push_str(text);
                }
                UriSegment::Label { .. } => return None,
            }
        }
        Some(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// The input member that may be used once only, with its rule.
    pub fn single_use(&self) -> Option<(&Member, &SingleUse)> {
        self.input.iter().find_map(|member| member.rules.single_use.as_ref().map(|rule| (member, rule)))
    }

    /// Input members in the JSON body, without a payload member.
    pub fn body_members(&self) -> impl Iterator<Item = &Member> {
        self.input.iter().filter(|member| member.location == Location::Body)
    }

    /// The output member that is the body of the answer, if one is bound so.
    pub fn output_payload(&self) -> Option<&Member> {
        self.output.iter().find(|member| member.location == Location::Payload)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Member {
    /// The level at which the contract expects an output member to be there.
    pub fn presence(&self) -> Option<Level> {
        match &self.rules.present {
            Some(present) => Some(present.level),
            None if self.constraints.required => Some(Level::Must),
            None => None,
        }
    }
}
