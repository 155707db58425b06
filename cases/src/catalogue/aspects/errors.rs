//! What every error carries. These requirements have no cases of their own: each refusal of any
//! case is a test of them. An error that does not tell its cause is no test of these: it breaks what its
//! request is to test.

use std::collections::BTreeSet;

use crate::catalogue::section::Section;
use crate::id::Level;
use crate::requirement;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let issues = section.contract.issuing(operation).is_some();
    let mut should = |aspect: &str, text: &str, source: &str| {
        section.requirement(
            requirement::errors(operation, aspect),
            Level::Should,
            text.to_owned(),
            source.to_owned(),
            [],
        );
    };
    // In whichever order the model lists them.
    let modelled: BTreeSet<_> = operation.errors.iter().map(|error| (error.status, &error.name)).collect();
    let modelled: Vec<_> = modelled.iter().map(|(status, name)| format!("{name} {status}")).collect();
    should(
        "type",
        &format!(
            "The type that an error names is one of the contract's: {}.",
            if modelled.is_empty() { "none".to_owned() } else { modelled.join(", ") }
        ),
        &format!("{} › errors", operation.source),
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
    let members = || operation.errors.iter().flat_map(|error| &error.members);
    let is_message = |name: &str| name.eq_ignore_ascii_case("message");
    if members().any(|member| is_message(&member.name)) {
        should("message", "An error carries a message, a string.", &format!("{} › errors", operation.source));
    }
    if issues || members().any(|member| !is_message(&member.name)) {
        should(
            "members",
            "The further members of an error have the values that the model gives them and that fit its cause, and none issues what a success issues.",
            &format!("{} › errors", operation.source),
        );
    }
}
