//! What HTTP says of a request, whatever the operation: method, path, content type, framing, header
//! names; and what the contract leaves open of it.

use crate::catalogue::section::Section;
use crate::contract::{Contract, Location, Operation, UriSegment};
use crate::generate::{Deviation, Twice};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;
use crate::protocol::Form;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// A segment that no path has.
const SEGMENT: &str = "boundstone-unknown";
const UNKNOWN: &str = "/boundstone-unknown";

/// Partition, phrase and deviation of a case.
type Case = (String, String, Deviation);

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    let methods: Vec<_> = METHODS
        .into_iter()
        .filter(|method| !answers(section.contract, method, &operation.path))
        .map(|method| {
            case(&method.to_lowercase(), &format!("the method is {method}"), vec![Form::Method(method)])
        })
        .collect();
    section.http(
        "method",
        Level::Must,
        &format!("The method is {}: a request with another one is refused with a 4xx.", operation.method),
        "RFC 9110 › 15.5.6 405 Method Not Allowed",
        methods,
    );
    // Where another call has to come first, the paths would be tried there already.
    if operation.single_use().is_none() {
        paths(section);
    }
    if operation.body_members().next().is_some() {
        content_types(section);
        framing(section);
    }
    open(section);
}

fn paths(section: &mut Section<'_>) {
    let operation = section.operation;
    let further = UriSegment::Literal(SEGMENT.to_owned());
    let longer: Vec<_> = operation.path.iter().cloned().chain([further.clone()]).collect();
    let tries = [
        ("unknown", "the path is one that the service does not have", Form::Path(UNKNOWN), vec![further]),
        ("longer", "the path goes on with a further segment", Form::Longer(UNKNOWN), longer),
    ];
    let cases = tries
        .into_iter()
        .filter(|(.., path)| !answers(section.contract, &operation.method, path))
        .map(|(partition, about, form, _)| case(partition, about, vec![form]))
        .collect();
    section.http(
        "path",
        Level::Must,
        "A path that no operation has is refused with a 4xx.",
        "RFC 9110 › 15.5.5 404 Not Found",
        cases,
    );
}

fn content_types(section: &mut Section<'_>) {
    let other =
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/x-amz-json-1.1"];
    let content_type = |value| Form::ContentType(Some(value));
    section.http(
        "content-type",
        Level::Should,
        "A body without the content type application/json is refused with 415, or with 400, or read all the same.",
        "restJson1 › RestJsonWithBodyExpectsApplicationJsonContentType",
        vec![
            case("missing", "the request has no content type", vec![Form::ContentType(None)]),
            case("other", "the content type is another one", other.map(content_type).to_vec()),
        ],
    );
    let parameters = [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    ];
    section.http(
        "content-type-parameters",
        Level::Must,
        "The content type application/json may have parameters.",
        "RFC 9110 › 8.3.1 Media Type",
        vec![case("charset", "the content type names its charset", parameters.map(content_type).to_vec())],
    );
}

fn framing(section: &mut Section<'_>) {
    section.http(
        "framing",
        Level::Should,
        "A body that comes in chunks is read like any other; 411 is accepted.",
        "RFC 9112 › 7.1 Chunked Transfer Coding",
        vec![case("chunked", "the body comes in chunks", vec![Form::Chunked])],
    );
    section.http(
        "header-case",
        Level::Must,
        "The case of letters in header names has no meaning.",
        "RFC 9110 › 5.1 Field Names",
        vec![case("title", "header names begin their words with capitals", vec![Form::TitleCase])],
    );
}

/// What the contract says nothing about.
fn open(section: &mut Section<'_>) {
    let operation = section.operation;
    let mut cases = Vec::new();
    if matches!(operation.path.last(), Some(UriSegment::Literal(_) | UriSegment::Label { greedy: false, .. }))
    {
        cases.push(case("trailing-slash", "the path ends with a slash", vec![Form::Longer("/")]));
    }
    let in_query = |location: &Location| matches!(location, Location::Query(_));
    let query =
        operation.input.iter().find(|member| in_query(&member.location) && member.constraints.required);
    if let Some(member) = query {
        let name = &member.name;
        cases.push(case(
            "plus-in-query",
            &format!("{name} ends with a plus sign as it is"),
            vec![Form::Plus],
        ));
        let other = Some(Arg::Text("a".to_owned()));
        let twice = |first, second| Twice { member: name.clone(), first, second };
        let twice = vec![twice(None, None), twice(None, other.clone()), twice(other, None)];
        let about = format!("{name} stands in the query twice");
        cases.push(("repeated-parameter".to_owned(), about, Deviation::Twice(twice)));
    }
    section.http(
        "open",
        Level::Must,
        "A request line of which the contract does not say whether it is valid is read or refused, but does not make the server fail.",
        "RFC 9110 › 15.6 Server Error 5xx",
        cases,
    );
}

fn case(partition: &str, about: &str, forms: Vec<Form>) -> Case {
    (partition.to_owned(), about.to_owned(), Deviation::Form(forms))
}

/// Whether an operation may answer to this method on such a path.
fn answers(contract: &Contract, method: &str, path: &[UriSegment]) -> bool {
    let may_be = |operation: &Operation| {
        let is_greedy = |segment: &UriSegment| matches!(segment, UriSegment::Label { greedy: true, .. });
        let may_equal = |(one, other): (&UriSegment, &UriSegment)| match (one, other) {
            (UriSegment::Literal(one), UriSegment::Literal(other)) => one == other,
            _ => true,
        };
        operation.path.iter().chain(path).any(is_greedy)
            || (operation.path.len() == path.len() && operation.path.iter().zip(path).all(may_equal))
    };
    contract.operations.iter().any(|operation| operation.method == method && may_be(operation))
}

impl Section<'_> {
    /// Adds a requirement on the message, if there is anything to try.
    fn http(&mut self, aspect: &str, level: Level, text: &str, source: &str, cases: Vec<Case>) {
        if !cases.is_empty() {
            let id = RequirementId::new([&self.operation.name, "http", aspect]);
            self.requirement(id, level, text.to_owned(), source.to_owned(), cases);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_answers_to_its_own_literals_alone() {
        let contract = Contract::model().unwrap();
        let is_answered =
            |method, literal: &str| answers(&contract, method, &[UriSegment::Literal(literal.to_owned())]);
        assert!(is_answered("GET", "configuration") && is_answered("POST", "configurationsessions"));
        assert!(!is_answered("GET", "configurationsessions") && !is_answered("GET", "configurations"));
    }
}
