//! The trait `aws.auth#sigv4`: requests without a signature, and with one that is wrong.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{CommonError, Location};
use crate::generate::OtherForm;
use crate::id::Level;
use crate::protocol::MessageForm;
use crate::requirement;
use crate::signing::Signing;

/// A requirement on signatures, before it is known for which partitions the contract has errors.
struct Draft<'a> {
    aspect: &'a str,
    level: Level,
    /// What is refused, as the subject of a sentence.
    subject: &'a str,
    source: &'a str,
    partitions: &'a [(&'a str, Signing)],
}

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    if !section.contract.is_signed(operation) {
        return;
    }
    let has_body = operation.body_members().next().is_some();
    let has_query = operation.input.iter().any(|member| matches!(member.location, Location::Query(_)));
    let tampered = [
        has_body.then_some(("body-changed", Signing::TamperedBody)),
        has_query.then_some(("query-changed", Signing::TamperedQuery)),
    ];
    let tampered: Vec<_> = tampered.into_iter().flatten().collect();
    for draft in [
        Draft {
            aspect: "required",
            level: Level::Should,
            subject: "A request that is not signed",
            source: "SigV4 › signed requests",
            partitions: &[("unsigned", Signing::Absent)],
        },
        Draft {
            aspect: "key",
            level: Level::Must,
            subject: "A signature with an access key id that nobody has, or with a secret key that is not its own,",
            source: "SigV4 › access keys",
            partitions: &[("unknown", Signing::UnknownKey), ("wrong-secret", Signing::WrongSecret)],
        },
        Draft {
            aspect: "time",
            level: Level::Must,
            subject: "A signature that is a day old",
            source: "SigV4 › date of a request",
            partitions: &[("expired", Signing::Expired)],
        },
        Draft {
            aspect: "integrity",
            level: Level::Must,
            subject: "A signature that was made for another body or query than the request has",
            source: "SigV4 › canonical request",
            partitions: &tampered,
        },
        Draft {
            aspect: "service",
            level: Level::Must,
            subject: "A signature for another service",
            source: "SigV4 › credential scope",
            partitions: &[("other-service", Signing::OtherService)],
        },
        Draft {
            aspect: "region",
            level: Level::Should,
            subject: "A signature for another region",
            source: "SigV4 › credential scope",
            partitions: &[("other-region", Signing::OtherRegion)],
        },
    ] {
        add_draft(section, &draft);
    }
}

/// Adds a requirement with the partitions for which the contract has errors, if there are any.
fn add_draft(section: &mut Section<'_>, draft: &Draft<'_>) {
    let mut errors = Vec::new();
    let mut partitions = Vec::new();
    for (id, signing) in draft.partitions {
        let Some(error) = usual_error(section, *signing) else { continue };
        errors.push(error);
        let description = format!("the request is {}", signing.description());
        partitions.push(Partition::new(*id, description, OtherForm(vec![MessageForm::Signed(*signing)])));
    }
    errors.dedup();
    if partitions.is_empty() {
        return;
    }
    section.add(Entry {
        id: requirement::signature(section.operation, draft.aspect),
        level: draft.level,
        text: format!(
            "{} is refused with {}, or another common error of its kind.",
            draft.subject,
            errors.join(" or ")
        ),
        source: draft.source.to_owned(),
        partitions,
    });
}

/// The usual error for a request that is signed in this way, with its status.
fn usual_error(section: &Section<'_>, signing: Signing) -> Option<String> {
    let name = section.contract.signature_errors.get(&signing)?.first()?;
    let is_named = |common: &&CommonError| common.names().contains(name);
    let common = section.contract.common_errors.iter().find(is_named)?;
    Some(format!("{} {name}", common.statuses.first()?))
}
