//! What every error has. These requirements have no cases of their own: each refusal in any case tests them. An
//! error that does not identify its cause is no test of these; it breaks the requirement that its request tests.

use std::collections::BTreeSet;

use crate::catalogue::partition::Entry;
use crate::catalogue::section::Section;
use crate::contract::{Member, Operation};
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let own = format!("{} › errors", operation.source);
    let is_issuer = section.contract.issued_member(operation).is_some();
    let members = || operation.errors.iter().flat_map(|error| &error.members);
    let mut should = |aspect: &str, text: &str, source: &str| {
        section.add(Entry {
            id: requirement::errors(operation, aspect),
            level: Level::Should,
            text: text.to_owned(),
            source: source.to_owned(),
            partitions: Vec::new(),
        });
    };
    should(
        "type",
        &format!("The type that an error names is one of the contract's: {}.", types(operation)),
        &own,
    );
    should(
        "type-header",
        "An error names its type in the header X-Amzn-Errortype.",
        "restJson1 › operation error serialization",
    );
    should(
        "content-type",
        "An error has the content type application/json and no content encoding, since each request asks for none.",
        "restJson1 › content type; RFC 9110 › 12.5.3",
    );
    if members().any(is_message) {
        should("message", "An error has a message, a string.", &own);
    }
    if is_issuer || members().any(|member| !is_message(member)) {
        should(
            "members",
            "The other members of an error have the values that the model gives them and that fit its cause, and none issues what a success issues.",
            &own,
        );
    }
}

/// The types of the modelled errors, by status and not in the order of the model.
fn types(operation: &Operation) -> String {
    let errors: BTreeSet<_> = operation.errors.iter().map(|error| (error.status, &error.name)).collect();
    let types: Vec<_> = errors.iter().map(|(status, name)| format!("{name} {status}")).collect();
    if types.is_empty() { "none".to_owned() } else { types.join(", ") }
}

fn is_message(member: &Member) -> bool {
    member.name.eq_ignore_ascii_case("message")
}
