//! Resolves operations with their HTTP bindings and errors.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::ast::{AstShape, Reference};
use super::error::Result;
use super::members::Resolver;
use super::model::Model;
use crate::contract::operation::{ErrorShape, Operation};
use crate::contract::shape::{Location, Member, UriSegment};
use crate::contract::shape_id::ShapeId;

/// The trait `smithy.api#http`.
#[derive(Deserialize)]
struct HttpTrait {
    method: String,
    uri: String,
    #[serde(default = "ok")]
    code: u16,
}

fn ok() -> u16 {
    200
}

impl Model<'_> {
    /// The ids of the operations of a service or resource and of the resources below it, each once.
    pub(super) fn operation_ids(&self, id: &str, shape: &AstShape) -> Result<Vec<String>> {
        let mut operations = Vec::new();
        self.collect_operations(id, shape, &mut operations, &mut BTreeSet::new())?;
        Ok(operations)
    }

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

    fn http_trait(&self, id: &str, operation: &AstShape) -> Result<HttpTrait> {
        let http: HttpTrait = self
            .parse_trait(id, &operation.traits, "smithy.api#http")?
            .ok_or_else(|| self.error(id, "has no trait `smithy.api#http`"))?;
        if (100..1000).contains(&http.code) {
            return Ok(http);
        }
        Err(self.error(id, format!("`code` of `smithy.api#http` is {}, not a status code", http.code)))
    }

    fn path(&self, id: &str, uri: &str, input: &[Member]) -> Result<Vec<UriSegment>> {
        let path = uri.split_once('?').map_or(uri, |(path, _)| path);
        let Some(path) = path.strip_prefix('/') else {
            let problem = format!("`uri` of `smithy.api#http` is `{uri}`; it has to begin with `/`");
            return Err(self.error(id, problem));
        };
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        segments.map(|segment| self.segment(id, segment, input)).collect()
    }

    fn segment(&self, id: &str, segment: &str, input: &[Member]) -> Result<UriSegment> {
        let Some(label) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return Ok(UriSegment::Literal(segment.to_owned()));
        };
        let name = label.trim_end_matches('+');
        if input.iter().any(|member| member.name == name && member.location == Location::Label) {
            Ok(UriSegment::Label { member: name.to_owned(), greedy: label.ends_with('+') })
        } else {
            Err(self.error(id, format!("`uri` has the label `{name}`, but no input member is bound to it")))
        }
    }
}

/// The parameters in the query of a `uri`.
fn literal_query(uri: &str) -> Vec<(String, Option<String>)> {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let split = parameters.map(|parameter| match parameter.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (parameter.to_owned(), None),
    });
    split.collect()
}

fn requires_checksum(operation: &AstShape) -> bool {
    let of_aws = operation.traits.get("aws.protocols#httpChecksum");
    operation.traits.contains_key("smithy.api#httpChecksumRequired")
        || of_aws.is_some_and(|value| value["requestChecksumRequired"] == true)
}

impl Resolver<'_> {
    /// The operation `id` with its own errors and those of the service.
    pub(super) fn operation(&mut self, id: &str, service_errors: &[Reference]) -> Result<Operation> {
        let model = self.model;
        let operation = model.get(id, id)?;
        if operation.kind != "operation" {
            let problem = format!("is bound as an operation but has the type `{}`", operation.kind);
            return Err(model.error(id, problem));
        }
        let http = model.http_trait(id, operation)?;
        let input = self.members_of(id, operation.input.as_ref().map(|input| input.target.as_str()))?;
        let output = self.members_of(id, operation.output.as_ref().map(|output| output.target.as_str()))?;
        let path = model.path(id, &http.uri, &input)?;
        let host_prefix =
            operation.traits.get("smithy.api#endpoint").and_then(|it| it["hostPrefix"].as_str());
        let mut errors: Vec<ErrorShape> = Vec::new();
        for reference in operation.errors.iter().chain(service_errors) {
            let error = self.error_shape(id, &reference.target)?;
            if errors.iter().all(|known| known.name != error.name) {
                errors.push(error);
            }
        }
        let name = ShapeId(id.to_owned()).name().to_owned();
        Ok(Operation {
            source: model.source(id, &operation.traits, &[&name])?,
            name,
            method: http.method,
            path,
            query: literal_query(&http.uri),
            success: http.code,
            input,
            output,
            errors,
            readonly: operation.traits.contains_key("smithy.api#readonly"),
            host_prefix: host_prefix.map(str::to_owned),
            checksum_required: requires_checksum(operation),
        })
    }

    fn error_shape(&mut self, from: &str, id: &str) -> Result<ErrorShape> {
        let model = self.model;
        let shape = model.get(from, id)?;
        let default = match shape.traits.get("smithy.api#error").and_then(Value::as_str) {
            Some("client") => 400,
            Some("server") => 500,
            _ => return Err(model.error(id, "is used as an error but has no trait `smithy.api#error`")),
        };
        Ok(ErrorShape {
            name: ShapeId(id.to_owned()).name().to_owned(),
            status: model.parse_trait(id, &shape.traits, "smithy.api#httpError")?.unwrap_or(default),
            members: self.members_of(from, Some(id))?,
        })
    }
}
