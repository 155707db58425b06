//! Finds the operation of a request, and reads its path and query.

use std::cmp::Reverse;
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

/// The operation that has the method, the path and the query of a request. Of several, it is the one with the most
/// parameters and the fewest labels.
pub(super) fn route<'a, 'r>(
    contract: &'a Contract,
    request: &'r Request,
    query: &[Parameter],
) -> Option<Route<'a, 'r>> {
    let operations = contract.operations.iter().filter(|operation| operation.method == request.method);
    let mut routes: Vec<_> = operations
        .filter(|operation| operation.query.iter().all(|literal| has_parameter(query, literal)))
        .filter_map(|operation| {
            labels(&operation.path, request.path()).map(|labels| Route { operation, labels })
        })
        .collect();
    routes
        .sort_by_key(|route| (Reverse(route.operation.query.len()), label_positions(&route.operation.path)));
    routes.into_iter().next()
}

fn has_parameter(query: &[Parameter], (name, value): &(String, Option<String>)) -> bool {
    let value = value.as_deref().unwrap_or_default();
    query.iter().any(|parameter| parameter.name == *name && parameter.value == value)
}

/// For each segment whether it is a label, so that patterns are in the order of how specific they are.
fn label_positions(pattern: &[UriSegment]) -> Vec<u8> {
    let rank = |segment: &UriSegment| match segment {
        UriSegment::Literal(_) => 0,
        UriSegment::Label { greedy: false, .. } => 1,
        UriSegment::Label { greedy: true, .. } => 2,
    };
    pattern.iter().map(rank).collect()
}

/// The labels of a path if it matches the pattern. Only one label of a pattern is greedy.
fn labels<'r>(pattern: &[UriSegment], path: &'r str) -> Option<BTreeMap<String, &'r str>> {
    let mut labels = BTreeMap::new();
    let mut rest = path.strip_prefix('/')?;
    for (index, segment) in pattern.iter().enumerate() {
        let after = pattern.len() - index - 1;
        let (text, tail) = match segment {
            UriSegment::Label { greedy: true, .. } => split_before(rest, after)?,
            _ => rest.split_once('/').unwrap_or((rest, "")),
        };
        match segment {
            UriSegment::Literal(literal) if literal == text => {}
            UriSegment::Label { member, .. } if !text.is_empty() => {
                labels.insert(member.clone(), text);
            }
            UriSegment::Literal(_) | UriSegment::Label { .. } => return None,
        }
        rest = tail;
    }
    rest.is_empty().then_some(labels)
}

/// A path before its last segments, and these.
fn split_before(path: &str, segments: usize) -> Option<(&str, &str)> {
    let Some(nth) = segments.checked_sub(1) else { return Some((path, "")) };
    let (at, _) = path.rmatch_indices('/').nth(nth)?;
    Some((&path[..at], &path[at + 1..]))
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
