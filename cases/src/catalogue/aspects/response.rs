//! What every success has. These requirements have no cases of their own: each success in any case tests them.

use crate::catalogue::json_types::type_name;
use crate::catalogue::partition::Entry;
use crate::catalogue::section::Section;
use crate::contract::{Location, Member, Shape};
use crate::id::Level;
use crate::protocol::describes_body;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let mut add = |aspect: &str, level, text: String, source: &str| {
        let id = requirement::response(operation, aspect);
        section.add(Entry { id, level, text, source: source.to_owned(), partitions: Vec::new() });
    };
    if operation.output_payload().is_none() {
        add(
            "content-type",
            Level::Must,
            "The body of a success has the content type application/json, parameters are allowed, and no content \
             encoding, since each request asks for none."
                .to_owned(),
            "restJson1 › content type; RFC 9110 › 12.5.3",
        );
    }
    add(
        "error-type",
        Level::Should,
        "A success names no error type in its header.".to_owned(),
        "restJson1 › operation error serialization",
    );
    for member in &operation.output {
        let Some(text) = statement(section, member) else { continue };
        section.add(Entry {
            id: requirement::output(operation, &member.name),
            level: member.presence().unwrap_or(Level::Must),
            text,
            source: member.source.clone(),
            partitions: Vec::new(),
        });
    }
}

/// What this member of a success has to be, or `None` if it may be anything.
fn statement(section: &Section<'_>, member: &Member) -> Option<String> {
    let name = &member.name;
    if matches!(member.location, Location::ResponseCode | Location::PrefixHeaders(_)) {
        return None;
    }
    if member.rules.content.is_some() {
        return Some(format!(
            "The first success of a session has the resource's content in {name}, in no content encoding; \
             later ones have it again or nothing."
        ));
    }
    let shape = section.contract.shape(member);
    let demands = demands(member, shape);
    let is_any_text = demands.len() == 1
        && matches!(shape, Shape::String)
        && matches!(member.location, Location::Header(_));
    if member.presence().is_none() && is_any_text {
        return None;
    }
    let place = match &member.location {
        Location::Header(header) => format!(" in the header {header}"),
        _ => String::new(),
    };
    let presence = if member.presence().is_some() { "has" } else { "may have" };
    let subject = match &member.location {
        Location::Header(header) if describes_body(header) => "A success with a body",
        _ => "A success",
    };
    Some(format!("{subject} {presence} {name}{place}: {}.", demands.join(", ")))
}

/// The type of a member, then its constraints.
fn demands(member: &Member, shape: &Shape) -> Vec<String> {
    let constraints = &member.constraints;
    let mut demands = vec![type_name(shape).to_owned()];
    if let Some(length) = constraints.length {
        demands.push(match length.max {
            Some(max) => format!("{} to {max} characters long", length.min),
            None => format!("at least {} characters long", length.min),
        });
    }
    if let Some(pattern) = &constraints.pattern {
        demands.push(format!("matching `{}`", pattern.as_str()));
    }
    if let Some(min) = constraints.range.and_then(|range| range.min) {
        demands.push(format!("at least {min}"));
    }
    demands
}
