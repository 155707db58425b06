//! Makes a contract of a model and its rules, and checks what the rules refer to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::applied_traits;
use super::ast::{AstShape, Traits};
use super::error::Result;
use super::members::Resolver;
use super::model::Model;
use super::read::read;
use crate::contract::embedded;
use crate::contract::operation::Operation;
use crate::contract::rules::{CommonError, ConstraintError, Statement};
use crate::contract::service::{Contract, SIGV4};
use crate::contract::shape::Member;
use crate::contract::shape_id::ShapeId;
use crate::signing::Signing;

const PROTOCOL: &str = "aws.protocols#restJson1";

impl Contract {
    /// The API Reference page.
    pub fn page() -> Result<Self> {
        Self::load("page", embedded::PAGE)
    }

    /// The published model.
    pub fn model() -> Result<Self> {
        Self::load("model", embedded::MODEL)
    }

    /// Reads a Smithy 2.0 JSON AST with one restJson1 service and joins boundstone's rules to it.
    /// Errors and reports call it `name`. Rules for shapes that the model does not have are ignored.
    ///
    /// # Errors
    /// [`ContractError`](super::error::ContractError) names the file, the shape and what is wrong with it.
    pub fn load(name: &str, text: &str) -> Result<Self> {
        Self::load_with_rules(name, text, embedded::RULES)
    }

    /// [`Contract::load`] with other rules.
    pub fn load_with_rules(name: &str, text: &str, rules: &str) -> Result<Self> {
        let model = Model { file: name, shapes: read(name, text, rules)?, notes: RefCell::default() };
        let digest = Sha256::new().chain_update(text).chain_update(rules).finalize();
        model.contract(hexadecimal(&digest))
    }
}

/// The names of errors that say that a constraint is broken, without their suffix, the usual one first.
const USUAL_CONSTRAINT_ERRORS: [&str; 9] = [
    "Validation",
    "ValidationError",
    "ValidationFailed",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidRequest",
    "InvalidInput",
    "InvalidArgument",
    "BadRequest",
];

/// The error for a broken constraint of a model without a rule: the first of the usual ones that an operation has.
/// Others are accepted in its place.
fn usual(operations: &[Operation]) -> ConstraintError {
    let errors = || operations.iter().flat_map(|operation| &operation.errors);
    let names =
        || USUAL_CONSTRAINT_ERRORS.iter().flat_map(|stem| [format!("{stem}Exception"), (*stem).to_owned()]);
    let known = |name: &String| errors().any(|error| error.name == *name);
    let named = names().find(known).unwrap_or_else(|| format!("{}Exception", USUAL_CONSTRAINT_ERRORS[0]));
    let alternatives =
        names().filter(|other| *other != named).chain(["SerializationException".to_owned()]).collect();
    ConstraintError { error: ShapeId(format!("smithy.framework#{named}")), alternatives }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Model<'_> {
    fn contract(&self, digest: String) -> Result<Contract> {
        let (service_id, service) = self.service()?;
        let operation_ids = self.operation_ids(service_id, service)?;
        if operation_ids.is_empty() {
            return Err(self.error(service_id, "the service has no operations"));
        }
        let mut resolver = Resolver::new(self);
        let operations = operation_ids
            .iter()
            .map(|id| resolver.operation(id, &service.errors))
            .collect::<Result<Vec<_>>>()?;
        self.check_rules(&operations)?;
        let constraint_error =
            self.rule(service_id, &service.traits, "constraintError")?.unwrap_or_else(|| usual(&operations));
        let common_errors: Option<Vec<CommonError>> =
            self.rule(service_id, &service.traits, "commonErrors")?;
        let common_errors = common_errors.unwrap_or_default();
        Ok(Contract {
            name: self.file.to_owned(),
            digest,
            service: ShapeId(service_id.to_owned()),
            operations,
            constraint_error,
            signature_errors: self.signature_errors(service_id, &service.traits, &common_errors)?,
            common_errors,
            statements: self.statements(service_id, &service.traits)?,
            traits: applied_traits::traits(&self.shapes, service_id, &operation_ids),
            signing_name: service
                .traits
                .get(SIGV4)
                .and_then(|sigv4| sigv4.get("name"))
                .and_then(Value::as_str)
                .map(str::to_owned),
            shapes: resolver.shapes,
            notes: self.notes.take(),
        })
    }

    /// The one service of the model.
    fn service(&self) -> Result<(&str, &AstShape)> {
        let mut services = self.shapes.iter().filter(|(_, shape)| shape.kind == "service");
        let (id, service) = match (services.next(), services.next()) {
            (Some(service), None) => service,
            (None, _) => return Err(self.file_error("the model has no shape of type `service`")),
            (Some(_), Some(_)) => {
                return Err(self.file_error("the model has more than one service; one is expected"));
            }
        };
        if service.traits.contains_key(PROTOCOL) {
            Ok((id, service))
        } else {
            Err(self.error(id, format!("the service does not have the trait `{PROTOCOL}`")))
        }
    }

    /// `boundstone#signatureErrors`, on the service: for each way to sign wrongly, the common errors
    /// that refuse it.
    fn signature_errors(
        &self,
        id: &str,
        traits: &Traits,
        common: &[CommonError],
    ) -> Result<BTreeMap<Signing, Vec<String>>> {
        let errors: BTreeMap<Signing, Vec<String>> =
            self.rule(id, traits, "signatureErrors")?.unwrap_or_default();
        let is_unknown = |name: &&String| common.iter().all(|common| !common.names().contains(name));
        match errors.values().flatten().find(is_unknown) {
            None => Ok(errors),
            Some(name) => Err(self.error(
                id,
                format!("`boundstone#signatureErrors` has `{name}`, which `boundstone#commonErrors` has not"),
            )),
        }
    }

    fn statements(&self, id: &str, traits: &Traits) -> Result<Vec<Statement>> {
        let statements: Vec<Statement> = self.rule(id, traits, "statements")?.unwrap_or_default();
        let mut ids = BTreeSet::new();
        match statements.iter().find(|statement| !ids.insert(&statement.id)) {
            None => Ok(statements),
            Some(repeated) => {
                let problem =
                    format!("`boundstone#statements` has two statements with the id `{}`", repeated.id);
                Err(self.error(id, problem))
            }
        }
    }

    /// Checks that the errors and outputs exist which rules name.
    fn check_rules(&self, operations: &[Operation]) -> Result<()> {
        for member in operations.iter().flat_map(|operation| &operation.input) {
            self.check_errors(member)?;
            self.check_issuers(member, operations)?;
        }
        Ok(())
    }

    fn check_errors(&self, member: &Member) -> Result<()> {
        let unknown = member.rules.errors().find(|error| !self.shapes.contains_key(&error.0));
        unknown.map_or(Ok(()), |error| {
            let problem = format!("a rule names the error `{error}`, which the model does not have");
            Err(self.error(&member.id.0, problem))
        })
    }

    fn check_issuers(&self, member: &Member, operations: &[Operation]) -> Result<()> {
        for issuer in member.rules.single_use.iter().flat_map(|rule| &rule.issued_by) {
            let mut outputs = operations.iter().flat_map(|operation| &operation.output);
            if outputs.all(|output| output.id != *issuer) {
                let problem =
                    format!("`boundstone#singleUse` is issued by `{issuer}`, which is no output member");
                return Err(self.error(&member.id.0, problem));
            }
        }
        Ok(())
    }
}
