//! Reads a model and its rules, joins and checks them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::applied;
use super::ast::{Ast, AstMember, AstShape, Reference};
use super::foreign::{self, REMEDY};
use super::rules::{CommonError, ConstraintError, Statement};
use super::shape::{
    Constraints, IntegerWidth, Length, Location, Member, MemberRules, Pattern, Range, Shape, ShapeId,
    UriSegment,
};
use super::{Contract, ErrorShape, Operation, SIGV4};
use crate::signing::Signing;

/// The contract files that come with boundstone.
pub mod embedded {
    /// The API Reference page, taken literally.
    pub const PAGE: &str = include_str!("../../contracts/page.json");
    /// The published service model.
    pub const MODEL: &str = include_str!("../../contracts/model.json");
    /// The rules that apply to both, and to a file of the user.
    pub const RULES: &str = include_str!("../../contracts/rules.json");
}

/// A contract file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}{problem}", shape.as_ref().map(|shape| format!("{shape}: ")).unwrap_or_default())]
pub struct ContractError {
    /// The file, as the user names it.
    pub file: String,
    /// The shape at fault.
    pub shape: Option<String>,
    /// What is wrong, and what would be right.
    pub problem: String,
}

type Result<T> = std::result::Result<T, ContractError>;
type Traits = IndexMap<String, Value>;

const PROTOCOL: &str = "aws.protocols#restJson1";
const NAMESPACE: &str = "boundstone#";
/// The rules that exist; any other name in the namespace is a slip of the pen.
const RULES: &[&str] = &[
    "boundstone#commonErrors",
    "boundstone#constraintError",
    "boundstone#content",
    "boundstone#identifies",
    "boundstone#interval",
    "boundstone#minimumInterval",
    "boundstone#present",
    "boundstone#signatureErrors",
    "boundstone#singleUse",
    "boundstone#source",
    "boundstone#statements",
];

impl Contract {
    /// The API Reference page.
    pub fn page() -> Result<Self> {
        Self::load("page", embedded::PAGE)
    }

    /// The published model.
    pub fn model() -> Result<Self> {
        Self::load("model", embedded::MODEL)
    }

    /// Reads a Smithy 2.0 JSON AST with one restJson1 service and joins boundstone's rules on.
    /// `name` is how errors and reports call it. Rules for shapes that the model lacks are left
    /// out.
    ///
    /// # Errors
    /// [`ContractError`] names the file, the shape and what is wrong with it.
    pub fn load(name: &str, text: &str) -> Result<Self> {
        Self::load_with_rules(name, text, embedded::RULES)
    }

    /// [`Contract::load`] with other rules.
    pub fn load_with_rules(name: &str, text: &str, rules: &str) -> Result<Self> {
        let mut shapes = IndexMap::new();
        let mut applied = Vec::new();
        for (id, shape) in parse(name, text)?.shapes {
            if shape.kind == "apply" {
                applied.push((id, shape.traits));
            } else {
                shapes.insert(id, shape);
            }
        }
        for (id, traits) in applied {
            if !apply(&mut shapes, &id, traits) {
                return Err(ContractError {
                    file: name.to_owned(),
                    shape: Some(id),
                    problem: "`apply` names a shape that the model does not have".to_owned(),
                });
            }
        }
        for (id, shape) in parse("rules", rules)?.shapes {
            apply(&mut shapes, &id, shape.traits);
        }
        let digest = Sha256::new().chain_update(text).chain_update(rules).finalize();
        let loader = Loader { file: name, shapes: &shapes };
        loader.contract(hexadecimal(&digest))
    }
}

fn parse(file: &str, text: &str) -> Result<Ast> {
    let problem = |problem: String| ContractError { file: file.to_owned(), shape: None, problem };
    let mut reader = serde_json::Deserializer::from_str(text);
    let ast: Ast = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unreadable(file, text, &error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| unreadable(file, text, "", &error))?;
    if !ast.smithy.starts_with('2') {
        return Err(problem(format!("Smithy version `{}` is not supported; {REMEDY}", ast.smithy)));
    }
    Ok(ast)
}

/// What is wrong with a text that is no Smithy JSON AST. What is no object has no `path`.
fn unreadable(file: &str, text: &str, path: &str, error: &serde_json::Error) -> ContractError {
    if let Some(what) = foreign::what(text) {
        return ContractError { file: file.to_owned(), shape: None, problem: format!("{what}; {REMEDY}") };
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    let at = if matches!(path, "" | "?" | ".") { String::new() } else { format!("at `{path}`: ") };
    let what = if error.is_data() { "not a Smithy JSON AST" } else { "not JSON" };
    ContractError {
        file: format!("{file}:{}:{}", error.line(), error.column()),
        shape: None,
        problem: format!("{what}: {at}{message}; {REMEDY}"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Adds traits to a shape or member; says whether there is such a one. Where the trait is there
/// already, the entries of a list are added to it, as Smithy has it, and any other value takes its
/// place.
fn apply(shapes: &mut IndexMap<String, AstShape>, id: &str, traits: Traits) -> bool {
    let (shape, member) = id.split_once('$').map_or((id, None), |(shape, member)| (shape, Some(member)));
    let Some(shape) = shapes.get_mut(shape) else { return false };
    let target = match member {
        None => Some(&mut shape.traits),
        Some("member") if shape.member.is_some() => shape.member.as_mut().map(|member| &mut member.traits),
        Some("key") if shape.key.is_some() => shape.key.as_mut().map(|member| &mut member.traits),
        Some("value") if shape.value.is_some() => shape.value.as_mut().map(|member| &mut member.traits),
        Some(name) => shape.members.get_mut(name).map(|member| &mut member.traits),
    };
    let Some(existing) = target else { return false };
    for (name, value) in traits {
        match (existing.get_mut(&name), value) {
            (Some(Value::Array(entries)), Value::Array(more)) => entries.extend(more),
            (_, value) => {
                existing.insert(name, value);
            }
        }
    }
    true
}

struct Loader<'a> {
    file: &'a str,
    shapes: &'a IndexMap<String, AstShape>,
}

impl Loader<'_> {
    fn error(&self, shape: &str, problem: impl Into<String>) -> ContractError {
        ContractError { file: self.file.to_owned(), shape: Some(shape.to_owned()), problem: problem.into() }
    }

    fn contract(&self, digest: String) -> Result<Contract> {
        let mut services = self.shapes.iter().filter(|(_, shape)| shape.kind == "service");
        let (service_id, service) = match (services.next(), services.next()) {
            (Some(service), None) => service,
            (None, _) => return Err(self.lacks("the model has no shape of type `service`")),
            (Some(_), Some(_)) => {
                return Err(self.lacks("the model has more than one service; one is expected"));
            }
        };
        if !service.traits.contains_key(PROTOCOL) {
            return Err(self.error(service_id, format!("the service does not have the trait `{PROTOCOL}`")));
        }
        let mut ids = Vec::new();
        self.collect_operations(service_id, service, &mut ids, &mut BTreeSet::new())?;
        if ids.is_empty() {
            return Err(self.error(service_id, "the service has no operations"));
        }
        let mut shapes = BTreeMap::new();
        let operations = ids
            .iter()
            .map(|id| self.operation(id, &service.errors, &mut shapes))
            .collect::<Result<Vec<_>>>()?;
        self.check_rules(&operations)?;
        let constraint_error =
            self.rule(service_id, &service.traits, "constraintError")?.unwrap_or(ConstraintError {
                error: ShapeId("smithy.framework#ValidationException".to_owned()),
                alternatives: vec!["SerializationException".to_owned()],
            });
        let common_errors: Option<Vec<CommonError>> =
            self.rule(service_id, &service.traits, "commonErrors")?;
        let common_errors = common_errors.unwrap_or_default();
        Ok(Contract {
            name: self.file.to_owned(),
            digest,
            service: ShapeId(service_id.clone()),
            operations,
            constraint_error,
            signature_errors: self.signature_errors(service_id, &service.traits, &common_errors)?,
            common_errors,
            statements: self.statements(service_id, &service.traits)?,
            traits: applied::traits(self.shapes, service_id, &ids),
            signing_name: service
                .traits
                .get(SIGV4)
                .and_then(|sigv4| sigv4.get("name"))
                .and_then(Value::as_str)
                .map(str::to_owned),
            shapes,
        })
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
            Some(twice) => Err(self
                .error(id, format!("`boundstone#statements` has two statements with the id `{}`", twice.id))),
        }
    }

    fn lacks(&self, problem: &str) -> ContractError {
        ContractError { file: self.file.to_owned(), shape: None, problem: problem.to_owned() }
    }

    fn get(&self, from: &str, id: &str) -> Result<&AstShape> {
        self.shapes
            .get(id)
            .ok_or_else(|| self.error(from, format!("refers to `{id}`, which the model does not have")))
    }

    /// Operations of a service or resource and of the resources below it, each once.
    fn collect_operations(
        &self,
        id: &str,
        shape: &AstShape,
        operations: &mut Vec<String>,
        seen: &mut BTreeSet<String>,
    ) -> Result<()> {
        for reference in shape.bound_operations() {
            if seen.insert(reference.target.clone()) {
                operations.push(reference.target.clone());
            }
        }
        for reference in &shape.resources {
            if seen.insert(reference.target.clone()) {
                let resource = self.get(id, &reference.target)?;
                self.collect_operations(&reference.target, resource, operations, seen)?;
            }
        }
        Ok(())
    }

    fn operation(
        &self,
        id: &str,
        service_errors: &[Reference],
        shapes: &mut BTreeMap<ShapeId, Shape>,
    ) -> Result<Operation> {
        #[derive(serde::Deserialize)]
        struct Http {
            method: String,
            uri: String,
            #[serde(default = "ok")]
            code: u16,
        }
        fn ok() -> u16 {
            200
        }

        let operation = self.get(id, id)?;
        if operation.kind != "operation" {
            return Err(
                self.error(id, format!("is bound as an operation but has the type `{}`", operation.kind))
            );
        }
        let http: Http = self
            .parse_trait(id, &operation.traits, "smithy.api#http")?
            .ok_or_else(|| self.error(id, "has no trait `smithy.api#http`"))?;
        if !(100..1000).contains(&http.code) {
            return Err(
                self.error(id, format!("`code` of `smithy.api#http` is {}, not a status code", http.code))
            );
        }
        let input =
            self.members_of(id, operation.input.as_ref().map(|input| input.target.as_str()), shapes)?;
        let output =
            self.members_of(id, operation.output.as_ref().map(|output| output.target.as_str()), shapes)?;
        let path = self.path(id, &http.uri, &input)?;
        let mut errors: Vec<ErrorShape> = Vec::new();
        for reference in operation.errors.iter().chain(service_errors) {
            let error = self.error_shape(id, &reference.target, shapes)?;
            if errors.iter().all(|known| known.name != error.name) {
                errors.push(error);
            }
        }
        let name = ShapeId(id.to_owned()).name().to_owned();
        Ok(Operation {
            source: self
                .source(id, &operation.traits)?
                .unwrap_or_else(|| format!("{} › {name}", self.short_name())),
            name,
            method: http.method,
            path,
            success: http.code,
            input,
            output,
            errors,
        })
    }

    /// The contract's name as the beginning of a source.
    fn short_name(&self) -> &str {
        self.file.rsplit(['/', '\\']).next().unwrap_or(self.file)
    }

    fn path(&self, id: &str, uri: &str, input: &[Member]) -> Result<Vec<UriSegment>> {
        let path = uri.split_once('?').map_or(uri, |(path, _)| path);
        let Some(path) = path.strip_prefix('/') else {
            return Err(
                self.error(id, format!("`uri` of `smithy.api#http` is `{uri}`; it has to begin with `/`"))
            );
        };
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                let Some(label) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                    return Ok(UriSegment::Literal(segment.to_owned()));
                };
                let name = label.trim_end_matches('+');
                if input.iter().any(|member| member.name == name && member.location == Location::Label) {
                    Ok(UriSegment::Label { member: name.to_owned(), greedy: label.ends_with('+') })
                } else {
                    Err(self.error(
                        id,
                        format!("`uri` has the label `{name}`, but no input member is bound to it"),
                    ))
                }
            })
            .collect()
    }

    fn error_shape(&self, from: &str, id: &str, shapes: &mut BTreeMap<ShapeId, Shape>) -> Result<ErrorShape> {
        let shape = self.get(from, id)?;
        let default = match shape.traits.get("smithy.api#error").and_then(Value::as_str) {
            Some("client") => 400,
            Some("server") => 500,
            _ => return Err(self.error(id, "is used as an error but has no trait `smithy.api#error`")),
        };
        Ok(ErrorShape {
            name: ShapeId(id.to_owned()).name().to_owned(),
            status: self.parse_trait(id, &shape.traits, "smithy.api#httpError")?.unwrap_or(default),
            members: self.members_of(from, Some(id), shapes)?,
        })
    }

    /// The members of a structure, mixed-in ones first.
    fn members_of(
        &self,
        from: &str,
        id: Option<&str>,
        shapes: &mut BTreeMap<ShapeId, Shape>,
    ) -> Result<Vec<Member>> {
        let Some(id) = id.filter(|id| *id != "smithy.api#Unit") else { return Ok(Vec::new()) };
        let shape = self.get(from, id)?;
        if !matches!(shape.kind.as_str(), "structure" | "union") {
            return Err(self.error(id, format!("is used as a structure but has the type `{}`", shape.kind)));
        }
        let mut members = Vec::new();
        self.collect_members(id, id, shape, &mut members, &mut BTreeSet::new(), shapes)?;
        Ok(members)
    }

    fn collect_members(
        &self,
        owner: &str,
        id: &str,
        shape: &AstShape,
        members: &mut Vec<Member>,
        seen: &mut BTreeSet<String>,
        shapes: &mut BTreeMap<ShapeId, Shape>,
    ) -> Result<()> {
        for mixin in &shape.mixins {
            if seen.insert(mixin.target.clone()) {
                let mixed_in = self.get(id, &mixin.target)?;
                self.collect_members(owner, &mixin.target, mixed_in, members, seen, shapes)?;
            }
        }
        for (name, member) in &shape.members {
            let member = self.member(owner, name, member, shapes)?;
            // A member of the structure itself stands in for one that is mixed in.
            members.retain(|mixed_in: &Member| mixed_in.name != member.name);
            members.push(member);
        }
        Ok(())
    }

    fn member(
        &self,
        owner: &str,
        name: &str,
        member: &AstMember,
        shapes: &mut BTreeMap<ShapeId, Shape>,
    ) -> Result<Member> {
        let id = format!("{owner}${name}");
        let target = self.resolve(&id, &member.target, shapes)?;
        let target_shape = self.shapes.get(&member.target);
        let mut traits = target_shape.map(|shape| shape.traits.clone()).unwrap_or_default();
        traits.extend(member.traits.clone());
        let owner_name = ShapeId(owner.to_owned()).name().to_owned();
        Ok(Member {
            constraints: self.constraints(&id, &traits, target_shape)?,
            location: self.location(&id, &traits)?,
            sensitive: traits.contains_key("smithy.api#sensitive"),
            rules: MemberRules {
                identifies: self.rule(&id, &traits, "identifies")?,
                single_use: self.rule(&id, &traits, "singleUse")?,
                minimum_interval: self.rule(&id, &traits, "minimumInterval")?,
                present: self.rule(&id, &traits, "present")?,
                content: self.rule(&id, &traits, "content")?,
                interval: self.rule(&id, &traits, "interval")?,
            },
            source: self
                .source(&id, &traits)?
                .unwrap_or_else(|| format!("{} › {owner_name} › {name}", self.short_name())),
            id: ShapeId(id),
            name: name.to_owned(),
            target,
        })
    }

    /// Puts the shape `id` and all below it into `shapes`.
    fn resolve(&self, from: &str, id: &str, shapes: &mut BTreeMap<ShapeId, Shape>) -> Result<ShapeId> {
        let key = ShapeId(id.to_owned());
        if shapes.contains_key(&key) {
            return Ok(key);
        }
        let prelude = id.strip_prefix("smithy.api#");
        let kind = match (prelude, self.shapes.get(id)) {
            (_, Some(shape)) => shape.kind.clone(),
            (Some(name), None) => prelude_type(name)
                .ok_or_else(|| {
                    self.error(from, format!("refers to `{id}`, which Smithy's prelude does not have"))
                })?
                .to_owned(),
            (None, None) => {
                return Err(self.error(from, format!("refers to `{id}`, which the model does not have")));
            }
        };
        // A shape may contain itself: it is known from here on.
        shapes.insert(key.clone(), Shape::Document);
        let ast = self.shapes.get(id);
        let element = |member: Option<&AstMember>, name: &str, shapes: &mut BTreeMap<ShapeId, Shape>| {
            let member = member.ok_or_else(|| self.error(id, format!("has no `{name}`")))?;
            self.member(id, name, member, shapes).map(Box::new)
        };
        let shape = match kind.as_str() {
            "string" | "enum" => Shape::String,
            "byte" => Shape::Integer(IntegerWidth::Byte),
            "short" => Shape::Integer(IntegerWidth::Short),
            "integer" | "intEnum" => Shape::Integer(IntegerWidth::Integer),
            "long" => Shape::Integer(IntegerWidth::Long),
            "bigInteger" => Shape::Integer(IntegerWidth::Big),
            "float" | "double" | "bigDecimal" => Shape::Number,
            "boolean" => Shape::Boolean,
            "blob" => Shape::Blob,
            "timestamp" => Shape::Timestamp,
            "document" => Shape::Document,
            "list" | "set" => {
                Shape::List(element(ast.and_then(|ast| ast.member.as_ref()), "member", shapes)?)
            }
            "map" => Shape::Map(element(ast.and_then(|ast| ast.value.as_ref()), "value", shapes)?),
            "structure" => Shape::Structure(self.members_of(from, Some(id), shapes)?),
            "union" => Shape::Union(self.members_of(from, Some(id), shapes)?),
            other => {
                return Err(self.error(id, format!("has the type `{other}`, which is no type of a value")));
            }
        };
        shapes.insert(key.clone(), shape);
        Ok(key)
    }

    fn constraints(&self, id: &str, traits: &Traits, target: Option<&AstShape>) -> Result<Constraints> {
        let length: Option<Length> = self.parse_trait(id, traits, "smithy.api#length")?;
        if let Some(Length { min, max: Some(max) }) = length
            && min > max
        {
            return Err(self.error(id, format!("`smithy.api#length`: min {min} is above max {max}")));
        }
        let is_integer = target.is_none_or(|shape| {
            matches!(shape.kind.as_str(), "byte" | "short" | "integer" | "long" | "bigInteger" | "intEnum")
        });
        let range: Option<Range> =
            if is_integer { self.parse_trait(id, traits, "smithy.api#range")? } else { None };
        if let Some(Range { min: Some(min), max: Some(max) }) = range
            && min > max
        {
            return Err(self.error(id, format!("`smithy.api#range`: min {min} is above max {max}")));
        }
        let pattern: Option<String> = self.parse_trait(id, traits, "smithy.api#pattern")?;
        let pattern = pattern
            .map(|text| {
                Pattern::new(&text).map_err(|error| {
                    self.error(
                        id,
                        format!("`smithy.api#pattern`: `{text}` is no regular expression: {error}"),
                    )
                })
            })
            .transpose()?;
        Ok(Constraints {
            required: traits.contains_key("smithy.api#required"),
            length,
            range,
            pattern,
            one_of: self.enum_values(id, traits, target)?,
        })
    }

    /// The values of an enum shape, or of the older trait `enum` on a string.
    fn enum_values(
        &self,
        id: &str,
        traits: &Traits,
        target: Option<&AstShape>,
    ) -> Result<Option<Vec<String>>> {
        #[derive(serde::Deserialize)]
        struct Entry {
            value: String,
        }
        if let Some(shape) = target.filter(|shape| shape.kind == "enum") {
            let values = shape.members.iter().map(|(name, member)| {
                member.traits.get("smithy.api#enumValue").and_then(Value::as_str).unwrap_or(name).to_owned()
            });
            return Ok(Some(values.collect()));
        }
        let entries: Option<Vec<Entry>> = self.parse_trait(id, traits, "smithy.api#enum")?;
        Ok(entries.map(|entries| entries.into_iter().map(|entry| entry.value).collect()))
    }

    fn location(&self, id: &str, traits: &Traits) -> Result<Location> {
        if let Some(name) = self.parse_trait(id, traits, "smithy.api#httpQuery")? {
            return Ok(Location::Query(name));
        }
        if let Some(name) = self.parse_trait(id, traits, "smithy.api#httpHeader")? {
            return Ok(Location::Header(name));
        }
        let has = |name: &str| traits.contains_key(name);
        Ok(if has("smithy.api#httpLabel") {
            Location::Label
        } else if has("smithy.api#httpPayload") {
            Location::Payload
        } else if has("smithy.api#httpPrefixHeaders")
            || has("smithy.api#httpQueryParams")
            || has("smithy.api#httpResponseCode")
        {
            Location::Other
        } else {
            Location::Body
        })
    }

    fn parse_trait<T: DeserializeOwned>(&self, id: &str, traits: &Traits, name: &str) -> Result<Option<T>> {
        traits
            .get(name)
            .map(|value| T::deserialize(value).map_err(|error| self.error(id, format!("`{name}`: {error}"))))
            .transpose()
    }

    fn rule<T: DeserializeOwned>(&self, id: &str, traits: &Traits, name: &str) -> Result<Option<T>> {
        let unknown = traits.keys().find(|key| key.starts_with(NAMESPACE) && !RULES.contains(&key.as_str()));
        if let Some(unknown) = unknown {
            return Err(self.error(id, format!("`{unknown}` is no rule; the rules are {}", RULES.join(", "))));
        }
        self.parse_trait(id, traits, &format!("{NAMESPACE}{name}"))
    }

    fn source(&self, id: &str, traits: &Traits) -> Result<Option<String>> {
        self.rule(id, traits, "source")
    }

    /// The errors and outputs that rules name exist.
    fn check_rules(&self, operations: &[Operation]) -> Result<()> {
        for operation in operations {
            for member in &operation.input {
                let rules = &member.rules;
                let errors = [
                    rules.identifies.as_ref().map(|rule| &rule.error),
                    rules.single_use.as_ref().map(|rule| &rule.error),
                    rules.minimum_interval.as_ref().map(|rule| &rule.error),
                ];
                for error in errors.into_iter().flatten() {
                    if !self.shapes.contains_key(&error.0) {
                        return Err(self.error(
                            &member.id.0,
                            format!("a rule names the error `{error}`, which the model does not have"),
                        ));
                    }
                }
                for issuer in rules.single_use.iter().flat_map(|rule| &rule.issued_by) {
                    if !operations
                        .iter()
                        .flat_map(|operation| &operation.output)
                        .any(|output| output.id == *issuer)
                    {
                        return Err(self.error(
                            &member.id.0,
                            format!(
                                "`boundstone#singleUse` is issued by `{issuer}`, which is no output member"
                            ),
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The type of a shape of Smithy's prelude.
pub(super) fn prelude_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "String" => "string",
        "Blob" => "blob",
        "Boolean" | "PrimitiveBoolean" => "boolean",
        "Byte" | "PrimitiveByte" => "byte",
        "Short" | "PrimitiveShort" => "short",
        "Integer" | "PrimitiveInteger" => "integer",
        "Long" | "PrimitiveLong" => "long",
        "Float" | "PrimitiveFloat" => "float",
        "Double" | "PrimitiveDouble" => "double",
        "BigInteger" => "bigInteger",
        "BigDecimal" => "bigDecimal",
        "Timestamp" => "timestamp",
        "Document" => "document",
        "Unit" => "structure",
        _ => return None,
    })
}
