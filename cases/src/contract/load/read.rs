//! Reads the files of a contract and joins the rules to the model.

use indexmap::IndexMap;
use serde_json::Value;

use super::ast::{Ast, AstShape, Traits};
use super::error::{ContractError, Result};
use super::foreign_format::{self, REMEDY};
use crate::contract::service::SIGV4;

/// The shapes of a model, with what its `apply` statements and the rules add to them. Rules for shapes that the
/// model does not have are ignored.
pub(super) fn read(file: &str, model: &str, rules: &str) -> Result<IndexMap<String, AstShape>> {
    let (statements, mut shapes): (IndexMap<_, _>, IndexMap<_, _>) =
        parse(file, model)?.shapes.into_iter().partition(|(_, shape)| shape.kind == "apply");
    for (id, statement) in statements {
        if !apply(&mut shapes, &id, statement.traits) {
            return Err(ContractError {
                file: file.to_owned(),
                shape: Some(id),
                problem: "`apply` names a shape that the model does not have".to_owned(),
            });
        }
    }
    for (id, rule) in parse("rules", rules)?.shapes {
        if id == SIGV4 {
            apply_to_signed(&mut shapes, &rule.traits);
        } else {
            apply(&mut shapes, &id, rule.traits);
        }
    }
    Ok(shapes)
}

/// Adds traits to each service whose requests are signed.
fn apply_to_signed(shapes: &mut IndexMap<String, AstShape>, traits: &Traits) {
    let is_signed = |shape: &AstShape| shape.kind == "service" && shape.traits.contains_key(SIGV4);
    let services = shapes.iter().filter(|(_, shape)| is_signed(shape));
    let ids: Vec<String> = services.map(|(id, _)| id.clone()).collect();
    for id in ids {
        apply(shapes, &id, traits.clone());
    }
}

fn parse(file: &str, text: &str) -> Result<Ast> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let ast: Ast = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unreadable(file, text, &error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| unreadable(file, text, "", &error))?;
    if !ast.smithy.starts_with('2') {
        let problem = format!("Smithy version `{}` is not supported; {REMEDY}", ast.smithy);
        return Err(ContractError { file: file.to_owned(), shape: None, problem });
    }
    Ok(ast)
}

/// The error for a text that is not a Smithy JSON AST. `path` is empty if the text is not an object.
fn unreadable(file: &str, text: &str, path: &str, error: &serde_json::Error) -> ContractError {
    if let Some(format) = foreign_format::identify(text) {
        return ContractError { file: file.to_owned(), shape: None, problem: format!("{format}; {REMEDY}") };
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

/// Adds traits to a shape or member; returns whether it exists. The entries of a list are added to those of the
/// same trait, as Smithy demands. Any other value replaces the existing one.
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
