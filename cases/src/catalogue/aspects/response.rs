//! What every success carries. These requirements have no cases of their own: each success of any
//! case is a test of them.

use crate::catalogue::json_types::described;
use crate::catalogue::section::Section;
use crate::contract::{Location, Member, Shape};
use crate::id::Level;
use crate::protocol::describes_body;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    if operation.output_payload().is_none() {
        section.requirement(
            requirement::response(operation, "content-type"),
            Level::Must,
            "The body of a success has the content type application/json, parameters are allowed, and no content \
             encoding, since each request asks for none."
                .to_owned(),
            "restJson1 › content type; RFC 9110 › 12.5.3".to_owned(),
            [],
        );
    }
    section.requirement(
        requirement::response(operation, "error-type"),
        Level::Should,
        "A success names no error type in its header.".to_owned(),
        "restJson1 › operation error serialization".to_owned(),
        [],
    );
    for member in &operation.output {
        let Some(text) = statement(section, member) else { continue };
        section.requirement(
            requirement::response(operation, &member.name),
            member.presence().unwrap_or(Level::Must),
            text,
            member.source.clone(),
            [],
        );
    }
}

/// What a success has to say in this member, or `None` if any success will do.
fn statement(section: &Section<'_>, member: &Member) -> Option<String> {
    let name = &member.name;
    if member.rules.content.is_some() {
        return Some(format!(
            "The first success of a session carries the resource's content in {name}, in no content encoding; \
             later ones carry it again or nothing."
        ));
    }
    let constraints = &member.constraints;
    let shape = section.contract.shape(member);
    let mut demands = vec![described(shape).to_owned()];
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
    let unbound = demands.len() == 1
        && matches!(shape, Shape::String)
        && matches!(member.location, Location::Header(_));
    if member.presence().is_none() && unbound {
        return None;
    }
    let place = match &member.location {
        Location::Header(header) => format!(" in the header {header}"),
        _ => String::new(),
    };
    let presence = if member.presence().is_some() { "carries" } else { "may carry" };
    let whose = match &member.location {
        Location::Header(header) if describes_body(header) => "A success with a body",
        _ => "A success",
    };
    Some(format!("{whose} {presence} {name}{place}: {}.", demands.join(", ")))
}
