//! Finds the operation of a request, and reads its path and query.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::reading::OpenReason;
use crate::contract::{Contract, Operation, UriSegment};
use crate::protocol::Request;

/// An operation with the labels of a path, still percent-encoded.
pub(super) struct Route<'a, 'r> {
    pub(super) operation: &'a Operation,
    pub(super) labels: BTreeMap<String, &'r str>,
}

/// A parameter of a query, decoded. Without `=` its value is the empty string.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: String,
    /// Why the value is open, if it is.
    pub(super) open: Option<OpenReason>,
}

/// The operation that has the method and the path of a request.
pub(super) fn route<'a, 'r>(contract: &'a Contract, request: &'r Request) -> Option<Route<'a, 'r>> {
    let mut operations = contract.operations.iter().filter(|operation| operation.method == request.method);
    operations.find_map(|operation| {
        labels(&operation.path, request.path()).map(|labels| Route { operation, labels })
    })
}

/// The labels of a path if it matches the pattern.
fn labels<'r>(pattern: &[UriSegment], path: &'r str) -> Option<BTreeMap<String, &'r str>> {
    let mut labels = BTreeMap::new();
    let mut rest = path.strip_prefix('/')?;
    for (index, segment) in pattern.iter().enumerate() {
        let takes_rest = index + 1 == pattern.len() && ends_greedy(pattern);
        let (text, after) = if takes_rest { (rest, "") } else { rest.split_once('/').unwrap_or((rest, "")) };
        match segment {
            UriSegment::Literal(literal) if literal == text => {}
            UriSegment::Label { member, .. } if !text.is_empty() => {
                labels.insert(member.clone(), text);
            }
            UriSegment::Literal(_) | UriSegment::Label { .. } => return None,
        }
        rest = after;
    }
    rest.is_empty().then_some(labels)
}

/// Whether a request has a slash after the path of its operation.
pub(super) fn has_trailing_slash(operation: &Operation, request: &Request) -> bool {
    request.path().ends_with('/') && !operation.path.is_empty() && !ends_greedy(&operation.path)
}

fn ends_greedy(pattern: &[UriSegment]) -> bool {
    matches!(pattern.last(), Some(UriSegment::Label { greedy: true, .. }))
}

/// A percent-encoded text, decoded, and why its value is open if it is.
pub(super) fn decode(text: &str) -> (String, Option<OpenReason>) {
    let octets = percent_decode_str(text);
    match octets.clone().decode_utf8() {
        Ok(text) => (text.into_owned(), None),
        Err(_) => (octets.decode_utf8_lossy().into_owned(), Some(OpenReason::NotUtf8)),
    }
}

/// The parameters of a query, in order.
pub(super) fn query_parameters(query: &str) -> Vec<Parameter> {
    query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, text)| {
            let (value, open) = decode(text);
            // A `+` that is not percent-encoded.
            let open = text.contains('+').then_some(OpenReason::Plus).or(open);
            Parameter { name: decode(name).0, value, open }
        })
        .collect()
}
