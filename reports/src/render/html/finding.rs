//! A finding as a page shows it.

use crate::model::{KnownFailure, RecordedExchange, RecordedResponse};
use crate::render::text::{self, Line, abbreviated, clip};
use crate::summary::{Group, Listed, case_name, counted, times};

use super::anchor::{anchor, finding_anchor};

/// The characters that are shown of a body; `report.json` has all of it.
const MAX_BODY: usize = 4_000;

pub(super) struct FindingView<'a> {
    pub(super) listed: Listed<'a>,
    pub(super) anchor: String,
    /// Where the page lists the requirement.
    pub(super) requirement_anchor: String,
    /// The name of its case, if the case belongs to the requirement.
    pub(super) case: Option<&'a str>,
    /// What is wrong, in a line.
    pub(super) gist: String,
    /// The expected value of the first field that differs.
    pub(super) demanded: Option<String>,
    pub(super) times: String,
    pub(super) sent: String,
    pub(super) expected: Vec<Line>,
    pub(super) received: Vec<Line>,
    /// The known failures that cover it; empty if it is not known.
    pub(super) known: Vec<&'a KnownFailure>,
    /// The beginning of the body of the last response.
    pub(super) body: Option<String>,
    /// The other cases that show it.
    pub(super) also: String,
    /// The cases that no known failure covers, if one covers other cases.
    pub(super) uncovered: Option<String>,
    /// Why the counterexample may not be the smallest, if so.
    pub(super) not_minimized: Option<String>,
    pub(super) steps: Vec<Step>,
    /// The other findings of its group.
    pub(super) others: Vec<FindingView<'a>>,
    /// `The same in 2 more requirements`, if there are others.
    pub(super) more: String,
}

/// A request and its response.
pub(super) struct Step {
    /// Method and path.
    pub(super) request_line: String,
    /// The beginning of the body.
    pub(super) body: Option<String>,
    /// What precedes the request, such as a pause.
    pub(super) before: Option<String>,
    /// The status, or the transport failure.
    pub(super) status: String,
    pub(super) request: String,
    pub(super) response: String,
}

impl<'a> FindingView<'a> {
    pub(super) fn new(listed: Listed<'a>) -> Self {
        let finding = listed.finding;
        let exchanges = &finding.counterexample;
        let (expected, received) = text::sides(finding);
        Self {
            anchor: finding_anchor(&listed),
            requirement_anchor: anchor(listed.requirement.id.as_str()),
            case: Some(case_name(listed.requirement, &finding.case))
                .filter(|name| *name != finding.case.as_str()),
            gist: text::gist(finding).unwrap_or_else(|| finding.verdict.to_string()),
            demanded: finding
                .differences
                .first()
                .map(|it| format!("{} {}", clip(&it.field, 80), abbreviated(&it.expected, 120))),
            times: times(finding),
            sent: exchanges.last().map(|last| text::request(&last.request, MAX_BODY)).unwrap_or_default(),
            expected,
            received,
            body: exchanges.last().and_then(|last| body(&last.response)),
            also: also(&listed),
            known: listed.entries().filter(|_| finding.is_known()).collect(),
            uncovered: text::known(&listed).filter(|_| !finding.is_known()).map(|(_, text)| text),
            not_minimized: text::not_minimized(finding),
            steps: exchanges.iter().map(step).collect(),
            others: Vec::new(),
            more: String::new(),
            listed,
        }
    }

    /// The first finding of a group with the others.
    pub(super) fn of_group(group: Group<'a>) -> Self {
        let more = group.more().map(|more| more.replacen("the", "The", 1)).unwrap_or_default();
        let others = group.others.into_iter().map(Self::new).collect();
        Self { others, more, ..Self::new(group.first) }
    }
}

/// The beginning of a response's body, which often says what is wrong.
fn body(response: &RecordedResponse) -> Option<String> {
    match response {
        RecordedResponse::Response { body, .. } => {
            Some(text::payload(body, 400)).filter(|body| !body.is_empty())
        }
        RecordedResponse::TransportFailure { .. } => None,
    }
}

/// `object, number and 3 more`: the other cases of the requirement.
fn also(listed: &Listed<'_>) -> String {
    const MAX_NAMED: usize = 8;
    let others = listed.finding.cases.iter().filter(|case| **case != listed.finding.case);
    let names: Vec<&str> = others.map(|case| case_name(listed.requirement, case)).collect();
    let (named, more) = names.split_at(names.len().min(MAX_NAMED));
    let named = named.join(", ");
    if more.is_empty() { named } else { format!("{named} and {} more", more.len()) }
}

fn step(exchange: &RecordedExchange) -> Step {
    let request = &exchange.request;
    let before = if request.at_once {
        Some("at the same time as the request before".to_owned())
    } else if request.after_seconds > 0 {
        Some(format!("{} later", counted(request.after_seconds, "second")))
    } else {
        None
    };
    Step {
        request_line: clip(&text::request_line(request), 160),
        body: Some(text::payload(&request.body, 200)).filter(|body| !body.is_empty()),
        before,
        status: clip(&text::status(&exchange.response), 160),
        request: text::request(request, MAX_BODY),
        response: text::response(&exchange.response, MAX_BODY),
    }
}
