//! What HTTP demands for every operation: method, path, content type, framing, header names; and what the contract
//! leaves open about them.

use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Contract, Location, Operation, UriSegment};
use crate::generate::{Duplicate, DuplicateMember, OtherForm};
use crate::id::{Level, RequirementId};
use crate::protocol::{Arg, MessageForm};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// A segment that no path has.
const UNKNOWN_SEGMENT: &str = "boundstone-unknown";
const UNKNOWN_PATH: &str = "/boundstone-unknown";

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    methods(section);
    // An operation that needs an earlier call has the paths tested there.
    if section.operation.single_use().is_none() {
        paths(section);
    }
    if section.operation.body_members().next().is_some() {
        content_types(section);
        framing(section);
    }
    open(section);
}

fn methods(section: &mut Section<'_>) {
    let operation = section.operation;
    let others = METHODS.into_iter().filter(|method| !has_route(section.contract, method, &operation.path));
    let partition = |method: &'static str| {
        let description = format!("the method is {method}");
        Partition::new(method.to_lowercase(), description, OtherForm(vec![MessageForm::Method(method)]))
    };
    let partitions = others.map(partition).collect();
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "method"),
            level: Level::Must,
            text: format!(
                "The method is {}: a request with another one is refused with a 4xx.",
                operation.method
            ),
            source: "RFC 9110 › 15.5.6 405 Method Not Allowed".to_owned(),
            partitions,
        },
    );
}

fn paths(section: &mut Section<'_>) {
    let operation = section.operation;
    let has_route = |path: &[UriSegment]| has_route(section.contract, &operation.method, path);
    let unknown = UriSegment::Literal(UNKNOWN_SEGMENT.to_owned());
    let mut partitions = Vec::new();
    if !has_route(std::slice::from_ref(&unknown)) {
        let form = MessageForm::Path(UNKNOWN_PATH);
        let description = "the path is one that the service does not have";
        partitions.push(Partition::new("unknown", description, OtherForm(vec![form])));
    }
    if !has_route(&[&operation.path[..], &[unknown]].concat()) {
        let form = MessageForm::PathSuffix(UNKNOWN_PATH);
        let description = "the path has an additional segment";
        partitions.push(Partition::new("longer", description, OtherForm(vec![form])));
    }
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "path"),
            level: Level::Must,
            text: "A path that no operation has is refused with a 4xx.".to_owned(),
            source: "RFC 9110 › 15.5.5 404 Not Found".to_owned(),
            partitions,
        },
    );
}

fn content_types(section: &mut Section<'_>) {
    let other =
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/x-amz-json-1.1"];
    let forms = |values: &[&'static str]| {
        OtherForm(values.iter().map(|value| MessageForm::ContentType(Some(value))).collect())
    };
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "content-type"),
            level: Level::Should,
            text: "A body without the content type application/json is refused with 415, or with 400, or read anyway.".to_owned(),
            source: "restJson1 › RestJsonWithBodyExpectsApplicationJsonContentType".to_owned(),
            partitions: vec![
            Partition::new(
                "missing",
                "the request has no content type",
                OtherForm(vec![MessageForm::ContentType(None)]),
            ),
            Partition::new("other", "the content type is another one", forms(&other)),
        ],
        },
    );
    let parameters = [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    ];
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "content-type-parameters"),
            level: Level::Must,
            text: "The content type application/json may have parameters.".to_owned(),
            source: "RFC 9110 › 8.3.1 Media Type".to_owned(),
            partitions: vec![Partition::new(
                "charset",
                "the content type names its charset",
                forms(&parameters),
            )],
        },
    );
}

fn framing(section: &mut Section<'_>) {
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "framing"),
            level: Level::Should,
            text: "A body that is sent in chunks is read like any other; 411 is accepted.".to_owned(),
            source: "RFC 9112 › 7.1 Chunked Transfer Coding".to_owned(),
            partitions: vec![Partition::new(
                "chunked",
                "the body is sent in chunks",
                OtherForm(vec![MessageForm::Chunked]),
            )],
        },
    );
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "header-case"),
            level: Level::Must,
            text: "The case of letters in header names has no meaning.".to_owned(),
            source: "RFC 9110 › 5.1 Field Names".to_owned(),
            partitions: vec![Partition::new(
                "title",
                "each word of a header name begins with a capital letter",
                OtherForm(vec![MessageForm::TitleCaseHeaders]),
            )],
        },
    );
}

/// What the contract says nothing about.
fn open(section: &mut Section<'_>) {
    let operation = section.operation;
    let mut partitions = Vec::new();
    let last = operation.path.last();
    if last.is_some_and(|segment| !is_greedy(segment)) {
        let form = OtherForm(vec![MessageForm::PathSuffix("/")]);
        partitions.push(Partition::new("trailing-slash", "the path ends with a slash", form));
    }
    let mut in_query = operation.input.iter().filter(|member| matches!(member.location, Location::Query(_)));
    if let Some(member) = in_query.find(|member| member.constraints.required) {
        let name = &member.name;
        partitions.push(Partition::new(
            "plus-in-query",
            format!("{name} ends with a plus sign that is not encoded"),
            OtherForm(vec![MessageForm::PlusInQuery]),
        ));
        let other = Some(Arg::Text("a".to_owned()));
        let duplicate = |first, second| Duplicate { member: name.clone(), first, second };
        let duplicates = vec![duplicate(None, None), duplicate(None, other.clone()), duplicate(other, None)];
        partitions.push(Partition::new(
            "repeated-parameter",
            format!("{name} is in the query twice"),
            DuplicateMember(duplicates),
        ));
    }
    add_if_tested(
        section,
        Entry {
            id: http_id(section.operation, "open"),
            level: Level::Must,
            text: "A request line that the contract neither allows nor forbids is read or refused, but does not make the server fail.".to_owned(),
            source: "RFC 9110 › 15.6 Server Error 5xx".to_owned(),
            partitions,
        },
    );
}

/// Whether an operation may have this method on such a path.
fn has_route(contract: &Contract, method: &str, path: &[UriSegment]) -> bool {
    contract.operations.iter().any(|operation| operation.method == method && may_match(operation, path))
}

fn may_match(operation: &Operation, path: &[UriSegment]) -> bool {
    let may_equal = |(one, other): (&UriSegment, &UriSegment)| match (one, other) {
        (UriSegment::Literal(one), UriSegment::Literal(other)) => one == other,
        _ => true,
    };
    operation.path.iter().chain(path).any(is_greedy)
        || (operation.path.len() == path.len() && operation.path.iter().zip(path).all(may_equal))
}

fn is_greedy(segment: &UriSegment) -> bool {
    matches!(segment, UriSegment::Label { greedy: true, .. })
}

/// The requirement on one aspect of the message.
fn http_id(operation: &Operation, aspect: &str) -> RequirementId {
    RequirementId::new([&operation.name, "http", aspect])
}

/// Adds a requirement if it has partitions.
fn add_if_tested(section: &mut Section<'_>, entry: Entry) {
    if !entry.partitions.is_empty() {
        section.add(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_has_its_own_literals_only() {
        let contract = Contract::model().unwrap();
        for (method, literal, expected) in [
            ("GET", "configuration", true),
            ("POST", "configurationsessions", true),
            ("GET", "configurationsessions", false),
            ("GET", "configurations", false),
        ] {
            let path = [UriSegment::Literal(literal.to_owned())];
            assert_eq!(has_route(&contract, method, &path), expected, "{method} {literal}");
        }
    }
}
