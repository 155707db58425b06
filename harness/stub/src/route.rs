//! Finds the operation of a request.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cases::contract::{Contract, Operation, UriSegment};
use http::{Request, Uri};
use percent_encoding::percent_decode_str;

/// The operation of a request, and the text of its labels.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    pub(crate) operation: &'a Operation,
    /// By the name of the member, decoded. `None` is text that is not UTF-8.
    pub(crate) labels: BTreeMap<&'a str, Option<String>>,
}

/// The most specific operation with the method, the path and the query of a request.
pub(crate) fn route<'a, B>(contract: &'a Contract, request: &Request<B>) -> Option<Route<'a>> {
    let mut best: Option<Route<'a>> = None;
    let segments = segments(request.uri());
    let query = query_parameters(request.uri());
    for operation in contract.operations.iter().filter(|it| it.method == request.method().as_str()) {
        let Some(labels) = match_path(&operation.path, &segments) else { continue };
        let is_better = best.as_ref().is_none_or(|best| rank(operation) < rank(best.operation));
        if is_better && has_literals(operation, &query) {
            best = Some(Route { operation, labels });
        }
    }
    best
}

/// The parameters of a query, decoded. Without `=` a value is empty.
pub(crate) fn query_parameters(uri: &Uri) -> Vec<(String, Option<String>)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split.filter_map(|(name, value)| Some((decode(name)?, decode(value)))).collect()
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

/// The segments of a path, still encoded. A slash at the end opens no segment.
fn segments(uri: &Uri) -> Vec<&str> {
    let path = uri.path().strip_prefix('/').unwrap_or(uri.path());
    if path.is_empty() { Vec::new() } else { path.strip_suffix('/').unwrap_or(path).split('/').collect() }
}

/// What orders patterns, the most specific one first: a literal before a label, a label before a greedy one, more
/// literals in the query before fewer.
fn rank(operation: &Operation) -> (Vec<u8>, std::cmp::Reverse<usize>) {
    let kinds = operation.path.iter().map(|segment| match segment {
        UriSegment::Literal(_) => 0,
        UriSegment::Label { greedy: false, .. } => 1,
        UriSegment::Label { greedy: true, .. } => 2,
    });
    // A longer pattern is more specific than its beginning.
    (kinds.chain([3]).collect(), std::cmp::Reverse(operation.query.len()))
}

fn has_literals(operation: &Operation, query: &[(String, Option<String>)]) -> bool {
    operation.query.iter().all(|(name, value)| {
        query.iter().any(|(other, given)| name == other && (value.is_none() || value == given))
    })
}

/// The labels of a pattern in a path, if it matches.
fn match_path<'a>(pattern: &'a [UriSegment], path: &[&str]) -> Option<BTreeMap<&'a str, Option<String>>> {
    let greedy = pattern.iter().position(|segment| matches!(segment, UriSegment::Label { greedy: true, .. }));
    let spare = path.len().checked_sub(pattern.len())?;
    if greedy.is_none() && spare > 0 {
        return None;
    }
    let mut labels = BTreeMap::new();
    let mut rest = path;
    for (nth, segment) in pattern.iter().enumerate() {
        let length = if greedy == Some(nth) { spare + 1 } else { 1 };
        let (taken, after) = rest.split_at_checked(length)?;
        rest = after;
        let text = taken.join("/");
        match segment {
            UriSegment::Literal(literal) if decode(&text).as_ref() == Some(literal) => {}
            UriSegment::Label { member, .. } if !text.is_empty() => {
                labels.insert(member.as_str(), decode(&text));
            }
            _ => return None,
        }
    }
    Some(labels)
}
